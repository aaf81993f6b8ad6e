/// A bucket that another client uses too, now and then.
public struct SharedLimiter: RequestLimiter {
    private var bucket: BucketLimiter
    private let rate: Double
    private let seconds: Double
    /// When the other client sends its next request.
    private var next = 0.0

    /// - Parameters:
    ///   - rate: Requests a second of the other client.
    ///   - seconds: For as long it sends, then for as long it does not.
    public init(_ bucket: BucketLimiter, otherSends rate: Double, inTurnsOf seconds: Double) {
        self.bucket = bucket
        self.rate = rate
        self.seconds = seconds
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
