public import ExportWarehouse

/// The warehouse that a load goes into, and how it is reached.
public struct LoadTarget: Sendable, Hashable {
    /// The warehouse.
    public var system: WarehouseSystem
    /// The command that starts its client.
    public var client: ClientCommand
    /// The schema of the tables. Nil: that of the session.
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
    /// Unsettled windows are loaded too.
    public var allowsUnsettled = false
    /// Windows that the destination no longer has are removed.
    public var prunes = false
    /// Nothing is changed.
    public var isDryRun = false
    /// All windows are loaded again.
    public var isForced = false
    /// A window with characters that the system cannot hold fails.
    public var refusesUnloadable = false

    /// A load of the windows that differ.
    public init() {}
}
