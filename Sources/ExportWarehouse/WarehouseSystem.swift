public import ExportCore

/// A database system into which exports can be loaded.
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

    /// The system that a pipeline file names under `load.into`.
    package init(_ system: LoadSettings.System) {
        switch system {
        case .postgres: self = .postgres
        case .duckdb: self = .duckdb
        case .clickhouse: self = .clickhouse
        }
    }

    /// The names that columns have there.
    package func names(for names: [String]) -> [String] { dialect.naming.names(for: names) }

    /// A name as quoted in its statements.
    package func quoted(_ name: String) -> String { dialect.quoted(name) }

    /// A text as quoted in its statements.
    package func literal(_ text: String) -> String { dialect.literal(text) }
}

extension WarehouseSystem {
    /// The dialect for `load`. `nil` for a system that is only given scripts.
    private var loadDialect: (any LoadDialect)? {
        switch self {
        case .postgres: PostgresLoad()
        case .duckdb: DuckDBLoad()
        case .clickhouse: ClickHouseLoad()
        case .bigquery, .snowflake, .redshift: nil
        }
    }

    /// The program that a load starts. `nil` for a system that is only given scripts.
    public var clientProgram: String? {
        switch self {
        case .postgres: "psql"
        case .duckdb: "duckdb"
        case .clickhouse: "clickhouse-client"
        case .bigquery, .snowflake, .redshift: nil
        }
    }

    /// The first statements of a session.
    package var loadSettings: [String] { loadDialect?.settings ?? [] }

    /// Settings that are options of the client.
    package var clientSettings: [String] { self == .clickhouse ? ClickHouseLoad.clientSettings : [] }

    /// Selects the system's version, the used schema, whether it exists, and whether its database outlives the session.
    package func loadIdentity(schema: String?) -> String? { loadDialect?.identity(schema: schema) }

    /// The oldest version that a load supports, as reported by the server. `nil` for any.
    package var oldestVersion: String? {
        switch self {
        case .postgres: "12"
        case .clickhouse: "\(ClickHouseLoad.oldest.year).\(ClickHouseLoad.oldest.month)"
        case .duckdb, .bigquery, .snowflake, .redshift: nil
        }
    }

    /// Names that no column of an output may have, beside those of a load.
    var reservedNames: [String] { self == .clickhouse ? VersionStatements.reserved : [] }

    /// Selects the columns of tables: arrays of table, column, type, and whether each row must have a value for the column.
    package func loadCatalog(of tables: [String], in schema: String) -> String? { loadDialect?.catalog(of: tables, in: schema) }

    /// The statements of a load into a schema. `nil` for a system that is only given scripts.
    package func loadStatements(schema: String) -> LoadStatements? {
        loadDialect.map { LoadStatements($0, schema: schema) }
    }

    /// The formats that the system loads.
    public var formats: Set<Output.Format> { dialect.formats }
}
