import ExportCore

/// BigQuery (GoogleSQL). Files lie in Cloud Storage. Names: letters, digits and underscores, at most 300 characters, and some beginnings
/// are taken ("Schemas: column names"); the case of letters does not count.
struct BigQuery: WarehouseDialect {
    let naming = ColumnNaming(
        longest: 300, foldsCase: true, isPlain: true,
        reservedPrefixes: [
            "_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier", "_change_sequence_number",
            "_change_type",
            "_change_timestamp",
        ])
    let transaction = (begin: ["BEGIN TRANSACTION;"], end: ["COMMIT TRANSACTION;"])

    func type(of type: ColumnType) -> String {
        switch type {
        case .string: "STRING"
        case .integer: "INT64"
        case .number: "FLOAT64"
        case .decimal: "BIGNUMERIC"
        case .boolean: "BOOL"
        case .timestamp: "TIMESTAMP"
        case .json: "JSON"
        }
    }

    let patternMarks: Set<Unicode.Scalar> = ["*"]

    /// "CREATE EXTERNAL TABLE": GZIP and NONE.
    let readsZstd = false

    // "Lexical structure and syntax": identifiers in quotes have the escapes of strings.
    func quoted(_ name: String) -> String { SQLText.escaped(name, quote: "`") }

    func literal(_ text: String) -> String { SQLText.escaped(text, quote: "'") }

    func definition(of table: WarehouseTable, named name: String) -> [String] {
        let lines = columnLines(table) { "\(quoted($0.name)) \(type(of: $0.type))" }
        let key = table.id.map { ",\n  PRIMARY KEY (\(quoted($0.name))) NOT ENFORCED" } ?? ""
        let cluster = table.conversation.map { "\nCLUSTER BY \(quoted($0.name))" } ?? ""
        return [
            """
            CREATE TABLE IF NOT EXISTS \(name) (
            \(lines)\(key)
            )
            PARTITION BY DATE(\(quoted(table.startedAt.name)))\(cluster);
            """
        ]
            + table.columns.filter(\.isDiscovered).map {
                "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(quoted($0.name)) \(type(of: $0.type));"
            }
    }

    /// A line of NDJSON is loaded as one text, and taken apart by the names in the file: so no number becomes a double on its way.
    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    {
        let delete = "DELETE FROM \(name) WHERE \(condition(span, on: table) { "TIMESTAMP \(literal($0))" });"
        var replacement = Replacement(statements: [delete])
        for (index, file) in files.enumerated() {
            let staged = staging(of: file, as: quoted("agentsight_rows_\(number)_\(index + 1)"))
            replacement.preparation += staged.statements
            replacement.statements += removals(for: file, in: staged.name, fields(of: file).value, from: table, named: name)
            let values = staged.values.joined(separator: ",\n  ")
            replacement.statements.append(
                "INSERT INTO \(name) (\(columnList(file.columns)))\nSELECT\n  \(values)\nFROM \(staged.name);")
        }
        return replacement
    }

    func staging(of file: LoadFile, like table: String, in namespace: String?, _ number: Int) -> StagedRows {
        staging(of: file, as: quoted("agentsight_rows_\(number)"))
    }

    private func staging(of file: LoadFile, as rows: String) -> StagedRows {
        let (columns, value) = fields(of: file)
        let names = columns.isEmpty ? "" : " (\(columns))"
        return StagedRows(
            statements: ["LOAD DATA OVERWRITE TEMP TABLE \(rows)\(names)\nFROM FILES (\(options(file)));"], name: rows,
            values: file.columns.map(value))
    }

    /// The columns of the rows as they are loaded, and what each column of the table takes from them.
    private func fields(of file: LoadFile) -> (columns: String, value: (WarehouseTable.Column) -> String) {
        switch file.format {
        case .csv:
            let columns = file.columns.map { "\(quoted($0.name)) \($0.type == .json ? "STRING" : type(of: $0.type))" }
            return (columns.joined(separator: ", "), record)
        case .ndjson: return ("doc STRING", object)
        // Named in the file.
        case .parquet: return ("", typed)
        }
    }

    private func options(_ file: LoadFile) -> String {
        let uris = "uris = [\(literal(file.location))]"
        let compression = file.compression == .gzip ? ", compression = 'GZIP'" : ""
        return switch file.format {
        case .csv: "format = 'CSV', \(uris), skip_leading_rows = 1, allow_quoted_newlines = TRUE\(compression)"
        // JSON has no control characters but in escapes.
        case .ndjson: "format = 'CSV', \(uris), field_delimiter = '\\x02', quote = ''\(compression)"
        case .parquet: "format = 'PARQUET', \(uris)"
        }
    }

    /// A value of Parquet, which has JSON and decimals as text.
    private func typed(_ column: WarehouseTable.Column) -> String {
        let name = quoted(column.source)
        return switch column.type {
        case .json: "PARSE_JSON(\(name), wide_number_mode => 'round')"
        case .decimal: "CAST(\(name) AS BIGNUMERIC)"
        case .string, .integer, .number, .boolean, .timestamp: name
        }
    }

    private func record(_ column: WarehouseTable.Column) -> String {
        column.type == .json ? "PARSE_JSON(\(quoted(column.name)), wide_number_mode => 'round')" : quoted(column.name)
    }

    private func object(_ column: WarehouseTable.Column) -> String {
        let key = column.source.mappingScalars { $0 == "\"" || $0 == "\\" ? "\\\($0)" : nil }
        let path = literal("$.\"\(key)\"")
        switch column.type {
        case .json: return "PARSE_JSON(JSON_QUERY(doc, \(path)), wide_number_mode => 'round')"
        // A list is JSON text.
        case .string: return "COALESCE(JSON_VALUE(doc, \(path)), NULLIF(JSON_QUERY(doc, \(path)), 'null'))"
        default: return "CAST(JSON_VALUE(doc, \(path)) AS \(type(of: column.type)))"
        }
    }
}
