import ExportCore
package import ExportWarehouse

/// An error that ends a whole load.
package enum LoadError: Error, Sendable, Hashable {
    case clientNotStarted(program: String, reason: String, WarehouseSystem)
    /// The program is not the system's client.
    case otherClient(program: String, WarehouseSystem)
    case tooOld(version: String, WarehouseSystem)
    /// Windows should be removed, but it is unknown which ones are gone while a run writes.
    case runAtWork(destination: String, holder: String?)
    /// The system refused the session, with the client's own message.
    case refused(String)
    /// The system cannot be reached, or is busy.
    case unavailable(String)
    case noSchema(String, WarehouseSystem)
    case noCurrentSchema
    /// The client keeps rows only in memory.
    case noDatabaseFile(program: String)
    /// A statement exceeds the maximum length of a program's argument.
    case longStatement(bytes: Int)
    case table(TableObstacle)
    case statement(StatementError)
    /// The system's answer does not match the statement.
    case unreadableAnswer
    /// A file for the client could not be written.
    case temporaryFile(path: String, reason: String)
}

extension LoadError {
    /// Whether the same command may succeed later.
    package var isRetryable: Bool {
        switch self {
        case .unavailable, .runAtWork: true
        case .statement(let error): error.isRetryable
        default: false
        }
    }
}

extension LoadError {
    /// Whether the same would happen to every window.
    var concernsEveryWindow: Bool {
        switch self {
        case .statement(let error): error.isDenial
        case .temporaryFile, .clientNotStarted, .otherClient: true
        default: false
        }
    }
}

extension LoadError: CustomStringConvertible {
    /// Names of tables and columns are those of a warehouse, which anybody may have made.
    package var description: String { words.shown() }

    private var words: String {
        switch self {
        case .clientNotStarted(let program, let reason, let system):
            """
            the client \(program) could not be started: \(reason). Install \(Self.clientName(system)), or give the command that starts it \
            with --client.
            """
        case .otherClient(let program, let system):
            """
            \(program) does not answer as \(Self.clientName(system)) does. With --client, give a command that starts \
            \(Self.clientName(system)), passes on all of its options, and prints nothing else.
            """
        case .tooOld(let version, let system):
            "the server is \(Self.systemName(system)) \(version), which is too old: version \(system.oldestVersion ?? "") or newer is needed."
        case .runAtWork(let destination, let holder):
            """
            a run is writing to \(destination)\(holder.map { ": \($0)" } ?? ""). --prune removes nothing meanwhile, because a window that \
            is being written looks as if it were gone. Nothing was loaded: load again when the run has ended.
            """
        case .refused(let words): "the client could not open a session: \(words)"
        case .unavailable(let words): "the warehouse cannot be reached: \(words)"
        case .noSchema(let schema, let system):
            """
            there is no \(system == .clickhouse ? "database" : "schema") \(schema). Create it first: \
            CREATE \(system == .clickhouse ? "DATABASE" : "SCHEMA") \(system.quoted(schema));
            """
        case .noCurrentSchema:
            "the session has no schema to create tables in: give one with --namespace, or set search_path for this user."
        case .noDatabaseFile(let program):
            """
            \(program) has opened no database file, so the rows would be gone when it ends. Name the file: --client \"\(program) \
            warehouse.db\", or load.client in the pipeline file.
            """
        case .longStatement(let bytes):
            """
            the statement that takes the rows of the table has \(bytes) bytes, and a program takes arguments of less than \
            \(RepeatedSession.longestArgument): the output has too many columns. Declare fewer with columns.
            """
        case .table(.requiredColumn(let table, let column)):
            """
            each row of \(table) must have a value for the column \(column), which the output does not have. Add the column to the \
            output, or rename the table so that load creates a new one.
            """
        case .table(.notOurs(let table, let migration)):
            """
            the table \(table) was not made by load: it lacks the columns that load adds. Rename it and load again, so \
            that all windows are loaded into a new table: \(migration.joined(separator: " "))
            """
        case .table(.otherType(let table, let column, let type, let wanted)):
            """
            the column \(column) of \(table) has the type \(type), but the export needs \(wanted). Change the type of the column, or \
            rename the table so that load creates a new one.
            """
        case .table(.otherLedger(let table, let missing)):
            """
            the table \(table) is not a ledger that this version can read: it has no column \(missing). \
            Scripts of load --print make such tables; give this load another --namespace or --prefix.
            """
        case .statement(let error): "\(error)"
        case .temporaryFile(let path, let reason):
            "\(path) could not be written: \(reason). Set TMPDIR to a folder with room for the rows of a window."
        case .unreadableAnswer: "the client printed output that no statement asked for. Check that it prints nothing of its own."
        }
    }

    /// The name of a system in messages.
    package static func systemName(_ system: WarehouseSystem) -> String {
        switch system {
        case .postgres: "PostgreSQL"
        case .duckdb: "DuckDB"
        case .clickhouse: "ClickHouse"
        case .bigquery: "BigQuery"
        case .snowflake: "Snowflake"
        case .redshift: "Redshift"
        }
    }

    private static func clientName(_ system: WarehouseSystem) -> String { system.clientProgram ?? "" }
}

extension StatementError: CustomStringConvertible {
    public var description: String {
        let column = column.map { ", column \($0)" } ?? ""
        if let message { return "the warehouse refused a statement (\(state)\(column)): \(message)" }
        if let meaning = Self.meaning(state) { return "the warehouse refused a value (\(state)\(column)): \(meaning)" }
        return """
            the warehouse refused a statement (\(state)\(column)). Its message is not shown, because it may contain values of rows: \
            see the log of the warehouse.
            """
    }

    /// The meaning of states that concern a value. `nil` for others.
    private static func meaning(_ state: String) -> String? {
        switch state {
        case "22P02", "22007", "22008", "Conversion Error": "it does not have the type of its column"
        case "22003", "Out of Range Error": "it is outside the range of its column's type"
        case "22021", "22P05": "a character cannot be stored in the database's encoding"
        case "54000", "22001": "it is too long"
        case "CANNOT_PARSE_INPUT_ASSERTION_FAILED", "CANNOT_PARSE_NUMBER", "CANNOT_PARSE_DATETIME", "CANNOT_PARSE_BOOL",
            "CANNOT_PARSE_TEXT", "INCORRECT_DATA":
            "it does not have the type of its column"
        case "ARGUMENT_OUT_OF_BOUND", "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE": "it is outside the range of its column's type"
        case _ where state.startsExactly(with: "22") && state.utf8.count == 5: "it does not fit its column"
        default: nil
        }
    }
}
