/// A run that holds a lock of the destination, or crashed while it held it.
public struct LockHolder: Sendable, Hashable, Encodable {
    /// The run's description of itself and, for a bucket, the end of its lock. `nil` if that cannot be read.
    public let holder: String?
    /// Whether the run is in progress. False if it ended without releasing the lock, for example because it was killed; the next run then
    /// continues from its state. In a bucket, a crash shows only after the lease of the lock has expired.
    public let isActive: Bool

    /// Whether the run holds the whole destination, and not only a share of its windows.
    public let holdsAll: Bool

    enum CodingKeys: String, CodingKey {
        case holder
        case isActive = "at_work"
    }

    /// Creates the holder of a lock.
    package init(holder: String?, isActive: Bool, holdsAll: Bool = true) {
        self.holder = holder
        self.isActive = isActive
        self.holdsAll = holdsAll
    }
}
