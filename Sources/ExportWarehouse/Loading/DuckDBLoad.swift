import ExportCore

/// DuckDB. Only one process at a time can open a database file, so the second of two loads ends because the file is locked.
struct DuckDBLoad: TransactionDialect {
    let warehouse: any WarehouseDialect = DuckDB()

    let settings = ["SET TimeZone = 'UTC';"]
    let foldsCase = true

    func identity(schema: String?) -> String {
        let name = schema.map(literal) ?? "current_schema()"
        let exists = "EXISTS (SELECT 1 FROM duckdb_schemas() WHERE lower(schema_name) = lower(\(name)))"
        let isFile = """
            EXISTS (SELECT 1 FROM duckdb_databases() WHERE database_name = current_database() AND path IS NOT NULL AND path <> ':memory:')
            """
        return "SELECT \(array(["version()", name, exists, isFile]));"
    }

    func catalog(of tables: [String], in schema: String) -> String {
        """
        SELECT \(array(["table_name", "column_name", "data_type", "NOT is_nullable AND column_default IS NULL"])) \
        FROM duckdb_columns() WHERE database_name = current_database() AND lower(schema_name) = lower(\(literal(schema))) \
        AND lower(table_name) IN (\(tables.map { "lower(\(literal($0)))" }.joined(separator: ", ")));
        """
    }

    private func literal(_ text: String) -> String { warehouse.literal(text) }

    func array(_ values: [String]) -> String { "json_array(\(values.joined(separator: ", ")))" }

    func numbers(_ values: [String]) -> String { array(values) }

    func temporary(_ name: String, columns: [(name: String, type: String)]) -> [String] {
        let list = columns.map { "\(warehouse.quoted($0.name)) \($0.type)" }.joined(separator: ", ")
        return ["CREATE OR REPLACE TEMPORARY TABLE \(name) (\(list));"]
    }

    func temporary(_ name: String, like table: String, columns: String) -> [String] {
        ["CREATE OR REPLACE TEMPORARY TABLE \(name) AS SELECT \(columns) FROM \(table) LIMIT 0;"]
    }

    /// Of the MD5 of all cells, each behind its length: what `hash` gives depends on DuckDB's version. `concat` takes NULL for an empty
    /// text, so a cell that is NULL has no length.
    func hash(of columns: [String]) -> String {
        let cells = columns.map { column in
            let text = "CAST(\(column) AS VARCHAR)"
            return "strlen(\(text)), ':', \(text)"
        }
        return "md5_number_lower(concat(\(cells.joined(separator: ", "))))"
    }

    func contains(_ text: String, in column: String) -> String { "strpos(\(column), \(literal(text))) > 0" }

    func sum(of value: String) -> String { "CAST(coalesce(sum(\(value)), 0) AS VARCHAR)" }

    func begin(in schema: String) -> [String] { ["BEGIN TRANSACTION;"] }

    let clock = "now()"

    func later(than column: String, of table: String) -> String {
        """
        strftime(greatest(\(clock), (SELECT max(\(column)) FROM \(table)) + INTERVAL 1 MICROSECOND) AT TIME ZONE 'UTC', \
        '%Y-%m-%dT%H:%M:%S.%fZ')
        """
    }

    /// Without a key: within a transaction, a key that was deleted cannot be inserted again.
    func definition(of name: String, columns: [(name: String, type: String)], key: [String], isNotNull: [String]) -> String {
        let lines = columns.map { column in
            "  \(warehouse.quoted(column.name)) \(column.type)\(isNotNull.contains(column.name) ? " NOT NULL" : "")"
        }
        return "CREATE TABLE IF NOT EXISTS \(name) (\n\(lines.joined(separator: ",\n"))\n);"
    }

    func indexes(of table: LoadTable, named name: String) -> [String] { [] }

    func widening(of column: String, to type: String, in name: String) -> String {
        let column = warehouse.quoted(column)
        return "ALTER TABLE \(name) ALTER COLUMN \(column) SET DATA TYPE \(type) USING CAST(CAST(\(column) AS VARCHAR) AS \(type));"
    }

    func widerTypes(than type: ColumnType) -> [String] {
        switch type {
        case .string, .decimal: []
        case .integer, .number, .json, .boolean, .timestamp: ["VARCHAR"]
        }
    }

    func catalogType(of type: ColumnType) -> String { type == .timestamp ? "TIMESTAMP WITH TIME ZONE" : warehouse.type(of: type) }

    /// Reads a file of CSV, whose columns are in this order, without a header.
    static func insertion(into name: String, columns: [(name: String, type: String)], from path: String) -> String {
        let dialect = DuckDB()
        let types = columns.map { "\(dialect.literal($0.name)): \(dialect.literal($0.type))" }.joined(separator: ", ")
        let names = columns.map { dialect.quoted($0.name) }.joined(separator: ", ")
        return """
            INSERT INTO \(name) (\(names)) SELECT \(names) FROM read_csv(\(dialect.pattern(path)), columns = {\(types)}, header = false, \
            auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, \
            strict_mode = true, max_line_size = 134217728, buffer_size = 268435456);
            """
    }
}
