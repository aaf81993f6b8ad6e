import ExportCore

/// The statements of a load: what the warehouse has, its tables, and a window in the place of its older version.
package struct LoadStatements: Sendable {
    private let dialect: any LoadDialect
    /// The schema of all tables.
    package let schema: String

    package static let ledger = "_agentsight_loads"
    package static let deleted = "_agentsight_deleted"
    private static let old = "agentsight_old"

    init(_ dialect: any LoadDialect, schema: String) {
        self.dialect = dialect
        self.schema = schema
    }

    /// The columns of the ledger, with the types that the system has for them.
    private var ledgerColumns: [(name: String, type: String)] {
        let (text, integer, time) = (type(.string), type(.integer), type(.timestamp))
        return [
            ("pipeline", text), ("agent", text), ("window", text), ("window_start", time), ("window_end", time), ("table", text),
            ("content_sha256", text), ("rows", integer), ("distinct_ids", integer), ("digest_sum", text), ("hash", text),
            ("columns", text), ("replaced_characters", integer), ("run", text), ("loaded_at", time),
        ]
    }

    private var deletedColumns: [(name: String, type: String)] {
        let (text, integer, time) = (type(.string), type(.integer), type(.timestamp))
        return [
            ("table", text), ("id", integer), ("pipeline", text), ("agent", text), ("window", text), ("deleted_at", time),
        ]
    }

    private func type(_ type: ColumnType) -> String { dialect.warehouse.type(of: type) }
    private func quoted(_ name: String) -> String { dialect.warehouse.quoted(name) }
    private func literal(_ text: String) -> String { dialect.warehouse.literal(text) }
    private func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }
    private func qualified(_ name: String) -> String { "\(quoted(schema)).\(quoted(name))" }
    private func instant(_ text: String) -> String { "CAST(\(literal(text)) AS \(type(.timestamp)))" }

    private var ledgerName: String { qualified(Self.ledger) }
    private var deletedName: String { qualified(Self.deleted) }
    private func staging(_ number: Int) -> String { "agentsight_rows_\(number)" }
    /// - Parameter alias: What the table is called in the statement, with a point.
    private func condition(_ key: LoadKey, windows: [String], _ alias: String = "") -> String {
        "\(alias)\(quoted(LoadTable.LoadColumn.pipeline.rawValue)) = \(literal(key.pipeline))"
            + " AND \(alias)\(quoted(LoadTable.LoadColumn.agent.rawValue)) = \(literal(key.agent))"
            + " AND \(alias)\(quoted(LoadTable.LoadColumn.window.rawValue)) IN (\(windows.map(literal).joined(separator: ", ")))"
    }
    private func ledgerCondition(_ key: LoadKey, windows: [String]) -> String {
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

    /// Compares a table with what the warehouse has.
    /// - Parameter columns: The types of its columns in the catalog, by the bytes of their names. Nil: there is no such table.
    /// - Throws: `TableObstacle`.
    package func changes(to table: LoadTable, having types: [[UInt8]: String]?) throws(TableObstacle) -> TableChange {
        guard let types else { return TableChange(kinds: [.create]) }
        for added in LoadTable.LoadColumn.allCases where types[Array(added.rawValue.utf8)] == nil {
            throw .notOurs(
                table: "\(schema).\(table.name)",
                migration: ["ALTER TABLE \(qualified(table.name)) RENAME TO \(quoted(table.name + "_before_load"));"])
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

    /// Makes and extends tables, in a transaction of its own. Empty where nothing is to be done.
    package func definitions(_ changes: [(table: LoadTable, change: TableChange)], hasLedger: Bool) -> [String] {
        var statements: [String] = []
        if !hasLedger {
            statements += [
                dialect.definition(
                    of: ledgerName, columns: ledgerColumns, key: ["pipeline", "agent", "window", "table"], isNotNull: ["rows"]),
                dialect.definition(
                    of: deletedName, columns: deletedColumns, key: ["table", "pipeline", "agent", "id"], isNotNull: ["deleted_at"]),
            ]
        }
        for (table, change) in changes {
            let name = qualified(table.name)
            for kind in change.kinds {
                switch kind {
                case .create: statements += definition(of: table, named: name)
                case .add(let column, let type): statements.append(dialect.addition(of: column, type: type, to: name))
                case .widen(let column, let type): statements.append(dialect.widening(of: column, to: type, in: name))
                }
            }
            let isReloaded = change.kinds.contains { if case .add = $0 { false } else { true } }
            // A value of a column that was wider reads otherwise, and a new table holds nothing: all windows are loaded again.
            if isReloaded {
                statements.append("UPDATE \(ledgerName) SET content_sha256 = '' WHERE \(quoted("table")) = \(literal(table.name));")
            }
        }
        guard !statements.isEmpty else { return [] }
        return dialect.begin(in: schema) + statements + ["COMMIT;"]
    }

    private func definition(of table: LoadTable, named name: String) -> [String] {
        let added = LoadTable.LoadColumn.allCases.map { (name: $0.rawValue, type: type($0.type)) }
        let key = [LoadTable.LoadColumn.pipeline, .agent, .window].map(\.rawValue)
        return [
            dialect.definition(
                of: name, columns: table.columns.map { ($0.name, type($0.type)) } + added,
                key: table.id.map { key + [$0.name] } ?? [],
                isNotNull: key + [LoadTable.LoadColumn.rowDigest, .loadedAt, .changedAt].map(\.rawValue))
        ] + dialect.indexes(of: table, named: name)
    }
}

// MARK: - Ledger

extension LoadStatements {
    /// Selects a pipeline's ledger entries: arrays of agent, window, start, end, table, content, rows; with `isWhole` also distinct ids,
    /// sum of digests, hash and columns.
    package func ledgerRows(of pipeline: String, whole isWhole: Bool = false) -> String {
        let names =
            ["agent", "window", "window_start", "window_end", "table", "content_sha256", "rows"]
            + (isWhole ? ["distinct_ids", "digest_sum", "hash", "columns"] : [])
        let values = names.map { name in
            switch name {
            case "rows", "distinct_ids": quoted(name)
            case "window_start", "window_end": "CAST(\(quoted(name)) AS \(type(.string)))"
            default: quoted(name)
            }
        }
        return "SELECT \(dialect.array(values)) FROM \(ledgerName) WHERE \(quoted("pipeline")) = \(literal(pipeline));"
    }
}

// MARK: - Windows

extension LoadStatements {
    /// Makes the temporary tables of a session.
    /// - Parameter tables: With their numbers.
    package func staging(of tables: [(offset: Int, element: LoadTable)]) -> [String] {
        let digest = LoadTable.LoadColumn.rowDigest.rawValue
        return dialect.temporary(
            Self.old, columns: [("id", type(.integer)), ("digest", type(.integer)), ("changed_at", type(.timestamp))])
            + tables.flatMap { number, table in
                dialect.temporary(
                    staging(number), like: qualified(table.name), columns: list([digest] + table.columns.map(\.name)))
            }
    }

    /// The columns of the temporary table of rows, in the order in which it is fed.
    private func stagingColumns(_ columns: [LoadTable.Column]) -> String {
        list([LoadTable.LoadColumn.rowDigest.rawValue] + columns.map(\.name))
    }

    /// Empties the temporary table of rows.
    package func emptyStaging(_ number: Int) -> String { "TRUNCATE \(staging(number));" }

    /// PostgreSQL's COPY into the temporary table of rows: the digest, then the columns.
    package func copy(_ columns: [LoadTable.Column], into number: Int) -> String {
        "COPY \(staging(number)) (\(stagingColumns(columns))) FROM STDIN WITH (FORMAT text, ENCODING 'UTF8');"
    }

    /// Reads the rows of a file of CSV into the temporary table.
    package func insertion(_ columns: [LoadTable.Column], fromFile path: String, into number: Int) -> String {
        let names = columns.map { (name: $0.name, type: type($0.type)) }
        return DuckDBLoad.insertion(
            into: staging(number), columns: [(LoadTable.LoadColumn.rowDigest.rawValue, type(.integer))] + names, from: path)
    }

    package var begin: [String] { dialect.begin(in: schema) }
    package var commit: String { "COMMIT;" }
    package var rollback: String { "ROLLBACK;" }

    /// The time of a load: one text, later than that of every load before.
    package var time: String {
        "SELECT \(dialect.array([dialect.later(than: "loaded_at", of: ledgerName)]));"
    }

    /// Selects the ledger entries of a window under the lock: arrays of table and content.
    package func ledgerContent(of key: LoadKey) -> String {
        "SELECT \(dialect.array([quoted("table"), "content_sha256"])) FROM \(ledgerName) WHERE \(ledgerCondition(key, windows: [key.window]));"
    }

    /// Puts the rows of the temporary table in the place of those that a table has of a window, and of windows that it covers.
    /// - Parameters:
    ///   - covered: Keys of other windows.
    ///   - time: Of the load.
    package func replacement(
        of key: LoadKey, covering covered: [String], in table: LoadTable, from number: Int, at time: String
    ) -> [String] {
        let name = qualified(table.name)
        let digest = quoted(LoadTable.LoadColumn.rowDigest.rawValue)
        let changed = quoted(LoadTable.LoadColumn.changedAt.rawValue)
        let rows = staging(number)
        let id = table.id.map { quoted($0.name) }
        let columns = table.columns.map { quoted($0.name) }
        let added = LoadTable.LoadColumn.allCases.map { quoted($0.rawValue) }
        let values =
            columns.map { "r.\($0)" } + [
                literal(key.pipeline), literal(key.agent), literal(key.window), "r.\(digest)", instant(time),
                "coalesce(o.changed_at, \(instant(time)))",
            ]
        let match = (id.map { ["o.id = r.\($0)"] } ?? []) + ["o.digest = r.\(digest)"]
        let windows = [key.window] + covered
        let taken = "SELECT \(id ?? "NULL"), \(digest), \(changed) FROM \(name) WHERE \(condition(key, windows: windows))"
        return [
            "TRUNCATE \(Self.old);",
            "INSERT INTO \(Self.old) \(taken);",
            "DELETE FROM \(name) WHERE \(condition(key, windows: windows));",
            """
            INSERT INTO \(name) (\((columns + added).joined(separator: ", ")))
            SELECT \(values.joined(separator: ", "))
            FROM \(rows) r LEFT JOIN (SELECT id, digest, max(changed_at) AS changed_at FROM \(Self.old) GROUP BY id, digest) o
            ON \(match.joined(separator: " AND "));
            """,
        ] + (id.map { deletions(of: key, in: table, id: $0, rows: rows, at: time) } ?? [])
    }

    /// Records the rows that are gone from the table, and forgets those that came back.
    private func deletions(of key: LoadKey, in table: LoadTable, id: String, rows: String?, at time: String) -> [String] {
        let name = qualified(table.name)
        let owner =
            "\(quoted("table")) = \(literal(table.name)) AND pipeline = \(literal(key.pipeline)) AND agent = \(literal(key.agent))"
        let gone = """
            SELECT DISTINCT o.id FROM \(Self.old) o WHERE NOT EXISTS (SELECT 1 FROM \(name) t WHERE t.\(id) = o.id \
            AND t.\(quoted(LoadTable.LoadColumn.pipeline.rawValue)) = \(literal(key.pipeline)) \
            AND t.\(quoted(LoadTable.LoadColumn.agent.rawValue)) = \(literal(key.agent)))
            """
        let back = rows.map { ["DELETE FROM \(deletedName) WHERE \(owner) AND id IN (SELECT \(id) FROM \($0));"] } ?? []
        return back + [
            "DELETE FROM \(deletedName) WHERE \(owner) AND id IN (\(gone));",
            """
            INSERT INTO \(deletedName) (\(list(deletedColumns.map(\.name))))
            SELECT \(literal(table.name)), g.id, \(literal(key.pipeline)), \(literal(key.agent)), \(literal(key.window)), \(instant(time))
            FROM (\(gone)) g;
            """,
        ]
    }

    /// Selects the content of a table for a window: an array of rows, distinct ids, the sum of digests, the hash.
    package func tally(of key: LoadKey, in table: LoadTable) -> String {
        "SELECT \(tally(table.id?.name, table.columns.map(\.name))) FROM \(qualified(table.name)) WHERE \(condition(key, windows: [key.window]));"
    }

    private func tally(_ id: String?, _ columns: [String], after values: [String] = []) -> String {
        dialect.array(
            values + [
                "count(*)", id.map { "count(DISTINCT \(quoted($0)))" } ?? "NULL",
                dialect.text(ofSum: "coalesce(sum(\(quoted(LoadTable.LoadColumn.rowDigest.rawValue))), 0)"),
                dialect.text(ofSum: "coalesce(sum(\(dialect.hash(of: columns.map(quoted)))), 0)"),
            ])
    }

    /// Selects the content of a table for every window of a pipeline: arrays of agent, window, rows, distinct ids, sum of digests, hash.
    /// - Parameter columns: Those that the hash covers.
    package func tallies(of pipeline: String, in table: String, id: String?, columns: [String]) -> String {
        let (agent, window) = (quoted(LoadTable.LoadColumn.agent.rawValue), quoted(LoadTable.LoadColumn.window.rawValue))
        return """
            SELECT \(tally(id, columns, after: [agent, window])) FROM \(qualified(table)) \
            WHERE \(quoted(LoadTable.LoadColumn.pipeline.rawValue)) = \(literal(pipeline)) GROUP BY \(agent), \(window);
            """
    }

    /// Compares rows of the temporary table with those of a window: an array of the rows found, and for each column of those that differ.
    package func comparison(of key: LoadKey, in table: LoadTable, with number: Int) -> String {
        let id = quoted(table.id?.name ?? "id")
        let text = type(.string)
        let differences = table.columns.map { column in
            "count(*) FILTER (WHERE CAST(t.\(quoted(column.name)) AS \(text)) IS DISTINCT FROM CAST(s.\(quoted(column.name)) AS \(text)))"
        }
        return """
            SELECT \(dialect.numbers(["count(*)"] + differences)) FROM \(staging(number)) s JOIN \(qualified(table.name)) t \
            ON t.\(id) = s.\(id) AND \(condition(key, windows: [key.window], "t."));
            """
    }

    /// Writes a window of a table into the ledger, in the place of what that says of it and of the windows that it covers.
    package func record(_ entry: LedgerEntry, covering covered: [String], table: LoadTable, at time: String) -> [String] {
        let key = entry.key
        return [
            "DELETE FROM \(ledgerName) WHERE \(ledgerCondition(key, windows: [key.window] + covered)) AND \(quoted("table")) = \(literal(table.name));",
            """
            INSERT INTO \(ledgerName) (\(list(ledgerColumns.map(\.name)))) VALUES (\(literal(key.pipeline)), \(literal(key.agent)), \
            \(literal(key.window)), \(entry.start.map(instant) ?? "NULL"), \(instant(entry.end)), \(literal(table.name)), \
            \(literal(entry.content)), \(entry.rows), \(entry.distinctIDs.map(String.init) ?? "NULL"), \(literal(entry.digestSum)), \
            \(literal(entry.hash)), \(literal(entry.columns)), \(entry.replacedCharacters), \(literal(entry.run)), \(instant(time)));
            """,
        ]
    }

    /// Takes a window that the destination no longer has out of a table and of the ledger.
    package func removal(of key: LoadKey, from table: LoadTable, at time: String) -> [String] {
        let name = qualified(table.name)
        let id = table.id.map { quoted($0.name) }
        return [
            "TRUNCATE \(Self.old);",
            """
            INSERT INTO \(Self.old) SELECT \(id ?? "NULL"), NULL, NULL FROM \(name) WHERE \(condition(key, windows: [key.window]));
            """,
            "DELETE FROM \(name) WHERE \(condition(key, windows: [key.window]));",
        ] + (id.map { deletions(of: key, in: table, id: $0, rows: nil, at: time) } ?? []) + [
            "DELETE FROM \(ledgerName) WHERE \(ledgerCondition(key, windows: [key.window])) AND \(quoted("table")) = \(literal(table.name));"
        ]
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
}
