/// So many requests in flight, as a server with so many workers and no queue.
public struct InFlightLimiter: RequestLimiter {
    private let bound: Int

    /// Creates a limiter of so many requests in flight.
    public init(_ bound: Int) { self.bound = bound }

    public var inFlightBound: Int? { bound }

    public mutating func refusal(at now: Double, inFlight: Int) -> LimiterRefusal? {
        inFlight < bound ? nil : LimiterRefusal(after: 1)
    }

    public func nextAdmission(from now: Double) -> Double { now }
}
