/// Where the committed windows of a pipeline are loaded.
public struct LoadSettings: Sendable, Hashable {
    /// The warehouse.
    public var system: System
    /// The command that starts the warehouse's client. `nil` for the client's usual name.
    public var client: String?
    /// The schema of the tables. `nil` for that of the session.
    public var namespace: String?
    /// A prefix for the names of the tables.
    public var prefix: String

    /// The warehouses that can be loaded.
    public enum System: String, Sendable, Hashable, CaseIterable {
        case postgres, duckdb, clickhouse
    }

    /// Creates the settings of a load.
    public init(system: System, client: String? = nil, namespace: String? = nil, prefix: String = "") {
        self.system = system
        self.client = client
        self.namespace = namespace
        self.prefix = prefix
    }
}
