import ExportCore

/// ClickHouse, by clickhouse-client or clickhouse-local, which reads the files where it runs. It has no transactions: a window is
/// deleted first, and a load that died is completed by running it again.
struct ClickHouse: WarehouseDialect {
    let naming = ColumnNaming(longest: 255, foldsCase: false)
    let transaction: (begin: [String], end: [String]) = ([], [])

    func type(of type: ColumnType) -> String { "Nullable(\(bareType(of: type)))" }

    func bareType(of type: ColumnType) -> String {
        switch type {
        case .string, .json: "String"
        case .integer: "Int64"
        case .number: "Float64"
        case .decimal: "Decimal(76, 38)"
        case .boolean: "Bool"
        case .timestamp: "DateTime64(6, 'UTC')"
        }
    }

    let patternMarks: Set<Unicode.Scalar> = ["*", "?", "{", "}"]

    // "Syntax", "String literals": the same escapes in names and in texts.
    func quoted(_ name: String) -> String { SQLText.escaped(name, quote: "`", SQLText.bytes) }

    func literal(_ text: String) -> String { SQLText.escaped(text, quote: "'", SQLText.bytes) }

    func definition(of table: WarehouseTable, named name: String) -> [String] {
        let keys = [table.startedAt] + [table.conversation, table.id].compactMap { $0 }.filter { $0 != table.startedAt }
        let lines = columnLines(table) { column in
            "\(quoted(column.name)) \(keys.contains(column) ? bareType(of: column.type) : type(of: column.type))"
        }
        var order: [String] = []
        for key in keys.map({ quoted($0.name) }) where !order.contains(key) { order.append(key) }
        let discovered = table.columns.filter(\.isDiscovered)
        return [
            """
            CREATE TABLE IF NOT EXISTS \(name) (
            \(lines)
            )
            ENGINE = MergeTree
            PARTITION BY toYYYYMM(\(quoted(table.startedAt.name)))
            ORDER BY (\(order.joined(separator: ", ")));
            """
        ] + discovered.map { "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(quoted($0.name)) \(type(of: $0.type));" }
            + discovered.map { "ALTER TABLE \(name) MODIFY COLUMN \(quoted($0.name)) \(type(of: $0.type));" }
    }

    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    {
        let span = condition(span, on: table) { "parseDateTime64BestEffort(\(literal($0)), 6, 'UTC')" }
        // In one statement: each rewrites parts of the table.
        let superseded = files.flatMap { file in
            table.keys(in: file).map { "\n  OR \(quoted($0.name)) IN (SELECT \(quoted($0.source)) FROM \(rows(of: file)))" }
        }
        let removal = superseded.isEmpty ? span : "(\(span))\(superseded.joined())"
        let statements =
            ["DELETE FROM \(name) WHERE \(removal);"]
            + files.map { file in
                // Keys of the table are not null, and a null there is refused.
                let values = file.columns.map { quoted($0.source) }.joined(separator: ", ")
                return "INSERT INTO \(name) (\(columnList(file.columns)))\nSELECT \(values)\nFROM \(rows(of: file));"
            }
        return Replacement(statements: statements)
    }

    private func rows(of file: LoadFile) -> String {
        let structure = file.columns.map { "\(quoted($0.source)) \(type(of: $0.type))" }.joined(separator: ", ")
        let format =
            switch file.format {
            case .csv: "CSVWithNames"
            case .ndjson: "JSONEachRow"
            case .parquet: "Parquet"
            }
        let compression =
            switch file.compression {
            case .none: "none"
            case .gzip: "gzip"
            case .zstd: "zstd"
            }
        return
            "\(function(file))(\(literal(file.location)), \(literal(format)), \(literal(structure)), '\(compression)')"
            + "\nSETTINGS \(Self.settings(file.format))"
    }

    private func function(_ file: LoadFile) -> String {
        file.location.containsExactly("://") ? "s3" : "file"
    }

    private static func settings(_ format: Output.Format) -> String {
        switch format {
        case .csv:
            """
            date_time_input_format = 'best_effort', format_csv_null_representation = '', input_format_csv_empty_as_default = 0, \
            input_format_null_as_default = 0
            """
        case .ndjson:
            """
            date_time_input_format = 'best_effort', input_format_null_as_default = 0, input_format_skip_unknown_fields = 1, \
            input_format_json_read_objects_as_strings = 1, input_format_json_read_arrays_as_strings = 1, \
            input_format_json_read_numbers_as_strings = 1, input_format_json_read_bools_as_strings = 1
            """
        case .parquet: "input_format_null_as_default = 0, input_format_parquet_allow_missing_columns = 0"
        }
    }
}
