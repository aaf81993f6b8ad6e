/// A run that has taken a destination and not given it back.
public struct Occupation: Sendable, Hashable, Encodable {
    /// What the run says of itself, and of a bucket when its lock ends. Nil where that cannot be read.
    public let holder: String?
    /// False: it did not give the destination back, as where it was killed, and the next run goes on from what it left. A bucket does not
    /// show a death before the lease of its lock has passed.
    public let isAtWork: Bool

    enum CodingKeys: String, CodingKey {
        case holder
        case isAtWork = "at_work"
    }

    public init(holder: String?, isAtWork: Bool) {
        self.holder = holder
        self.isAtWork = isAtWork
    }
}
