public import ExportCore

/// A system that loads what was exported.
public enum WarehouseSystem: String, Sendable, Hashable, CaseIterable {
    case bigquery, snowflake, redshift, postgres, duckdb, clickhouse

    var dialect: any WarehouseDialect {
        switch self {
        case .bigquery: BigQuery()
        case .snowflake: Snowflake()
        case .redshift: Redshift()
        case .postgres: Postgres()
        case .duckdb: DuckDB()
        case .clickhouse: ClickHouse()
        }
    }

    /// The names that columns have there.
    package func names(for names: [String]) -> [String] { dialect.naming.names(for: names) }

    /// A name as its statements have it.
    package func quoted(_ name: String) -> String { dialect.quoted(name) }

    /// A text as its statements have it.
    package func literal(_ text: String) -> String { dialect.literal(text) }
}

extension WarehouseSystem {
    /// The formats that the system loads.
    public var formats: Set<Output.Format> { dialect.formats }
}
