/// So many requests in any window of a length, by a log of those that were admitted, as Django REST framework has it.
public struct LogLimiter: RequestLimiter {
    private let requests: Int
    private let seconds: Double
    /// The last ones that were admitted.
    private var log: [Double] = []

    /// Creates a limiter of so many requests in so many seconds.
    public init(requests: Int, seconds: Double) {
        self.requests = requests
        self.seconds = seconds
    }

    public mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal? {
        let next = nextAdmission(from: now)
        guard next <= now else { return LimiterRefusal(after: next - now) }
        log.append(now)
        if log.count > 4 * requests + 64 { log.removeFirst(log.count - requests) }
        return nil
    }

    public func nextAdmission(from now: Double) -> Double {
        log.count < requests ? now : max(now, log[log.count - requests] + seconds)
    }
}
