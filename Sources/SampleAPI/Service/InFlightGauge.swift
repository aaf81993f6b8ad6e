import Synchronization

/// Counts the requests in work at several imitations together.
public final class InFlightGauge: Sendable {
    private let counts = Mutex<(now: Int, maximum: Int)>((0, 0))

    /// Creates a gauge that shows nothing in flight.
    public init() {}

    /// The most that were in work at one moment, wherever.
    public var maximum: Int { counts.withLock(\.maximum) }

    func enter() {
        counts.withLock { $0 = ($0.now + 1, max($0.maximum, $0.now + 1)) }
    }

    func leave() {
        counts.withLock { $0.now -= 1 }
    }
}
