/// A limit for each second, minute or other period, by a counter that is reset at its start.
public struct CounterLimiter: RequestLimiter {
    private let requests: Int
    private let seconds: Double
    private let phase: Double
    private let status: Int
    private var period = -1.0
    private var admitted = 0

    /// Creates a limiter.
    /// - Parameters:
    ///   - phase: The seconds of the first period that have elapsed at time 0.
    ///   - status: The status of refusals.
    public init(requests: Int, seconds: Double, phase: Double = 0, status: Int = 429) {
        self.requests = requests
        self.seconds = seconds
        self.phase = phase
        self.status = status
    }

    private func period(at now: Double) -> Double { ((now + phase) / seconds + 1e-9).rounded(.down) }

    public mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal? {
        let next = nextAdmission(from: now)
        guard next <= now else {
            var refusal = LimiterRefusal(after: next - now)
            refusal.status = status
            return refusal
        }
        if period(at: now) != period { (period, admitted) = (period(at: now), 0) }
        admitted += 1
        return nil
    }

    public func nextAdmission(from now: Double) -> Double {
        period(at: now) == period && admitted >= requests ? max(now, (period + 1) * seconds - phase) : now
    }
}
