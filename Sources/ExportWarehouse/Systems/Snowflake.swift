import ExportCore

/// Snowflake. Files lie in a stage. Names: at most 255 characters ("Identifier requirements"); plain ones are in upper case, so that they
/// can be written without quotes.
struct Snowflake: WarehouseDialect {
    let naming = ColumnNaming(longest: 255, foldsCase: true, isUpperCase: true)
    let transaction = (begin: ["BEGIN TRANSACTION;"], end: ["COMMIT;"])

    func type(of type: ColumnType) -> String {
        switch type {
        // A NUMBER has 38 digits in all.
        case .string, .decimal: "VARCHAR"
        case .integer: "NUMBER(19, 0)"
        case .number: "FLOAT"
        case .boolean: "BOOLEAN"
        case .timestamp: "TIMESTAMP_TZ(6)"
        case .json: "VARIANT"
        }
    }

    func qualified(_ name: String, in namespace: String?) -> String {
        Self.parts(name, in: namespace).map { quoted($0.uppercased()) }.joined(separator: ".")
    }

    // "String & binary data types", "Escape sequences in single-quoted string constants".
    func literal(_ text: String) -> String { SQLText.escaped(text, quote: "'", by: "'") }

    func definition(of table: WarehouseTable, named name: String) -> [String] {
        let lines = columnLines(table) { column in
            "\(quoted(column.name)) \(type(of: column.type))\(column == table.id ? " PRIMARY KEY" : "")"
        }
        return ["CREATE TABLE IF NOT EXISTS \(name) (\n\(lines)\n)\nCLUSTER BY (TO_DATE(\(quoted(table.startedAt.name))));"]
            + table.columns.filter(\.isDiscovered).map {
                "ALTER TABLE \(name) ADD COLUMN IF NOT EXISTS \(quoted($0.name)) \(type(of: $0.type));"
            }
    }

    func replacement(of span: WindowSpan, in table: WarehouseTable, named name: String, by files: [LoadFile], _ number: Int)
        -> Replacement
    {
        var replacement = Replacement(
            statements: ["DELETE FROM \(name) WHERE \(condition(span, on: table) { "TO_TIMESTAMP_TZ(\(literal($0)))" });"])
        // In the namespace of the table: a session may have none of its own.
        let namespace = name.head(beforeExactly: quoted(table.table.rawValue.uppercased())).map(String.init) ?? ""
        for file in files {
            let columns = columnList(file.columns)
            let staged = staging(of: file, like: name, as: namespace + quoted("AGENTSIGHT_ROWS_\(number)"))
            // A definition ends a transaction.
            replacement.preparation += staged.session + staged.statements
            replacement.statements += removals(for: file, in: staged.name, { quoted($0.name) }, from: table, named: name)
            replacement.statements.append("INSERT INTO \(name) (\(columns))\nSELECT \(columns)\nFROM \(staged.name);")
        }
        return replacement
    }

    func staging(of file: LoadFile, like table: String, in namespace: String?, _ number: Int) -> StagedRows {
        staging(of: file, like: table, as: qualified("agentsight_rows_\(number)", in: namespace))
    }

    private func staging(of file: LoadFile, like table: String, as rows: String) -> StagedRows {
        let columns = columnList(file.columns)
        let values = file.columns.enumerated().map { value($1, at: $0 + 1, in: file) }
        return StagedRows(
            // Times of Parquet come without an offset.
            session: file.format == .parquet ? ["ALTER SESSION SET TIMEZONE = 'UTC';"] : [],
            statements: [
                "CREATE OR REPLACE TEMPORARY TABLE \(rows) AS SELECT \(columns) FROM \(table) WHERE FALSE;",
                """
                COPY INTO \(rows) (\(columns))
                FROM (SELECT
                  \(values.joined(separator: ",\n  "))
                FROM \(literal(file.location)))
                FILE_FORMAT = (\(Self.format(of: file))) FORCE = TRUE ON_ERROR = ABORT_STATEMENT;
                """,
            ], name: rows, values: file.columns.map { quoted($0.name) })
    }

    private func value(_ column: WarehouseTable.Column, at place: Int, in file: LoadFile) -> String {
        switch file.format {
        case .csv:
            return column.type == .json ? "PARSE_JSON($\(place))" : "$\(place)::\(type(of: column.type))"
        case .ndjson:
            // A JSON null is no value.
            let value = "STRIP_NULL_VALUE(\(member(column.source)))"
            return column.type == .json ? value : "\(value)::\(type(of: column.type))"
        case .parquet:
            let value = member(column.source)
            return column.type == .json ? "PARSE_JSON(\(value)::VARCHAR)" : "\(value)::\(type(of: column.type))"
        }
    }

    /// The access to a member: by a name in quotes, in which nothing escapes; where something has to, in brackets as a text.
    private func member(_ key: String) -> String {
        let isOdd = key.hasUnprintables || key.containsExactly("\"") || key.containsExactly("\\")
        return isOdd ? "$1[\(literal(key))]" : "$1:\(quoted(key))"
    }

    private static func format(of file: LoadFile) -> String {
        let compression =
            switch file.compression {
            case .none: "COMPRESSION = NONE"
            case .gzip: "COMPRESSION = GZIP"
            case .zstd: "COMPRESSION = ZSTD"
            }
        switch file.format {
        case .parquet: return "TYPE = PARQUET USE_LOGICAL_TYPE = TRUE"
        case .ndjson: return "TYPE = JSON \(compression)"
        case .csv:
            return """
                TYPE = CSV \(compression) SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '"' EMPTY_FIELD_AS_NULL = TRUE NULL_IF = () \
                ESCAPE_UNENCLOSED_FIELD = NONE
                """
        }
    }
}
