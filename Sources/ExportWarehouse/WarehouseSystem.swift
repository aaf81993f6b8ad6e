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
}
