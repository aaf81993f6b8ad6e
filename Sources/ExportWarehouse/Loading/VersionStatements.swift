import ExportCore

/// The statements of a load into a system without transactions, in which each version of a window has a number.
///
/// The rows of all versions are in one table, and a view shows those of the current numbers. A row in the log of loads makes a number the
/// current one of its window, so a load that crashes earlier has changed nothing that readers see.
package struct VersionStatements: SharedStatements {
    /// The queries of the load.
    package let questions: LoadStatements
    private let dialect = ClickHouseLoad()

    /// The log of loads, of which the ledger is a view.
    private static let loadLog = "_agentsight_load_log"
    /// The log of removed and returned rows, of which the table of deleted rows is a view.
    private static let deletionLog = "_agentsight_deletion_log"
    /// The column of the number.
    static let number = "_load"
    /// Names that columns of an output cannot have.
    static let reserved = [number, "_row_exists"]

    init(questions: LoadStatements) {
        self.questions = questions
    }

    private var logName: String { qualified(Self.loadLog) }
    private var deletionsName: String { qualified(Self.deletionLog) }
    private var number: String { quoted(Self.number) }
    private var load: String { quoted("load") }
    private var isRemoved: String { quoted("is_removed") }
    private var isGone: String { quoted("is_gone") }

    /// The table of all versions of the rows.
    private func versions(of table: LoadTable) -> String { qualified("_agentsight_rows_\(table.name)") }

    private func bare(_ columns: [(name: String, type: String)], _ names: [String]) -> [(name: String, type: String)] {
        columns.map { column in
            guard names.contains(where: column.name.equalsExactly) else { return column }
            let bare = column.type.tail(afterExactly: "Nullable(").map { String($0.dropLast()) }
            return (column.name, bare ?? column.type)
        }
    }
}

// MARK: - Definitions

extension VersionStatements {
    /// Creates and extends tables. If it is interrupted after any statement, the next load continues.
    package func definitions(
        _ changes: [(table: LoadTable, change: TableChange)], hasLedger: Bool, hasDeleted: Bool
    ) -> [String] {
        var statements: [String] = []
        if !hasLedger || !hasDeleted { statements += ledgers }
        for (table, change) in changes where !change.kinds.isEmpty {
            // Before the change: a load that dies between the two leaves windows that are to be loaded again.
            if let condition = questions.reloading(table, change) { statements.append(resetting(condition)) }
            let name = versions(of: table)
            for kind in change.kinds {
                switch kind {
                case .create: statements += definition(of: table)
                case .add(let column, let type): statements.append(addition(of: column, type, to: name))
                case .widen(let column, let type):
                    statements.append("ALTER TABLE \(name) MODIFY COLUMN \(quoted(column)) \(type);")
                }
            }
            statements.append(view(of: table))
        }
        return statements
    }

    /// The ledger comes last, by which a load sees that all of them are there.
    private var ledgers: [String] {
        let keys = ["pipeline", "agent", "window", "table"]
        let log = bare(ledgerColumns, keys + ["loaded_at"]) + [("load", "Int64"), ("is_removed", "Bool")]
        let deletions =
            bare(deletedColumns, deletedColumns.map(\.name)) + [("load", "Int64"), ("is_gone", "Bool")]
        let order = "\(quoted("loaded_at")) DESC, \(load) DESC"
        return [
            definition(of: logName, log, key: keys + ["loaded_at"]),
            definition(of: deletionsName, deletions, key: ["table", "pipeline", "agent", "id"]),
            """
            CREATE OR REPLACE VIEW \(deletedName) AS SELECT \(list(deletedColumns.map(\.name)))
            FROM (SELECT * FROM \(deletionsName) WHERE \(load) IN (SELECT \(load) FROM \(logName))
            ORDER BY \(quoted("deleted_at")) DESC, \(load) DESC LIMIT 1 BY \(list(["table", "pipeline", "agent", "id"]))) WHERE \(isGone);
            """,
            """
            CREATE OR REPLACE VIEW \(ledgerName) AS SELECT \(list(ledgerColumns.map(\.name))), \(load)
            FROM (SELECT * FROM \(logName) ORDER BY \(order) LIMIT 1 BY \(list(keys))) WHERE NOT \(isRemoved);
            """,
        ]
    }

    private func definition(of name: String, _ columns: [(name: String, type: String)], key: [String]) -> String {
        let lines = columns.map { "  \(quoted($0.name)) \($0.type)" }.joined(separator: ",\n")
        return "CREATE TABLE IF NOT EXISTS \(name) (\n\(lines)\n)\nENGINE = MergeTree ORDER BY (\(list(key)));"
    }

    private func addition(of column: String, _ type: String, to name: String) -> String {
        "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(quoted(column)) \(type);"
    }

    private func definition(of table: LoadTable) -> [String] {
        let added = LoadTable.LoadColumn.allCases.map { column in
            let type = dialect.bareType(of: column.type)
            return (column.rawValue, column.type == .string ? "LowCardinality(\(type))" : type)
        }
        let name = versions(of: table)
        let columns = table.columns.map { ($0.name, type($0.type)) }
        // A table whose view is gone may be older than the columns.
        return [
            definition(
                of: name, columns + added + [(Self.number, "Int64")],
                key: [LoadTable.LoadColumn.pipeline, .agent, .window].map(\.rawValue) + [Self.number])
        ] + columns.map { addition(of: $0.0, $0.1, to: name) }
    }

    /// What readers use: the rows of the current numbers.
    private func view(of table: LoadTable) -> String {
        let names = table.columns.map(\.name) + LoadTable.LoadColumn.allCases.map(\.rawValue)
        return """
            CREATE OR REPLACE VIEW \(qualified(table.name)) AS SELECT \(list(names)) FROM \(versions(of: table))
            WHERE \(number) IN (SELECT \(load) FROM \(ledgerName) WHERE \(quoted("table")) = \(literal(table.name)));
            """
    }

    /// Marks some windows in the ledger as loaded from another export, so that they are loaded again.
    private func resetting(_ condition: String) -> String {
        let names = ledgerColumns.map(\.name)
        let values = names.map { name in
            switch name {
            case "content_sha256": "''"
            case "loaded_at": "greatest(\(dialect.clock), addMicroseconds(\(quoted(name)), 1))"
            default: quoted(name)
            }
        }
        return """
            INSERT INTO \(logName) (\(list(names + ["load", "is_removed"])))
            SELECT \(values.joined(separator: ", ")), \(load), false FROM \(ledgerName) WHERE \(condition);
            """
    }
}

// MARK: - Windows

extension VersionStatements {
    /// The time of a load: one text, later than that of every load before.
    package var time: String { "SELECT \(dialect.array([dialect.later(than: "loaded_at", of: logName)]));" }

    /// Writes rows under a number: the digest, then the columns, in the text format of which rows are fed.
    /// - Parameters:
    ///   - columns: Those of the file, with the types that the table has.
    ///   - covered: Keys of windows that this one replaces too.
    package func insertion(
        of key: LoadKey, covering covered: [String], into table: LoadTable, _ columns: [(column: LoadTable.Column, type: String)],
        as number: Int64, at time: String
    ) -> String {
        let names = columns.map(\.column.name) + LoadTable.LoadColumn.allCases.map(\.rawValue) + [Self.number]
        let values =
            columns.indices.map { "s.c\($0 + 1)" } + [
                literal(key.pipeline), literal(key.agent), literal(key.window), "s.c0", instant(time),
                "if(o.found = 1, o.changed, \(instant(time)))", "\(number)",
            ]
        let place = columns.firstIndex { $0.column.name.equalsExactly(table.id?.name ?? "") }
        let id = place == nil ? nil : table.id.map { quoted($0.name) }
        let match = (place.map { ["o.row_id = s.c\($0 + 1)"] } ?? []) + ["o.digest = s.c0"]
        let group = (id == nil ? [] : ["row_id"]) + ["digest"]
        return """
            INSERT INTO \(versions(of: table)) (\(list(names))) SELECT \(values.joined(separator: ", ")) \
            FROM input(\(literal(structure(columns)))) AS s \
            LEFT JOIN (SELECT \(id.map { "\($0) AS row_id, " } ?? "")\(quoted(.rowDigest)) AS digest, max(\(quoted(.changedAt))) AS changed, \
            1 AS found FROM \(qualified(table.name)) WHERE \(condition(key, windows: [key.window] + covered)) \
            GROUP BY \(group.joined(separator: ", "))) AS o ON \(match.joined(separator: " AND ")) FORMAT TabSeparated
            """
    }

    /// Short names, and the types that the table has.
    private func structure(_ columns: [(column: LoadTable.Column, type: String)]) -> String {
        (["c0 Int64"] + columns.enumerated().map { "c\($0.offset + 1) \($0.element.type)" }).joined(separator: ", ")
    }

    /// What a table holds under a number: an array of rows, distinct ids, the sum of digests, the hash.
    package func tally(of key: LoadKey, as number: Int64, in table: LoadTable) -> String {
        """
        SELECT \(questions.tally(table.id?.name, table.hashedColumns)) FROM \(versions(of: table)) \
        WHERE \(condition(key, windows: [key.window])) AND \(self.number) = \(number);
        """
    }

    /// Makes a number the current one of a window: first the rows that went and came back, which are not seen before; then, in one
    /// statement, all of the window's tables.
    package func record(
        _ entries: [(table: LoadTable, entry: LedgerEntry)], covering covered: [String], as number: Int64, at time: String
    ) -> [String] {
        entries.flatMap { table, entry in
            deletions(of: entry.key, covering: covered, in: table, as: number, isReplaced: true, at: time)
        } + [
            logging(
                entries.flatMap { table, entry in
                    [values(of: entry, table, at: time)] + covered.map { removed(entry.key, window: $0, table, at: time) }
                }, as: number)
        ]
    }

    /// Removes a window that the destination no longer has from tables and from the ledger.
    package func removal(of key: LoadKey, from tables: [LoadTable], as number: Int64, at time: String) -> [String] {
        tables.flatMap { deletions(of: key, covering: [], in: $0, as: number, isReplaced: false, at: time) } + [
            logging(tables.map { removed(key, window: key.window, $0, at: time) }, as: number)
        ]
    }

    /// The statement with which users can remove the rows of a window that no load has written.
    func removal(ofStrays key: LoadKey, from table: LoadTable) -> String {
        "DELETE FROM \(versions(of: table)) WHERE \(condition(key, windows: [key.window]));"
    }

    private func logging(_ rows: [[String]], as number: Int64) -> String {
        let rows = rows.map { "(\(($0.dropLast() + ["\(number)", $0[$0.count - 1]]).joined(separator: ", ")))" }
        return
            "INSERT INTO \(logName) (\(list(ledgerColumns.map(\.name) + ["load", "is_removed"]))) VALUES \(rows.joined(separator: ", "));"
    }

    private func values(of entry: LedgerEntry, _ table: LoadTable, at time: String) -> [String] {
        [
            literal(entry.key.pipeline), literal(entry.key.agent), literal(entry.key.window), entry.start.map(literal) ?? "NULL",
            literal(entry.end), literal(table.name), literal(entry.content), "\(entry.rows)",
            entry.distinctIDs.map(String.init) ?? "NULL", literal(entry.digestSum), literal(entry.hash), literal(entry.columns),
            "\(entry.replacedCharacters)", literal(entry.run), literal(time), "false",
        ]
    }

    private func removed(_ key: LoadKey, window: String, _ table: LoadTable, at time: String) -> [String] {
        [literal(key.pipeline), literal(key.agent), literal(window), "NULL", "NULL", literal(table.name)]
            + [String](repeating: "NULL", count: 8) + [literal(time), "true"]
    }

    /// Records the rows that are in no current window once the number is current, and those that came back.
    private func deletions(
        of key: LoadKey, covering covered: [String], in table: LoadTable, as number: Int64, isReplaced: Bool, at time: String
    ) -> [String] {
        guard let id = table.id.map({ quoted($0.name) }) else { return [] }
        let (view, windows) = (qualified(table.name), [key.window] + covered)
        let names = list(deletedColumns.map(\.name) + ["load", "is_gone"])
        let own =
            "SELECT \(id) FROM \(versions(of: table)) WHERE \(condition(key, windows: [key.window])) AND \(self.number) = \(number)"
        let others = """
            SELECT \(id) FROM \(view) WHERE \(quoted(.pipeline)) = \(literal(key.pipeline)) AND \(quoted(.agent)) = \(literal(key.agent)) \
            AND \(quoted(.window)) NOT IN (\(windows.map(literal).joined(separator: ", ")))
            """
        func insertion(_ ids: String, isGone: Bool) -> String {
            """
            INSERT INTO \(deletionsName) (\(names)) SELECT \(literal(table.name)), assumeNotNull(row_id), \(literal(key.pipeline)), \
            \(literal(key.agent)), \(literal(key.window)), \(instant(time)), \(number), \(isGone) FROM (\(ids));
            """
        }
        let gone = """
            SELECT DISTINCT \(id) AS row_id FROM \(view) WHERE \(condition(key, windows: windows)) AND isNotNull(\(id)) \
            AND \(id) NOT IN (\(others))\
            \(isReplaced ? " AND \(id) NOT IN (\(own))" : "")
            """
        guard isReplaced else { return [insertion(gone, isGone: true)] }
        let back = """
            SELECT \(quoted("id")) AS row_id FROM \(deletedName) WHERE \(quoted("table")) = \(literal(table.name)) \
            AND \(quoted("pipeline")) = \(literal(key.pipeline)) AND \(quoted("agent")) = \(literal(key.agent)) AND \(quoted("id")) IN (\(own))
            """
        return [insertion(gone, isGone: true), insertion(back, isGone: false)]
    }

    /// Compares rows with those of a window: an array of the rows found, and for each column of those that differ.
    /// - Parameters:
    ///   - columns: Those of the rows, with the types that the table has.
    ///   - rows: In the text format of which rows are fed.
    package func comparison(
        of key: LoadKey, in table: LoadTable, _ columns: [(column: LoadTable.Column, type: String)], with rows: String
    ) -> String {
        let differences = table.columns.map { column in
            let (there, place) = ("t.\(quoted(column.name))", columns.firstIndex { $0.column.name.equalsExactly(column.name) })
            guard let place else { return "countIf(isNotNull(\(there)))" }
            return "countIf(ifNull(toString(\(there)) != toString(s.c\(place + 1)), isNull(\(there)) != isNull(s.c\(place + 1))))"
        }
        let id = columns.firstIndex { $0.column.name.equalsExactly(table.id?.name ?? "") } ?? 0
        return """
            SELECT \(dialect.array(["count(*)"] + differences)) \
            FROM format(TabSeparated, \(literal(structure(columns))), \(literal(rows))) AS s \
            JOIN \(qualified(table.name)) AS t ON t.\(quoted(table.id?.name ?? "id")) = s.c\(id + 1) \
            WHERE \(condition(key, windows: [key.window], "t."));
            """
    }
}

// MARK: - Superseded rows

extension VersionStatements {
    /// Selects the numbers whose rows are no longer read: arrays of table and number. They were superseded an hour ago, so that earlier
    /// queries have ended, or are a day old and never became current, because their load crashed.
    package func superseded(in table: LoadTable) -> String {
        let (now, own) = (dialect.clock, "\(quoted("table")) = \(literal(table.name))")
        let log = "SELECT \(load) FROM \(logName) WHERE \(own)"
        let before = "\(quoted("loaded_at")) < \(now) - toIntervalHour(1)"
        let earlier = """
            SELECT \(load) FROM (SELECT * FROM \(logName) WHERE \(own) AND \(before) ORDER BY \(quoted("loaded_at")) DESC, \(load) DESC \
            LIMIT 1 BY \(list(["pipeline", "agent", "window"]))) WHERE NOT \(isRemoved)
            """
        return """
            SELECT \(dialect.array([literal(table.name), "toString(\(number))"])) FROM \(versions(of: table)) \
            WHERE (\(number) IN (\(log) AND \(before)) AND \(number) NOT IN (\(earlier)) \
            AND \(number) NOT IN (SELECT \(load) FROM \(ledgerName) WHERE \(own))) \
            OR (\(number) NOT IN (\(log)) AND \(quoted(.loadedAt)) < \(now) - toIntervalDay(1)) GROUP BY \(number);
            """
    }

    /// Removes the rows of some numbers.
    package func removal(ofNumbers numbers: [Int64], from table: LoadTable) -> String {
        "DELETE FROM \(versions(of: table)) WHERE \(number) IN (\(numbers.map { "\($0)" }.joined(separator: ", ")));"
    }
}
