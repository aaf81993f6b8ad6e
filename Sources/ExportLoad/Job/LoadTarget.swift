public import ExportWarehouse

/// The target of a load: the warehouse, and how it is accessed.
public struct LoadTarget: Sendable, Hashable {
    /// The warehouse.
    public var system: WarehouseSystem
    /// The command that starts its client.
    public var client: ClientCommand
    /// The schema of the tables. `nil`: that of the session.
    public var namespace: String?
    /// A prefix for the names of the tables.
    public var prefix: String

    /// Creates a target.
    public init(system: WarehouseSystem, client: ClientCommand, namespace: String? = nil, prefix: String = "") {
        self.system = system
        self.client = client
        self.namespace = namespace
        self.prefix = prefix
    }
}

/// Options of a load beyond the windows that differ.
public struct LoadOptions: Sendable, Hashable {
    /// Whether unsettled windows are loaded too.
    public var allowsUnsettled = false
    /// Whether windows that the destination no longer has are removed.
    public var prunes = false
    /// Whether nothing is changed.
    public var isDryRun = false
    /// Whether all windows are loaded again.
    public var isForced = false
    /// Whether a window fails if it has characters that the system cannot store.
    public var refusesUnloadable = false

    /// A load of the windows that differ.
    public init() {}
}
