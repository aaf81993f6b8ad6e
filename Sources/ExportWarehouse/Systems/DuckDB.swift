import ExportCore

/// DuckDB. Names differ by more than the case of letters ("Keywords and Identifiers"). It has decimals of 38 digits in all and no keys that
/// a transaction could replace, so long decimals are text and keys are a comment.
struct DuckDB: WarehouseDialect {
    let naming = ColumnNaming(longest: 255, foldsCase: true)
    let transaction = (begin: ["BEGIN TRANSACTION;"], end: ["COMMIT;"])

    func type(of type: ColumnType) -> String {
        switch type {
        case .string, .decimal: "VARCHAR"
        case .integer: "BIGINT"
        case .number: "DOUBLE"
        case .boolean: "BOOLEAN"
        case .timestamp: "TIMESTAMPTZ"
        case .json: "JSON"
        }
    }

    /// A sum of texts where something has to be escaped: its strings have no escapes.
    func literal(_ text: String) -> String {
        guard text.hasUnprintables else { return SQLText.doubled(text, quote: "'") }
        let parts = text.mappingScalars { scalar in
            switch scalar {
            case "'": "''"
            case _ where scalar.isUnprintable: "' || chr(\(scalar.value)) || '"
            default: nil
            }
        }
        return "('\(parts)')"
    }

    func definition(of table: WarehouseTable, named name: String) -> [String] {
        creation(of: table, named: name)
            + table.columns.filter(\.isDiscovered).map {
                "ALTER TABLE \(name) ALTER COLUMN \(quoted($0.name)) SET DATA TYPE \(type(of: $0.type));"
            }
    }

    func creation(of table: WarehouseTable, named name: String) -> [String] {
        let lines = columnLines(table) { "\(quoted($0.name)) \(type(of: $0.type))" }
        let key = table.id.map { ["-- key: \($0.name)"] } ?? []
        return key + ["CREATE TABLE IF NOT EXISTS \(name) (\n\(lines)\n);"]
            + table.columns.filter(\.isDiscovered).map {
                "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(quoted($0.name)) \(type(of: $0.type));"
            }
    }

    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    {
        let statements =
            ["DELETE FROM \(name) WHERE \(condition(span, on: table) { "TIMESTAMPTZ \(literal($0))" });"]
            + files.flatMap { file in
                let rows = "agentsight_rows_\(number)"
                let columns = columnList(file.columns)
                return [
                    "\(temporary(rows, of: file));"
                ] + removals(for: file, in: rows, { quoted($0.name) }, from: table, named: name) + [
                    "INSERT INTO \(name) (\(columns)) SELECT \(columns) FROM \(rows);", "DROP TABLE \(rows);",
                ]
            }
        return Replacement(statements: statements)
    }

    func staging(of file: LoadFile, like table: String, in namespace: String?, _ number: Int) -> StagedRows {
        // With a name of its own: rows of another window must never be taken for these.
        let rows = "agentsight_rows_\(number)"
        return StagedRows(
            statements: ["\(temporary(rows, of: file))\(due.map { "\nWHERE \($0)" } ?? "");"], name: rows,
            values: file.columns.map { quoted($0.name) })
    }

    /// Brings the rows of a file into a temporary table.
    private func temporary(_ rows: String, of file: LoadFile) -> String {
        let isOdd = hasOddKeys(file)
        let values = file.columns.map { "\(isOdd ? member($0) : value($0, in: file)) AS \(quoted($0.name))" }
        return """
            CREATE OR REPLACE TEMPORARY TABLE \(rows) AS
            SELECT \(values.joined(separator: ", "))
            FROM \(isOdd ? lines(file) : reader(file))
            """
    }

    private func value(_ column: WarehouseTable.Column, in file: LoadFile) -> String {
        let name = quoted(self.name(of: column, in: file))
        // JSON is text in Parquet.
        if file.format == .parquet, column.type == .json { return "CAST(\(name) AS JSON)" }
        // A JSON null is no value.
        return column.type == .json ? "nullif(\(name), 'null')" : name
    }

    /// The name under which the reader returns a column.
    private func name(of column: WarehouseTable.Column, in file: LoadFile) -> String {
        switch file.format {
        // Known by their places.
        case .csv: column.name
        case .ndjson: column.source
        case .parquet: hasOddNames(file) ? column.name : column.source
        }
    }

    /// Whether the reader of JSON has no names for some of the keys.
    private func hasOddKeys(_ file: LoadFile) -> Bool {
        switch file.format {
        case .csv, .parquet: false
        case .ndjson: hasOddNames(file)
        }
    }

    /// Whether readers have no names for some of the columns: they take those that differ in the case of letters for one, and a name has no
    /// escapes.
    private func hasOddNames(_ file: LoadFile) -> Bool {
        let keys = file.columns.map(\.source)
        return keys.contains { $0.isEmpty || $0.hasUnprintables } || Set(keys.map(naming.folded)).count < keys.count
    }

    /// The value by a JSON pointer (RFC 6901).
    private func member(_ column: WarehouseTable.Column) -> String {
        let key = column.source.replacingExactly("~", with: "~0").replacingExactly("/", with: "~1")
        let path = literal("/\(key)")
        guard column.type != .json else { return "nullif(json_extract(json, \(path)), 'null')" }
        return "CAST(json_extract_string(json, \(path)) AS \(type(of: column.type)))"
    }

    private func lines(_ file: LoadFile) -> String {
        """
        read_ndjson_objects(\(pattern(file)), compression = '\(compression(of: file))', \
        maximum_object_size = 134217728)
        """
    }

    private func compression(of file: LoadFile) -> String {
        switch file.compression {
        case .none: "none"
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }

    /// The path with special characters in brackets, because the reader interprets paths as patterns.
    private func pattern(_ file: LoadFile) -> String { pattern(file.location) }

    func pattern(_ path: String) -> String {
        literal(path.mappingScalars { ["*", "?", "["].contains($0) ? "[\($0)]" : nil })
    }

    private func reader(_ file: LoadFile) -> String {
        let columns = file.columns.map { column in
            "\(literal(name(of: column, in: file))): \(literal(type(of: column.type)))"
        }.joined(separator: ", ")
        let compression = compression(of: file)
        switch file.format {
        case .csv:
            return """
                read_csv(\(pattern(file)), compression = '\(compression)', columns = {\(columns)}, header = true, \
                auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, \
                strict_mode = true, max_line_size = 134217728, buffer_size = 268435456)
                """
        // The columns of odd names by their places, which are those of the manifest.
        case .parquet:
            return "read_parquet(\(pattern(file)))\(hasOddNames(file) ? " AS file(\(columnList(file.columns)))" : "")"
        case .ndjson:
            return """
                read_json(\(pattern(file)), compression = '\(compression)', format = 'newline_delimited', \
                columns = {\(columns)}, maximum_object_size = 134217728)
                """
        }
    }
}
