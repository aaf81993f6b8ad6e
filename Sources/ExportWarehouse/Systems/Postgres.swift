import ExportCore

/// PostgreSQL 12 or newer, by psql, whose `\copy` reads the files where psql runs.
///
/// Names: at most 63 bytes (PostgreSQL, "Identifiers and Key Words"). `COPY … CSV` takes an empty field for null and `""` for the empty
/// string, as the files have it.
struct Postgres: WarehouseDialect {
    let naming = ColumnNaming(longest: 63, foldsCase: false)
    let preamble = [#"\set ON_ERROR_STOP on"#]
    let formats: Set<Output.Format> = [.ndjson, .csv]
    let transaction = (begin: ["BEGIN;"], end: ["COMMIT;"])

    func type(of type: ColumnType) -> String {
        switch type {
        case .string: "text"
        case .integer: "bigint"
        case .number: "double precision"
        case .decimal: "numeric"
        case .boolean: "boolean"
        case .timestamp: "timestamptz"
        case .json: "jsonb"
        }
    }

    /// An escape string where something has to be escaped: it reads the same whatever `standard_conforming_strings` says. No text of the
    /// server has U+0000.
    func literal(_ text: String) -> String {
        guard text.hasUnprintables || text.containsExactly("\\") else { return SQLText.doubled(text, quote: "'") }
        return "E" + SQLText.escaped(text, quote: "'", by: "'") { $0 == "\0" ? "\\ufffd" : SQLText.unicode($0) }
    }

    func definition(of table: WarehouseTable, named name: String) -> [String] { definition(of: table, named: name, widens: true) }

    func creation(of table: WarehouseTable, named name: String) -> [String] { definition(of: table, named: name, widens: false) }

    private func definition(of table: WarehouseTable, named name: String, widens: Bool) -> [String] {
        let lines = columnLines(table) { column in
            "\(quoted(column.name)) \(type(of: column.type))\(column == table.id ? " PRIMARY KEY" : "")"
        }
        // By which a load takes out what a window, and each of its conversations, had.
        let indexed = [table.startedAt] + [table.conversation].compactMap { $0 }.filter { $0 != table.id }
        let indices = indexed.map { column in
            "CREATE INDEX IF NOT EXISTS \(quoted(Self.cut("\(table.table.rawValue)_\(column.name)"))) ON \(name) (\(quoted(column.name)));"
        }
        let added = table.columns.filter(\.isDiscovered).map { column in
            "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(quoted(column.name)) \(type(of: column.type));"
        }
        let widened = table.columns.filter { $0.isDiscovered && $0.type != .json && $0.type != .boolean }.map { column in
            "ALTER TABLE \(name) ALTER COLUMN \(quoted(column.name)) TYPE \(type(of: column.type)) USING \(quoted(column.name))::\(type(of: column.type));"
        }
        return ["CREATE TABLE IF NOT EXISTS \(name) (\n\(lines)\n);"] + added + (widens ? widened : []) + indices
    }

    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    {
        Replacement(
            statements: ["DELETE FROM \(name) WHERE \(condition(span, on: table) { "TIMESTAMPTZ \(literal($0))" });"]
                + files.flatMap { replacement(by: $0, of: table, named: name, number) })
    }

    private func replacement(by file: LoadFile, of table: WarehouseTable, named name: String, _ number: Int) -> [String] {
        let rows = "agentsight_rows_\(number)"
        return copy(file, to: rows, like: name) + insertion(of: file, from: rows, into: table, named: name, member: member)
    }

    func staging(of file: LoadFile, like table: String, in namespace: String?, _ number: Int) -> StagedRows {
        let rows = "agentsight_rows_\(number)"
        return StagedRows(
            // Without it, each run prints a notice for every table that exists.
            session: ["SET client_min_messages = warning;"], statements: copy(file, to: rows, like: table), name: rows,
            values: file.columns.map { file.format == .csv ? quoted($0.name) : member($0) })
    }

    private func copy(_ file: LoadFile, to rows: String, like name: String) -> [String] {
        switch file.format {
        case .csv:
            let columns = columnList(file.columns)
            return [
                "CREATE TEMPORARY TABLE \(rows) ON COMMIT DROP AS SELECT \(columns) FROM \(name) WITH NO DATA;",
                #"\copy \#(rows) (\#(columns)) FROM \#(source(file)) WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')"#,
            ]
        case .ndjson:
            // A line is one field: JSON has no control characters but in escapes.
            return [
                "CREATE TEMPORARY TABLE \(rows) (doc json) ON COMMIT DROP;",
                #"\copy \#(rows) FROM \#(source(file)) WITH (FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01', ENCODING 'UTF8')"#,
            ]
        case .parquet: preconditionFailure("not one of the formats that are loaded")
        }
    }

    private func member(_ column: WarehouseTable.Column) -> String {
        switch column.type {
        case .string: "doc ->> \(literal(column.source))"
        case .json: "nullif((doc -> \(literal(column.source)))::jsonb, 'null'::jsonb)"
        default: "(doc ->> \(literal(column.source)))::\(type(of: column.type))"
        }
    }

    /// In quotes of psql, in which nothing escapes but one that is doubled; a program's words in those of the shell, too.
    private func source(_ file: LoadFile) -> String {
        let program =
            switch file.compression {
            case .none: ""
            case .gzip: "gzip"
            case .zstd: "zstd"
            }
        guard !program.isEmpty else { return SQLText.doubled(file.location, quote: "'") }
        return "PROGRAM " + SQLText.doubled("\(program) -dc \(ShellQuoting.inQuotes(file.location))", quote: "'")
    }

    /// Shortens a name that the server would cut with a notice.
    static func cut(_ name: String) -> String {
        var name = name
        while name.utf8.count > 63 { name.unicodeScalars.removeLast() }
        return name
    }
}
