import ExportCore

/// Amazon Redshift. Files lie in S3. Names: at most 127 bytes, and the case of letters does not count ("Names and identifiers"). A CSV's
/// empty field and its `""` are one to COPY, which NDJSON keeps apart.
struct Redshift: WarehouseDialect {
    let naming = ColumnNaming(longest: 127, foldsCase: true)
    let transaction = (begin: ["BEGIN;"], end: ["COMMIT;"])

    /// A backslash escapes in its strings, as in those of PostgreSQL 8.
    func literal(_ text: String) -> String { SQLText.escaped(text, quote: "'", by: "'", SQLText.bytes) }

    func type(of type: ColumnType) -> String {
        switch type {
        case .string: "VARCHAR(65535)"
        // A DECIMAL has 38 digits in all.
        case .decimal: "VARCHAR(128)"
        case .integer: "BIGINT"
        case .number: "DOUBLE PRECISION"
        case .boolean: "BOOLEAN"
        case .timestamp: "TIMESTAMPTZ"
        case .json: "SUPER"
        }
    }

    func definition(of table: WarehouseTable, named name: String) -> [String] {
        let lines = columnLines(table) { column in
            "\(quoted(column.name)) \(type(of: column.type))\(column == table.id ? " PRIMARY KEY" : "")"
        }
        let distribution = table.conversation.map { "DISTKEY (\(quoted($0.name)))" } ?? "DISTSTYLE AUTO"
        // There is no IF NOT EXISTS for a column, so an older table has to be extended manually.
        let added = table.columns.filter(\.isDiscovered).map { column in
            "-- ALTER TABLE \(name) ADD COLUMN \(quoted(column.name)) \(type(of: column.type));"
        }
        return ["CREATE TABLE IF NOT EXISTS \(name) (\n\(lines)\n)\n\(distribution)\nSORTKEY (\(quoted(table.startedAt.name)));"]
            + added
    }

    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    {
        let delete = "DELETE FROM \(name) WHERE \(condition(span, on: table) { "TIMESTAMPTZ \(literal($0))" });"
        return Replacement(
            statements: [delete]
                + files.flatMap { replacement(by: $0, of: table, named: name, number) })
    }

    private func replacement(by file: LoadFile, of table: WarehouseTable, named name: String, _ number: Int) -> [String] {
        let rows = quoted("agentsight_rows_\(number)")
        return copy(file, to: rows, like: name)
            + insertion(of: file, from: rows, into: table, named: name, member: file.format == .parquet ? typed : member)
    }

    func staging(of file: LoadFile, like table: String, in namespace: String?, _ number: Int) -> StagedRows {
        let rows = quoted("agentsight_rows_\(number)")
        let statements = copy(file, to: rows, like: table)
        let settings = statements.filter { $0.startsExactly(with: "SET ") }
        let values = file.columns.map { column in
            switch file.format {
            case .csv: quoted(column.name)
            case .ndjson: member(column)
            case .parquet: typed(column)
            }
        }
        return StagedRows(
            session: settings, statements: statements.filter { !$0.startsExactly(with: "SET ") }, name: rows, values: values)
    }

    private func copy(_ file: LoadFile, to rows: String, like name: String) -> [String] {
        switch file.format {
        case .csv:
            let columns = columnList(file.columns)
            return [
                "CREATE TEMP TABLE \(rows) AS SELECT \(columns) FROM \(name) WHERE FALSE;",
                copy(file, to: "\(rows) (\(columns))", "FORMAT CSV IGNOREHEADER 1 EMPTYASNULL"),
            ]
        case .ndjson:
            return [
                "SET enable_case_sensitive_super_attribute TO TRUE;", "CREATE TEMP TABLE \(rows) (doc SUPER);",
                copy(file, to: rows, "FORMAT JSON 'noshred'"),
            ]
        case .parquet:
            // COPY goes by the places of columns: those of the temporary table are the file's, in its order.
            let columns = file.columns.map { "\(quoted($0.name)) \($0.type == .json ? "VARCHAR(65535)" : type(of: $0.type))" }
            return [
                "CREATE TEMP TABLE \(rows) (\(columns.joined(separator: ", ")));",
                "COPY \(rows)\nFROM \(literal(file.location)) IAM_ROLE DEFAULT\nFORMAT PARQUET;",
            ]
        }
    }

    /// A value of Parquet, which has JSON as text.
    private func typed(_ column: WarehouseTable.Column) -> String {
        column.type == .json ? "JSON_PARSE(\(quoted(column.name)))" : quoted(column.name)
    }

    /// A line is one value, taken apart by the names in the file, which may differ in case.
    private func member(_ column: WarehouseTable.Column) -> String {
        if column.source.hasUnprintables { return unprintable(column) }
        let value = "doc.\(quoted(column.source))"
        let cast = "\(value)::\(type(of: column.type))"
        switch column.type {
        case .json: return value
        // A list is JSON text.
        case .string: return "CASE WHEN is_array(\(value)) OR is_object(\(value)) THEN json_serialize(\(value)) ELSE \(cast) END"
        default: return cast
        }
    }

    /// A key that can stand in no name and in no line: by its bytes, and so as the text that JSON has of it.
    private func unprintable(_ column: WarehouseTable.Column) -> String {
        let key = "FROM_VARBYTE(FROM_HEX('\(SQLText.hexadecimal(column.source))'), 'utf8')"
        let text = "JSON_EXTRACT_PATH_TEXT(JSON_SERIALIZE(doc), \(key))"
        guard column.type == .json else { return "\(text)::\(type(of: column.type))" }
        return "CASE WHEN CAN_JSON_PARSE(\(text)) THEN JSON_PARSE(\(text)) ELSE \(text)::SUPER END"
    }

    private func copy(_ file: LoadFile, to target: String, _ format: String) -> String {
        let compression =
            switch file.compression {
            case .none: ""
            case .gzip: " GZIP"
            case .zstd: " ZSTD"
            }
        return """
            COPY \(target)
            FROM \(literal(file.location)) IAM_ROLE DEFAULT
            \(format)\(compression) TIMEFORMAT 'auto';
            """
    }
}
