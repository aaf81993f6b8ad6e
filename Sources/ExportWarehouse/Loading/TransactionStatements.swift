import ExportCore

/// The statements of a load into a system with transactions, in which a window replaces its older version.
package struct TransactionStatements: SharedStatements {
    /// The queries of the load.
    package let questions: LoadStatements
    private let dialect: any TransactionDialect
    private static let old = "agentsight_old"

    init(questions: LoadStatements, _ dialect: any TransactionDialect) {
        self.questions = questions
        self.dialect = dialect
    }

    private func staging(_ number: Int) -> String { "agentsight_rows_\(number)" }
}

// MARK: - Definitions

extension TransactionStatements {
    /// Creates and extends tables, in a transaction. Empty if nothing has to be done.
    package func definitions(
        _ changes: [(table: LoadTable, change: TableChange)], hasLedger: Bool, hasDeleted: Bool
    ) -> [String] {
        var statements: [String] = []
        if !hasLedger {
            statements.append(
                dialect.definition(
                    of: ledgerName, columns: ledgerColumns, key: ["pipeline", "agent", "window", "table"], isNotNull: ["rows"]))
        }
        if !hasDeleted {
            statements.append(
                dialect.definition(
                    of: deletedName, columns: deletedColumns, key: ["table", "pipeline", "agent", "id"], isNotNull: ["deleted_at"]))
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
            if let condition = questions.reloading(table, change) {
                statements.append("UPDATE \(ledgerName) SET content_sha256 = '' WHERE \(condition);")
            }
        }
        return statements
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

// MARK: - Windows

extension TransactionStatements {
    /// Creates the temporary tables of a session.
    /// - Parameter tables: The tables with their numbers.
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

    /// The statements that begin a transaction.
    package var begin: [String] { dialect.begin(in: questions.schema) }
    /// The statement that commits a transaction.
    package var commit: String { "COMMIT;" }
    /// The statement that rolls a transaction back.
    package var rollback: String { "ROLLBACK;" }

    /// Replaces the rows of a window, and of windows that it covers, by those of the temporary table.
    /// - Parameters:
    ///   - covered: The keys of the covered windows.
    ///   - time: The time of the load.
    package func replacement(
        of key: LoadKey, covering covered: [String], in table: LoadTable, from number: Int, at time: String
    ) -> [String] {
        let name = qualified(table.name)
        let digest = quoted(.rowDigest)
        let changed = quoted(.changedAt)
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

    /// Records the rows that were removed from the table, and deletes the records of those that came back.
    private func deletions(of key: LoadKey, in table: LoadTable, id: String, rows: String?, at time: String) -> [String] {
        let name = qualified(table.name)
        let owner =
            "\(quoted("table")) = \(literal(table.name)) AND pipeline = \(literal(key.pipeline)) AND agent = \(literal(key.agent))"
        let gone = """
            SELECT DISTINCT o.id FROM \(Self.old) o WHERE o.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \(name) t WHERE t.\(id) = o.id \
            AND t.\(quoted(.pipeline)) = \(literal(key.pipeline)) \
            AND t.\(quoted(.agent)) = \(literal(key.agent)))
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

    /// Writes the ledger entry of a window of a table, replacing its earlier one and those of the windows that it covers.
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

    /// The statement with which users can remove the rows of a window that no load has written.
    func removal(ofStrays key: LoadKey, from table: LoadTable) -> String {
        "DELETE FROM \(qualified(table.name)) WHERE \(condition(key, windows: [key.window]));"
    }

    /// Removes a window that the destination no longer has from a table and from the ledger.
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
