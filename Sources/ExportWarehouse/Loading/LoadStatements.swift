package import ExportCore
import FoundationEssentials

/// What a load asks a warehouse: its tables, the ledger, and what they hold.
package struct LoadStatements: Sendable {
    let dialect: any LoadDialect
    /// The schema of all tables.
    package let schema: String

    package static let ledger = "_agentsight_loads"
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

    /// The ways in which a window takes the place of its older version.
    package enum Replacing: Sendable {
        /// In a transaction.
        case transactions(TransactionStatements)
        /// Under a new number, which one statement makes the current one.
        case versions(VersionStatements)
    }

    /// The statement by which people remove the rows of a window of which the ledger says nothing.
    package func removal(ofStrays window: String, of pipeline: String, from table: LoadTable) -> String {
        switch replacing {
        case .transactions(let statements): statements.removal(ofStrays: window, of: pipeline, from: table)
        case .versions(let statements): statements.removal(ofStrays: window, of: pipeline, from: table)
        }
    }

    /// The columns of the ledger, with the types that the system has for them.
    var ledgerColumns: [(name: String, type: String)] {
        let (text, integer, time) = (type(.string), type(.integer), type(.timestamp))
        return [
            ("pipeline", text), ("agent", text), ("window", text), ("window_start", time), ("window_end", time), ("table", text),
            ("content_sha256", text), ("rows", integer), ("distinct_ids", integer), ("digest_sum", text), ("hash", text),
            ("columns", text), ("replaced_characters", integer), ("run", text), ("loaded_at", time),
        ]
    }

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

    /// - Parameter alias: What the table is called in the statement, with a point.
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
    package let pipeline: String
    /// The agent's name in the pipeline file; empty where there is but one key.
    package let agent: String
    /// As in the manifest, with the agent's name.
    package let window: String

    package init(pipeline: String, window: String) {
        self.pipeline = pipeline
        agent = Window.parts(ofKey: window).agent ?? ""
        self.window = window
    }
}

// MARK: - Definitions

/// A change that a table of the warehouse needs before rows can be loaded.
package struct TableChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case create
        case add(column: String, type: String)
        case widen(column: String, type: String)
    }
    package let kinds: [Kind]
}

/// Why a table of the warehouse cannot be loaded.
package enum TableObstacle: Error, Sendable, Hashable {
    /// The table was filled by the statements of `schema`, or by another program.
    case notOurs(table: String, migration: [String])
    case otherType(table: String, column: String, type: String, wanted: String)
    /// The ledger is not one that this version made.
    case otherLedger(table: String, missing: String)
}

extension LoadStatements {
    /// The names of all tables that a load uses.
    package func tableNames(_ tables: [LoadTable]) -> [String] { tables.map(\.name) + [Self.ledger, Self.deleted] }

    /// A table that the pipeline had once, as far as its rows are to be removed.
    /// - Parameter types: As in `changes`.
    /// - Returns: Nil where there is no such table, or where it is not one of load's.
    package func former(_ table: Table, named name: String, having types: [[UInt8]: String]?) -> LoadTable? {
        guard let types, LoadTable.LoadColumn.allCases.allSatisfy({ types[Array($0.rawValue.utf8)] != nil }) else { return nil }
        return LoadTable(former: table, name: name, hasID: types[Array("id".utf8)] == dialect.catalogType(of: .integer))
    }

    /// Compares a table with what the warehouse has.
    /// - Parameter columns: The types of its columns in the catalog, by the bytes of their names. Nil: there is no such table.
    /// - Throws: `TableObstacle`.
    package func changes(to table: LoadTable, having types: [[UInt8]: String]?) throws(TableObstacle) -> TableChange {
        guard let types else { return TableChange(kinds: [.create]) }
        for added in LoadTable.LoadColumn.allCases where types[Array(added.rawValue.utf8)] == nil {
            throw .notOurs(
                table: "\(schema).\(table.name)",
                migration: [dialect.renaming(of: table.name, to: table.name + "_before_load", in: schema)])
        }
        var kinds: [TableChange.Kind] = []
        for column in table.columns {
            let wanted = dialect.catalogType(of: column.type)
            guard let type = types[Array(column.name.utf8)] else {
                kinds.append(.add(column: column.name, type: self.type(column.type)))
                continue
            }
            if type == wanted || dialect.widerTypes(than: column.type).contains(type) { continue }
            let isNarrower =
                ColumnType.allCases.contains {
                    dialect.catalogType(of: $0) == type && dialect.widerTypes(than: $0).contains(wanted)
                } || (type == dialect.catalogType(of: .integer) && column.type == .number)
            guard isNarrower else {
                throw .otherType(table: "\(schema).\(table.name)", column: column.name, type: type, wanted: wanted)
            }
            kinds.append(.widen(column: column.name, type: self.type(column.type)))
        }
        return TableChange(kinds: kinds)
    }

    /// Compares the ledger with the one that this version makes.
    /// - Throws: `TableObstacle.otherLedger`.
    package func checkLedger(having columns: [[UInt8]: String]?) throws(TableObstacle) {
        guard let columns else { return }
        for column in ledgerColumns where columns[Array(column.name.utf8)] == nil {
            throw .otherLedger(table: "\(schema).\(Self.ledger)", missing: column.name)
        }
    }
}

// MARK: - Ledger

extension LoadStatements {
    /// A condition on the ledger's entries of the windows that are loaded again once a table is changed. Nil: none are.
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
        return "SELECT \(dialect.array(values)) FROM \(ledgerName) WHERE \(quoted("pipeline")) = \(literal(pipeline));"
    }
}

// MARK: - Windows

extension LoadStatements {
    /// The time of a load: one text, later than that of every load before.
    package var time: String {
        "SELECT \(dialect.array([dialect.later(than: "loaded_at", of: ledgerName)]));"
    }

    /// Selects the ledger entries of a window under the lock: arrays of table and content.
    package func ledgerContent(of key: LoadKey) -> String {
        "SELECT \(dialect.array([quoted("table"), "content_sha256"])) FROM \(ledgerName) WHERE \(ledgerCondition(key, windows: [key.window]));"
    }

    /// Selects the content of a table for a window: an array of rows, distinct ids, the sum of digests, the hash.
    package func tally(of key: LoadKey, in table: LoadTable) -> String {
        "SELECT \(tally(table.id?.name, table.columns.map(\.name))) FROM \(qualified(table.name)) WHERE \(condition(key, windows: [key.window]));"
    }

    func tally(_ id: String?, _ columns: [String], after values: [String] = []) -> String {
        dialect.array(
            values + [
                "count(*)", id.map { "count(DISTINCT \(quoted($0)))" } ?? "NULL",
                dialect.sum(of: quoted(.rowDigest)), dialect.sum(of: dialect.hash(of: columns.map(quoted))),
            ])
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
    package var key: LoadKey
    package var start: String?
    package var end: String
    package var content: String
    package var rows: Int
    package var distinctIDs: Int?
    package var digestSum: String
    package var hash: String
    /// The names of the columns that the hash covers, as a JSON array.
    package var columns: String
    package var replacedCharacters: Int
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
