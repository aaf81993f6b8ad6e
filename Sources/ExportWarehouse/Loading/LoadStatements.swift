package import ExportCore
import FoundationEssentials

/// The queries of a load: for tables, the ledger, and their contents.
package struct LoadStatements: Sendable {
    let dialect: any LoadDialect
    /// The schema of all tables.
    package let schema: String

    /// The name of the ledger.
    package static let ledger = "_agentsight_loads"
    /// The name of the table of deleted rows.
    package static let deleted = "_agentsight_deleted"

    init(_ dialect: any LoadDialect, schema: String) {
        self.dialect = dialect
        self.schema = schema
    }

    /// How windows are replaced.
    package var replacing: Replacing {
        if let dialect = dialect as? any TransactionDialect {
            .transactions(TransactionStatements(questions: self, dialect))
        } else {
            .versions(VersionStatements(questions: self))
        }
    }

    /// The ways in which a window replaces its older version.
    package enum Replacing: Sendable {
        /// In a transaction.
        case transactions(TransactionStatements)
        /// Under a new number, which one statement makes the current one.
        case versions(VersionStatements)
    }

    /// The statement with which users can remove the rows of a window that no load has written.
    package func removal(ofStrays key: LoadKey, from table: LoadTable) -> String {
        switch replacing {
        case .transactions(let statements): statements.removal(ofStrays: key, from: table)
        case .versions(let statements): statements.removal(ofStrays: key, from: table)
        }
    }

    private static let ledgerColumns: [(name: String, type: ColumnType)] = [
        ("pipeline", .string), ("agent", .string), ("window", .string), ("window_start", .timestamp), ("window_end", .timestamp),
        ("table", .string), ("content_sha256", .string), ("rows", .integer), ("distinct_ids", .integer), ("digest_sum", .string),
        ("hash", .string), ("columns", .string), ("replaced_characters", .integer), ("run", .string), ("loaded_at", .timestamp),
    ]

    /// The columns of the ledger, with the types that the system has for them.
    var ledgerColumns: [(name: String, type: String)] { Self.ledgerColumns.map { ($0.name, type($0.type)) } }

    var deletedColumns: [(name: String, type: String)] {
        let (text, integer, time) = (type(.string), type(.integer), type(.timestamp))
        return [
            ("table", text), ("id", integer), ("pipeline", text), ("agent", text), ("window", text), ("deleted_at", time),
        ]
    }

    /// The type of a column that may be null.
    package func type(_ type: ColumnType) -> String { dialect.type(of: type) }
    func quoted(_ name: String) -> String { dialect.warehouse.quoted(name) }
    func quoted(_ column: LoadTable.LoadColumn) -> String { quoted(column.rawValue) }
    func literal(_ text: String) -> String { dialect.warehouse.literal(text) }
    func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }
    func qualified(_ name: String) -> String { "\(quoted(schema)).\(quoted(name))" }
    func instant(_ text: String) -> String { dialect.instant(text) }

    var ledgerName: String { qualified(Self.ledger) }
    var deletedName: String { qualified(Self.deleted) }

    /// The condition for the rows of windows with a key.
    /// - Parameter alias: The alias of the table in the statement, with a point.
    func condition(_ key: LoadKey, windows: [String], _ alias: String = "") -> String {
        "\(alias)\(quoted(.pipeline)) = \(literal(key.pipeline))"
            + " AND \(alias)\(quoted(.agent)) = \(literal(key.agent))"
            + " AND \(alias)\(quoted(.window)) IN (\(windows.map(literal).joined(separator: ", ")))"
    }

    func ledgerCondition(_ key: LoadKey, windows: [String]) -> String {
        "\(quoted("pipeline")) = \(literal(key.pipeline)) AND \(quoted("agent")) = \(literal(key.agent))"
            + " AND \(quoted("window")) IN (\(windows.map(literal).joined(separator: ", ")))"
    }
}

/// The key that distinguishes a window of a warehouse from the others.
package struct LoadKey: Sendable, Hashable {
    /// The pipeline's name.
    package let pipeline: String
    /// The agent's name in the pipeline file. Empty if there is only one key.
    package let agent: String
    /// The window's key as in the manifest, with the agent's name.
    package let window: String

    /// Creates the key of a window.
    package init(pipeline: String, window: String) {
        self.pipeline = pipeline
        agent = Window.parts(ofKey: window).agent ?? ""
        self.window = window
    }

    /// The key in the rows of a table, which may be untrusted.
    package init(pipeline: String, agent: String, window: String) {
        self.pipeline = pipeline
        self.agent = agent
        self.window = window
    }

    /// Whether the agent is the one that the window's key names.
    package var isConsistent: Bool { agent.equalsExactly(Window.parts(ofKey: window).agent ?? "") }
}

// MARK: - Definitions

/// A table in the catalog of a warehouse.
package struct CatalogTable: Sendable, Hashable {
    private var types: [[UInt8]: String] = [:]
    /// The columns that each row must give a value.
    package private(set) var required: [String] = []
    private let foldsCase: Bool

    fileprivate init(foldsCase: Bool) {
        self.foldsCase = foldsCase
    }

    /// The type of a column. `nil` if there is no column with this name.
    package subscript(column: String) -> String? { types[Self.identity(of: column, foldsCase: foldsCase)] }

    /// Adds a column.
    package mutating func add(_ column: String, type: String, isRequired: Bool) {
        types[Self.identity(of: column, foldsCase: foldsCase)] = type
        // Catalogs are compared, and have no order of their own.
        if isRequired { required = (required + [column]).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
    }

    /// The common form of the names that the system treats as one.
    fileprivate static func identity(of name: String, foldsCase: Bool) -> [UInt8] {
        name.utf8.map { foldsCase && (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
}

extension LoadStatements {
    /// A table of the catalog, without columns yet.
    package var catalogTable: CatalogTable { CatalogTable(foldsCase: dialect.foldsCase) }

    /// The common form of the names that the system treats as one.
    package func identity(of name: String) -> [UInt8] { CatalogTable.identity(of: name, foldsCase: dialect.foldsCase) }
}

/// A change that a table of the warehouse needs before rows can be loaded.
package struct TableChange: Sendable, Hashable {
    /// A kind of change.
    package enum Kind: Sendable, Hashable {
        case create
        case add(column: String, type: String)
        case widen(column: String, type: String)
    }
    /// The changes, in order.
    package let kinds: [Kind]
}

/// The reason why a table of the warehouse cannot be loaded.
package enum TableObstacle: Error, Sendable, Hashable {
    /// The table was filled by the statements of `schema`, or by another program.
    case notOurs(table: String, migration: [String])
    case otherType(table: String, column: String, type: String, wanted: String)
    /// Each row must have a value for a column that the output does not have.
    case requiredColumn(table: String, column: String)
    /// The ledger is not one that this version made.
    case otherLedger(table: String, missing: String)
}

extension LoadStatements {
    /// The names of all tables that a load uses.
    package func tableNames(_ tables: [LoadTable]) -> [String] { tables.map(\.name) + [Self.ledger, Self.deleted] }

    /// A former table of the pipeline, of which rows are removed.
    /// - Returns: `nil` if there is no such table, or it was not created by a load.
    package func former(_ table: Table, named name: String, having there: CatalogTable?) -> LoadTable? {
        guard let there, LoadTable.LoadColumn.allCases.allSatisfy({ there[$0.rawValue] != nil }) else { return nil }
        return LoadTable(former: table, name: name, hasID: there["id"] == dialect.catalogType(of: .integer))
    }

    /// Compares a table with that of the warehouse.
    /// - Parameter there: The existing table. `nil` if there is none.
    /// - Throws: `TableObstacle`.
    package func changes(to table: LoadTable, having there: CatalogTable?) throws(TableObstacle) -> TableChange {
        guard let there else { return TableChange(kinds: [.create]) }
        let name = "\(schema).\(table.name)"
        for added in LoadTable.LoadColumn.allCases where there[added.rawValue] == nil {
            throw .notOurs(
                table: name, migration: [dialect.renaming(of: table.name, to: table.name + "_before_load", in: schema)])
        }
        try checkTypes(of: LoadTable.LoadColumn.allCases.map { ($0.rawValue, $0.type) }, in: name, having: there)
        let filled = Set((table.columns.map(\.name) + LoadTable.LoadColumn.allCases.map(\.rawValue)).map(identity))
        if let column = there.required.first(where: { !filled.contains(identity(of: $0)) }) {
            throw .requiredColumn(table: name, column: column)
        }
        var kinds: [TableChange.Kind] = []
        for column in table.columns {
            let wanted = dialect.catalogType(of: column.type)
            guard let type = there[column.name] else {
                kinds.append(.add(column: column.name, type: self.type(column.type)))
                continue
            }
            if type == wanted || dialect.widerTypes(than: column.type).contains(type) { continue }
            let isNarrower =
                ColumnType.allCases.contains {
                    dialect.catalogType(of: $0) == type && dialect.widerTypes(than: $0).contains(wanted)
                } || (type == dialect.catalogType(of: .integer) && column.type == .number)
            guard isNarrower else {
                throw .otherType(table: name, column: column.name, type: type, wanted: wanted)
            }
            kinds.append(.widen(column: column.name, type: self.type(column.type)))
        }
        return TableChange(kinds: kinds)
    }

    /// Compares the ledger with the one that this version makes.
    /// - Throws: `TableObstacle.otherLedger`, `otherType`.
    package func checkLedger(having there: CatalogTable?) throws(TableObstacle) {
        guard let there else { return }
        let name = "\(schema).\(Self.ledger)"
        for (column, _) in Self.ledgerColumns where there[column] == nil {
            throw .otherLedger(table: name, missing: column)
        }
        try checkTypes(of: Self.ledgerColumns, in: name, having: there)
    }

    /// Checks the types of the load's own columns. In ClickHouse they are those of views.
    private func checkTypes(of columns: [(name: String, type: ColumnType)], in table: String, having there: CatalogTable)
        throws(TableObstacle)
    {
        guard dialect is any TransactionDialect else { return }
        for (column, type) in columns {
            let wanted = dialect.catalogType(of: type)
            guard let found = there[column], found != wanted, type != .string || !dialect.widerTypes(than: type).contains(found)
            else { continue }
            throw .otherType(table: table, column: column, type: found, wanted: wanted)
        }
    }
}

// MARK: - Ledger

extension LoadStatements {
    /// A condition on the ledger's entries of the windows that are loaded again once a table is changed. `nil`: none are.
    ///
    /// A value of a column that was wider reads otherwise, and a new table holds nothing. A column that is added was new when it was
    /// found, and no window has it; or it is one that was dropped, and the entries of its windows name it.
    func reloading(_ table: LoadTable, _ change: TableChange) -> String? {
        let own = "\(quoted("table")) = \(literal(table.name))"
        var added: [String] = []
        for kind in change.kinds {
            switch kind {
            case .create, .widen: return own
            case .add(let column, _): added.append(column)
            }
        }
        guard !added.isEmpty else { return nil }
        let names = added.flatMap { column -> [String] in
            let name = LedgerEntry.json([column]).dropFirst().dropLast()
            return ["[\(name)", ",\(name)"].map { dialect.contains($0, in: quoted("columns")) }
        }
        return "\(own) AND (\(names.joined(separator: " OR ")))"
    }

    /// Selects a pipeline's ledger entries: arrays of agent, window, start, end, table, content, rows; with `isWhole` also distinct ids,
    /// sum of digests, hash and columns.
    package func ledgerRows(of pipeline: String, whole isWhole: Bool = false) -> String {
        "\(ledgerRows(isWhole)) WHERE \(quoted("pipeline")) = \(literal(pipeline));"
    }

    /// Selects the ledger entries of a window, as `ledgerRows(of:whole:)` does.
    package func ledgerRows(of key: LoadKey) -> String {
        "\(ledgerRows(false)) WHERE \(ledgerCondition(key, windows: [key.window]));"
    }

    private func ledgerRows(_ isWhole: Bool) -> String {
        let names =
            ["agent", "window", "window_start", "window_end", "table", "content_sha256", "rows"]
            + (isWhole ? ["distinct_ids", "digest_sum", "hash", "columns"] : [])
        let values = names.map { name in
            switch name {
            case "rows", "distinct_ids": quoted(name)
            case "window_start", "window_end": dialect.text(ofTime: quoted(name))
            default: quoted(name)
            }
        }
        return "SELECT \(dialect.array(values)) FROM \(ledgerName)"
    }
}

// MARK: - Windows

extension LoadStatements {
    /// The time of a load as text, later than that of every earlier load.
    package var time: String {
        "SELECT \(dialect.array([dialect.later(than: "loaded_at", of: ledgerName)]));"
    }

    /// Selects the content of a table for a window: an array of rows, distinct ids, the sum of digests, the hash.
    package func tally(of key: LoadKey, in table: LoadTable) -> String {
        "SELECT \(tally(table.id?.name, table.hashedColumns)) FROM \(qualified(table.name)) WHERE \(condition(key, windows: [key.window]));"
    }

    func tally(_ id: String?, _ columns: [String], after values: [String] = []) -> String {
        dialect.array(
            values + [
                "count(*)", id.map { "count(DISTINCT \(quoted($0)))" } ?? "NULL",
                dialect.sum(of: quoted(.rowDigest)), dialect.sum(of: dialect.hash(of: columns.map(quoted))),
            ])
    }

    /// Selects the numbers of a pipeline's rows in a table: arrays of agent, window, rows.
    package func rowCounts(of pipeline: String, in table: String) -> String {
        let (agent, window) = (quoted(.agent), quoted(.window))
        return """
            SELECT \(dialect.array([agent, window, "count(*)"])) FROM \(qualified(table)) \
            WHERE \(quoted(.pipeline)) = \(literal(pipeline)) GROUP BY \(agent), \(window);
            """
    }

    /// Selects the content of a table for every window of a pipeline: arrays of agent, window, rows, distinct ids, sum of digests, hash.
    /// - Parameter columns: Those that the hash covers.
    package func tallies(of pipeline: String, in table: String, id: String?, columns: [String]) -> String {
        let (agent, window) = (quoted(.agent), quoted(.window))
        return """
            SELECT \(tally(id, columns, after: [agent, window])) FROM \(qualified(table)) \
            WHERE \(quoted(.pipeline)) = \(literal(pipeline)) GROUP BY \(agent), \(window);
            """
    }
}

/// The ledger entry of one window of one table.
package struct LedgerEntry: Sendable, Hashable {
    /// The window's key.
    package var key: LoadKey
    /// The start of the window's span. `nil` for the beginning of all records.
    package var start: String?
    /// The end of the window's span, exclusive.
    package var end: String
    /// Identifies the loaded export.
    package var content: String
    /// The number of rows.
    package var rows: Int
    /// The number of distinct ids. `nil` if the table has no column of ids.
    package var distinctIDs: Int?
    /// The sum of the rows' digests.
    package var digestSum: String
    /// The hash over the cells.
    package var hash: String
    /// The names of the columns that the hash covers, as a JSON array.
    package var columns: String
    /// The number of characters that were replaced by U+FFFD.
    package var replacedCharacters: Int
    /// The id of the run that exported the window.
    package var run: String

    package init(
        key: LoadKey, start: String?, end: String, content: String, rows: Int, distinctIDs: Int?, digestSum: String, hash: String,
        columns: String, replacedCharacters: Int, run: String
    ) {
        self.key = key
        self.start = start
        self.end = end
        self.content = content
        self.rows = rows
        self.distinctIDs = distinctIDs
        self.digestSum = digestSum
        self.hash = hash
        self.columns = columns
        self.replacedCharacters = replacedCharacters
        self.run = run
    }

    /// The names of columns as the ledger has them.
    package static func json(_ names: [String]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A list of strings always encodes.
        return (try? encoder.encode(names)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
