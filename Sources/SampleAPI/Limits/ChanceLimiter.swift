/// Refuses a part of all requests, whoever sends them and however slowly, as a service that is overloaded by others.
public struct ChanceLimiter: RequestLimiter {
    private let part: Double
    private var random: SplitMix

    /// Creates a limiter that refuses a part of all requests, from 0 to 1.
    public init(part: Double, seed: UInt64 = 1) {
        self.part = part
        random = SplitMix(seed: seed, stream: -3)
    }

    public mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal? {
        random.fraction() < part ? LimiterRefusal(after: 1) : nil
    }

    public func nextAdmission(from now: Double) -> Double { now }
}
