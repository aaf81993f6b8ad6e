import ExportCore

/// ClickHouse 23.8 or newer. It has no transactions, so a window is written under a new number, and a single row makes that the current
/// one.
struct ClickHouseLoad: LoadDialect {
    let warehouse: any WarehouseDialect = ClickHouse()

    /// None: each process of the client has a session of its own, so its options set all.
    let settings: [String] = []

    /// Settings as options of the client.
    static let clientSettings = [
        // Values must be read and written independently of the user's settings, because hashes are computed from them.
        "date_time_input_format=best_effort", "precise_float_parsing=1", "bool_true_representation=true",
        "bool_false_representation=false", "input_format_null_as_default=0", "input_format_tsv_empty_as_default=0",
        "input_format_allow_errors_num=0", "input_format_allow_errors_ratio=0", "transform_null_in=0",
        "count_distinct_implementation=uniqExact", "output_format_json_quote_64bit_integers=0",
        "output_format_json_named_tuples_as_objects=0",
        // What was written is counted at once.
        "async_insert=0", "select_sequential_consistency=1", "mutations_sync=2",
        // Rows that are compared stand in the query.
        "max_query_size=1073741824",
    ]

    /// The oldest version, by year and month.
    static let oldest = (year: 23, month: 8)

    func identity(schema: String?) -> String {
        let name = schema.map(warehouse.literal) ?? "currentDatabase()"
        let exists = "CAST((SELECT count() FROM system.databases WHERE name = \(name)) > 0 AS Bool)"
        return "SELECT \(array(["version()", name, exists, "true"]));"
    }

    func catalog(of tables: [String], in schema: String) -> String {
        """
        SELECT \(array(["table", "name", "type", "false"])) FROM system.columns \
        WHERE database = \(warehouse.literal(schema)) AND table IN (\(tables.map(warehouse.literal).joined(separator: ", ")));
        """
    }

    /// Numbers of any length are text: a decimal has 76 digits at most.
    func type(of type: ColumnType) -> String { "Nullable(\(bareType(of: type)))" }

    func bareType(of type: ColumnType) -> String { ClickHouse().bareType(of: type == .decimal ? .string : type) }

    func array(_ values: [String]) -> String { "toJSONString(tuple(\(values.joined(separator: ", "))))" }

    /// SipHash is the same in every version.
    func hash(of columns: [String]) -> String {
        "sipHash64(toString(tuple(\(columns.map { "toString(\($0))" }.joined(separator: ", ")))))"
    }

    func contains(_ text: String, in column: String) -> String { "position(\(column), \(warehouse.literal(text))) > 0" }

    func sum(of value: String) -> String { "toString(sum(toInt128(\(value))))" }

    func instant(_ text: String) -> String { "parseDateTime64BestEffort(\(warehouse.literal(text)), 6, 'UTC')" }

    func text(ofTime time: String) -> String { "concat(toString(\(time)), '+00')" }

    let clock = "now64(6, 'UTC')"

    func later(than column: String, of table: String) -> String {
        let latest = "(SELECT max(\(warehouse.quoted(column))) FROM \(table))"
        return "concat(replaceOne(toString(greatest(\(clock), addMicroseconds(\(latest), 1))), ' ', 'T'), 'Z')"
    }

    func widerTypes(than type: ColumnType) -> [String] {
        switch type {
        case .string, .json, .decimal: []
        case .integer, .number, .boolean, .timestamp: ["Nullable(String)"]
        }
    }

    func catalogType(of type: ColumnType) -> String { self.type(of: type) }

    func renaming(of table: String, to name: String, in schema: String) -> String {
        let schema = warehouse.quoted(schema)
        return "RENAME TABLE \(schema).\(warehouse.quoted(table)) TO \(schema).\(warehouse.quoted(name));"
    }
}
