/// A bucket that is also used by another client at times.
public struct SharedLimiter: RequestLimiter {
    private var bucket: BucketLimiter
    private let whole: (rate: Double, burst: Double)
    private let rate: Double
    private let seconds: Double
    /// When the other client sends its next request.
    private var next = 0.0

    /// Creates a limiter.
    /// - Parameters:
    ///   - rate: The number of requests per second that are admitted.
    ///   - burst: The number of requests that are admitted at once.
    ///   - others: The number of requests per second of the other client.
    ///   - seconds: The length of the alternating periods in which the other client sends and does not.
    public init(rate: Double, burst: Double, otherSends others: Double, inTurnsOf seconds: Double) {
        bucket = BucketLimiter(rate: rate, burst: burst)
        whole = (rate, burst)
        self.rate = others
        self.seconds = seconds
    }

    public var withoutOthers: any RequestLimiter {
        let turns = (1..<1000).map { turn in
            (time: Double(turn) * seconds, rate: turn.isMultiple(of: 2) ? whole.rate - rate : whole.rate)
        }
        return BucketLimiter(rate: whole.rate - rate, burst: whole.burst, changes: turns)
    }

    public mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal? {
        while next <= now {
            if next.truncatingRemainder(dividingBy: 2 * seconds) < seconds { _ = bucket.refusal(at: next, inFlight: 0) }
            next += 1 / rate
        }
        return bucket.refusal(at: now, inFlight: inFlight)
    }

    public func nextAdmission(from now: Double) -> Double {
        var copy = self
        var time = now
        while copy.refusal(at: time, inFlight: 0) != nil { time = copy.bucket.nextAdmission(from: time + 1e-6) }
        return time
    }
}
