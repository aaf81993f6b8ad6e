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

    func definition(of table: WarehouseTable, named name: String) -> [String] {
        let lines = columnLines(table) { "\(quoted($0.name)) \(type(of: $0.type))" }
        let discovered = table.columns.filter(\.isDiscovered)
        let key = table.id.map { ["-- key: \($0.name)"] } ?? []
        return key + ["CREATE TABLE IF NOT EXISTS \(name) (\n\(lines)\n);"]
            + discovered.map { "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(quoted($0.name)) \(type(of: $0.type));" }
            + discovered.map { "ALTER TABLE \(name) ALTER COLUMN \(quoted($0.name)) SET DATA TYPE \(type(of: $0.type));" }
    }

    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    {
        let statements =
            ["DELETE FROM \(name) WHERE \(condition(span, on: table) { "TIMESTAMPTZ \(literal($0))" });"]
            + files.map { file in
                let values = file.columns.map { column in
                    // A JSON null is no value.
                    column.type == .json ? "nullif(\(quoted(column.source)), 'null')" : quoted(column.source)
                }
                return """
                    INSERT INTO \(name) (\(columnList(file.columns)))
                    SELECT \(values.joined(separator: ", "))
                    FROM \(reader(file));
                    """
            }
        return Replacement(statements: statements)
    }

    private func reader(_ file: LoadFile) -> String {
        let columns = file.columns.map { "\(literal($0.source)): \(literal(type(of: $0.type)))" }.joined(separator: ", ")
        let compression = file.isCompressed ? "gzip" : "none"
        switch file.format {
        case .csv:
            return """
                read_csv(\(literal(file.location)), compression = '\(compression)', columns = {\(columns)}, header = true, \
                auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, \
                strict_mode = true, max_line_size = 134217728, buffer_size = 268435456)
                """
        case .ndjson:
            return """
                read_json(\(literal(file.location)), compression = '\(compression)', format = 'newline_delimited', \
                columns = {\(columns)}, maximum_object_size = 134217728)
                """
        }
    }
}
