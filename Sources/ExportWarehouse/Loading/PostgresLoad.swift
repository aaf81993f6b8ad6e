import ExportCore

/// PostgreSQL 12 or newer. Loads of one schema wait for one another by an advisory lock.
struct PostgresLoad: TransactionDialect {
    let warehouse: any WarehouseDialect = Postgres()

    /// Settings that make the text of values independent of the user's, because hashes are computed from it.
    let settings = [
        "SET client_encoding = 'UTF8';", "SET TimeZone = 'UTC';", "SET DateStyle = 'ISO, MDY';", "SET IntervalStyle = 'postgres';",
        "SET extra_float_digits = 1;", "SET standard_conforming_strings = on;", "SET client_min_messages = error;",
    ]

    func identity(schema: String?) -> String {
        let name = schema.map(literal) ?? "current_schema()"
        return """
            SELECT \(array([
                "current_setting('server_version_num')", "\(name)",
                "EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = \(name))", "true",
            ]));
            """
    }

    func catalog(of tables: [String], in schema: String) -> String {
        let isRequired = "a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''"
        return """
            SELECT \(array(["c.relname", "a.attname", "pg_catalog.format_type(a.atttypid, a.atttypmod)", isRequired])) \
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
            WHERE n.nspname = \(literal(schema)) AND c.relname IN (\(tables.map(literal).joined(separator: ", ")));
            """
    }

    private func literal(_ text: String) -> String { warehouse.literal(text) }

    func array(_ values: [String]) -> String { "pg_catalog.json_build_array(\(values.joined(separator: ", ")))" }

    /// A function has 100 arguments at most.
    func numbers(_ values: [String]) -> String { "pg_catalog.array_to_json(ARRAY[\(values.joined(separator: ", "))])" }

    func temporary(_ name: String, columns: [(name: String, type: String)]) -> [String] {
        let list = columns.map { "\(warehouse.quoted($0.name)) \($0.type)" }.joined(separator: ", ")
        return ["CREATE TEMPORARY TABLE \(name) (\(list));"]
    }

    func temporary(_ name: String, like table: String, columns: String) -> [String] {
        ["CREATE TEMPORARY TABLE \(name) AS SELECT \(columns) FROM \(table) WITH NO DATA;"]
    }

    /// Hash partitions rest on it, so that it stays the same from version to version.
    func hash(of columns: [String]) -> String {
        func array(_ values: [String], _ seed: Int) -> String {
            "pg_catalog.hash_array_extended(ARRAY[\(values.joined(separator: ", "))], \(seed))"
        }
        // Those of load itself have types whose values are hashed as they are, which takes less time than their texts.
        let own: [(columns: [LoadTable.LoadColumn], seed: Int)] = [([.rowDigest], 1), ([.loadedAt, .changedAt], 2)]
        let isOwn = Set(own.flatMap(\.columns).map { warehouse.quoted($0.rawValue) })
        let texts = columns.filter { !isOwn.contains($0) }.map { "\($0)::text COLLATE \"C\"" }
        let others = own.compactMap { own -> String? in
            let names = own.columns.map { warehouse.quoted($0.rawValue) }.filter(columns.contains)
            return names.isEmpty ? nil : array(names, own.seed)
        }
        return "(" + ([array(texts, 0)] + others).joined(separator: " # ") + ")"
    }

    func contains(_ text: String, in column: String) -> String { "pg_catalog.strpos(\(column), \(literal(text))) > 0" }

    func sum(of value: String) -> String { "(coalesce(sum(\(value)), 0))::text" }

    func begin(in schema: String) -> [String] {
        // Under another level, the snapshot would be older than the lock.
        [
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;",
            """
            SELECT pg_catalog.pg_advisory_xact_lock(1634169971, \
            (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = \(literal(schema)))::integer);
            """,
        ]
    }

    let clock = "pg_catalog.clock_timestamp()"

    func later(than column: String, of table: String) -> String {
        """
        pg_catalog.to_char(greatest(\(clock), (SELECT max(\(column)) FROM \(table)) + interval '1 microsecond') AT TIME ZONE 'UTC', \
        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        """
    }

    func definition(of name: String, columns: [(name: String, type: String)], key: [String], isNotNull: [String]) -> String {
        let lines =
            columns.map { column in
                "  \(warehouse.quoted(column.name)) \(column.type)\(isNotNull.contains(column.name) ? " NOT NULL" : "")"
            } + (key.isEmpty ? [] : ["  PRIMARY KEY (\(key.map(warehouse.quoted).joined(separator: ", ")))"])
        return "CREATE TABLE IF NOT EXISTS \(name) (\n\(lines.joined(separator: ",\n"))\n);"
    }

    /// Rows come in the order of time, so that small indexes of ranges serve `_changed_at`.
    func indexes(of table: LoadTable, named name: String) -> [String] {
        let changed = warehouse.quoted(LoadTable.LoadColumn.changedAt.rawValue)
        let id = table.id.map { ["CREATE INDEX ON \(name) (\(warehouse.quoted($0.name)));"] } ?? []
        return id + ["CREATE INDEX ON \(name) USING brin (\(changed));"]
    }

    /// Converted through text, because a direct cast of a double to a number loses digits.
    func widening(of column: String, to type: String, in name: String) -> String {
        let column = warehouse.quoted(column)
        return "ALTER TABLE \(name) ALTER COLUMN \(column) TYPE \(type) USING \(column)::text::\(type);"
    }

    func widerTypes(than type: ColumnType) -> [String] {
        switch type {
        case .string: ["character varying"]
        case .integer, .number: ["numeric", "text"]
        case .json: ["json", "text"]
        case .decimal, .boolean, .timestamp: ["text"]
        }
    }

    func catalogType(of type: ColumnType) -> String { type == .timestamp ? "timestamp with time zone" : warehouse.type(of: type) }
}
