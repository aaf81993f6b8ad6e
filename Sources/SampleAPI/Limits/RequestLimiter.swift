/// Bounds the requests of a key, as services do in several ways. A value without a clock: times are seconds since any fixed instant.
public protocol RequestLimiter: Sendable {
    /// Decides about a request that arrives. Nil: it is admitted.
    /// - Parameter inFlight: Admitted requests that are at work, without this one.
    mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal?

    /// The first time, not before `now`, at which a request would be admitted, were none in flight.
    func nextAdmission(from now: Double) -> Double

    /// How many requests may be in flight. Nil: any number.
    var inFlightBound: Int? { get }

    /// The limiter as a client meets it that leaves others what they ask for.
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
    /// Whole seconds. Nil: it does not say.
    public var retryAfter: Int?

    /// - Parameter wait: Seconds until a request may be admitted. Nil: it does not say.
    init(after wait: Double?) {
        retryAfter = wait.map { max(1, Int($0.rounded(.up))) }
    }
}
