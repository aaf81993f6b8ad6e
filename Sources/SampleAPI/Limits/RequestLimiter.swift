/// A limiter of a key's requests, as implemented by services in several ways. A value without a clock: times are seconds since any fixed
/// instant.
public protocol RequestLimiter: Sendable {
    /// Decides about a request that arrives. `nil`: it is admitted.
    /// - Parameter inFlight: The number of admitted requests in flight, without this one.
    mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal?

    /// The first time, not before `now`, at which a request would be admitted, were none in flight.
    func nextAdmission(from now: Double) -> Double

    /// How many requests may be in flight. `nil`: any number.
    var inFlightBound: Int? { get }

    /// The limiter without the capacity that others use.
    var withoutOthers: any RequestLimiter { get }
}

extension RequestLimiter {
    /// Any number of requests may be in flight.
    public var inFlightBound: Int? { nil }

    /// There are no others.
    public var withoutOthers: any RequestLimiter { self }
}

/// How a limiter refuses a request.
public struct LimiterRefusal: Sendable, Hashable {
    /// 429, or 503 where a proxy refuses.
    public var status = 429
    /// Whole seconds. `nil`: it does not say.
    public var retryAfter: Int?

    /// - Parameter wait: Seconds until a request may be admitted. `nil`: it does not say.
    init(after wait: Double?) {
        retryAfter = wait.map { max(1, Int($0.rounded(.up))) }
    }
}
