/// The requests that the mock server has seen. `/_sample/statistics` is not counted.
public struct SampleStatistics: Sendable, Hashable {
    /// Requests that came, those that were refused included.
    public internal(set) var requests = 0
    /// Requests by `SampleRoute.name`.
    public internal(set) var requestsByRoute: [String: Int] = [:]
    /// The most requests that were in work at one moment. A request is in work from the arrival of its head until just before its
    /// last bytes are handed over, so that a client which then sends its next one is not counted twice.
    public internal(set) var maximumInFlight = 0
    /// 429s sent.
    public internal(set) var throttled = 0
    /// The number of periods in which 429s required clients to wait. Overlapping periods count once.
    public internal(set) var retryAfterPeriods = 0
    /// Requests that came more than `RateLimit.grace` after a 429 and before its `Retry-After` had passed.
    public internal(set) var insideRetryAfter = 0
    /// Bytes of the bodies of answers, before they are compressed.
    public internal(set) var bodyBytes = 0
    /// Faults met, whatever their kind.
    public internal(set) var faults = 0

    var json: JSONValue {
        let routes = requestsByRoute.sorted { $0.key < $1.key }
        return [
            "requests": .integer(requests),
            "requests_by_route": .object(routes.map { .init(key: $0.key, value: .integer($0.value)) }),
            "maximum_in_flight": .integer(maximumInFlight), "throttled": .integer(throttled),
            "retry_after_periods": .integer(retryAfterPeriods),
            "body_bytes": .integer(bodyBytes), "inside_retry_after": .integer(insideRetryAfter), "faults": .integer(faults),
        ]
    }
}
