/// A service's limit as found by a run: requests per second, in a longer window, or in flight.
public enum KnownLimit: Sendable, Hashable {
    /// Requests per second, and the burst: how many more were admitted at once.
    case rate(perSecond: Double, burst: Double)
    /// Requests in any window of a number of seconds.
    case window(requests: Int, seconds: Double)
    /// Requests in flight.
    case inFlight(Int)

    /// Whether a service could have such a limit.
    package var isPlausible: Bool {
        switch self {
        case .rate(let rate, let burst): rate >= LimiterModel.slowestPace && rate < 1e6 && burst >= 0 && burst < 1e6
        case .window(let requests, let seconds): requests > 0 && requests < 1_000_000 && seconds > 0 && seconds < 1e6
        case .inFlight(let bound): bound > 0 && bound < 1_000_000
        }
    }

    /// The limit multiplied by a factor: the share of one of several runs, or the total computed from it.
    package func times(_ factor: Double) -> KnownLimit {
        if factor == 1 { return self }
        switch self {
        case .rate(let rate, let burst):
            return .rate(perSecond: max(LimiterModel.slowestPace, factor * rate), burst: factor * burst)
        case .window(let requests, let seconds):
            return .window(requests: max(1, Int(factor * Double(requests))), seconds: seconds)
        case .inFlight(let bound): return .inFlight(max(1, Int(factor * Double(bound))))
        }
    }

    /// Whether two limits are equal within the precision with which runs determine them.
    package func isNear(_ other: KnownLimit) -> Bool {
        func isNear(_ one: Double, _ two: Double, _ slack: Double) -> Bool { abs(one - two) <= 0.02 * max(one, two) + slack }
        switch (self, other) {
        case (.rate(let rate, let burst), .rate(let otherRate, let otherBurst)):
            return isNear(rate, otherRate, 0) && isNear(burst, otherBurst, 2)
        case (.window(let requests, let seconds), .window(let otherRequests, let otherSeconds)):
            return isNear(Double(requests), Double(otherRequests), 0) && isNear(seconds, otherSeconds, 0.5)
        case (.inFlight(let bound), .inFlight(let otherBound)): return bound == otherBound
        default: return false
        }
    }

    /// The shortest time in seconds for a number of requests. `nil` if it depends on the service's latency.
    public func seconds(forRequests requests: Int) -> Double? {
        switch self {
        case .rate(let rate, let burst): return max(0, Double(requests) - burst) / rate
        case .window(let inWindow, let seconds): return Double(max(0, requests - 1) / inWindow) * seconds
        case .inFlight: return nil
        }
    }
}

extension KnownLimit: CustomStringConvertible {
    /// For people: `about 40 requests a second, 10 at once`.
    public var description: String {
        switch self {
        case .rate(let rate, let burst):
            let atOnce = Self.whole(burst)
            return rate >= 1
                ? "about \(Self.short(rate)) requests a second" + (atOnce > 1 ? ", \(atOnce) at once" : "")
                : "about \(Self.short(60 * rate)) requests a minute" + (atOnce > 1 ? ", \(atOnce) at once" : "")
        case .window(let requests, let seconds): return "about \(requests) requests in \(Self.short(seconds.rounded())) s"
        case .inFlight(let bound): return "\(bound) request\(bound == 1 ? "" : "s") at once"
        }
    }

    private static func whole(_ number: Double) -> Int { number > 0 ? Int(min(number.rounded(), 1e9)) : 0 }

    /// The number with two significant digits, or with all digits before the point.
    private static func short(_ number: Double) -> String {
        number >= 9.95 || number.rounded() == number ? "\(whole(number))" : "\((10 * number).rounded() / 10)"
    }
}
