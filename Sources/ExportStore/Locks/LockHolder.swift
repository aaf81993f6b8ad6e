/// A run that holds a lock of the destination, or died with it.
public struct LockHolder: Sendable, Hashable, Encodable {
    /// The run's description of itself and, for a bucket, the end of its lock. Nil if that cannot be read.
    public let holder: String?
    /// False: it did not give the destination back, as where it was killed, and the next run goes on from what it left. A bucket does not
    /// show a death before the lease of its lock has passed.
    public let isActive: Bool

    /// Whether it holds all of the destination, and not a share of its windows.
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
