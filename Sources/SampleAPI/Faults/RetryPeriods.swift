/// The periods in which a 429 requires clients to wait.
struct RetryPeriods: Sendable {
    /// The time for requests that were in flight when the 429 was sent, which are not the client's fault.
    let grace: Duration
    private var periods: [Range<Duration>] = []
    /// The number of periods; those that overlap are one.
    private(set) var count = 0

    init(grace: Duration) {
        self.grace = grace
    }

    /// Remembers the span from `grace` after now to `end`.
    mutating func begin(at now: Duration, until end: Duration) {
        guard now + grace < end else { return }
        if !periods.contains(where: { now < $0.upperBound }) { count += 1 }
        periods.append(now + grace..<end)
    }

    /// Whether a request that arrives now disobeys.
    mutating func contains(_ now: Duration) -> Bool {
        periods.removeAll { $0.upperBound <= now }
        return periods.contains { $0.contains(now) }
    }
}
