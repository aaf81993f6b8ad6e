/// A token bucket: a rate of requests per second, and a burst after a period without requests.
public struct BucketLimiter: RequestLimiter {
    private var rate: Double
    private let burst: Double
    private let saysRetryAfter: Bool
    /// Rates that hold from a time on, in order of time.
    private var changes: [(time: Double, rate: Double)]
    private var tokens: Double
    private var time = 0.0

    /// Creates a full bucket.
    /// - Parameters:
    ///   - rate: The number of requests per second.
    ///   - burst: The number of requests at once.
    ///   - saysRetryAfter: Whether a refusal says how long to wait; nginx does not.
    ///   - changes: Rates that apply from a time on, in the order of time.
    public init(rate: Double, burst: Double, saysRetryAfter: Bool = true, changes: [(time: Double, rate: Double)] = []) {
        self.rate = rate
        self.burst = burst
        self.saysRetryAfter = saysRetryAfter
        self.changes = changes
        tokens = burst
    }

    /// A whole request, less the rounding error of sums of fractions.
    private static let whole = 1 - 1e-9

    private mutating func refill(until now: Double) {
        while let change = changes.first, change.time <= now {
            tokens = min(burst, tokens + (change.time - time) * rate)
            (time, rate) = (change.time, change.rate)
            changes.removeFirst()
        }
        tokens = min(burst, tokens + (now - time) * rate)
        time = now
    }

    public mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal? {
        refill(until: now)
        guard tokens < Self.whole else {
            tokens -= 1
            return nil
        }
        return LimiterRefusal(after: saysRetryAfter ? (1 - tokens) / rate : nil)
    }

    public func nextAdmission(from now: Double) -> Double {
        var copy = self
        var next = now
        copy.refill(until: next)
        while copy.tokens < Self.whole {
            next += (1 - copy.tokens) / copy.rate
            if let change = copy.changes.first { next = min(next, change.time) }
            copy.refill(until: next + 1e-12)
        }
        return next
    }
}
