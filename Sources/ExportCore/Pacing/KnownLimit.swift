/// What a run has found out about the limit of a service: how many requests a second, in a longer window, or in flight.
public enum KnownLimit: Sendable, Hashable, Codable {
    /// Requests a second, and how many more were admitted at once.
    case rate(perSecond: Double, burst: Double)
    /// Requests in any window of so many seconds.
    case window(requests: Int, seconds: Double)
    /// Requests in flight.
    case inFlight(Int)
}
