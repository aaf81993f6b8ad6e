/// Decides whether and when a request that failed with a transient error is repeated.
public struct RetryPolicy: Sendable, Hashable {
    /// The maximum number of repeats.
    public var limit: Int
    /// The maximum number of throttled responses to one request. They do not count as failures: the request waits for its next place.
    public var throttleLimit: Int
    /// The first pause, before jitter; each further one is twice as long. Default: 500 ms.
    public var base: Duration
    /// The longest pause. Default: 30 s.
    public var cap: Duration

    /// Creates a policy; `limit` is `fetch.retries` of the pipeline file.
    public init(limit: Int, throttleLimit: Int = 30, base: Duration = .milliseconds(500), cap: Duration = .seconds(30)) {
        self.limit = limit
        self.throttleLimit = throttleLimit
        self.base = base
        self.cap = cap
    }

    /// The wait before the next attempt, with full jitter: a random duration up to a bound that doubles each time, up to `cap`. `nil` to
    /// give up.
    /// - Parameters:
    ///   - failures: How often the request has failed, from 1.
    ///   - jitter: A random number from 0 to 1.
    public func pause(afterFailures failures: Int, jitter: Double) -> Duration? {
        guard failures <= limit else { return nil }
        let longest = min(base * (1 << min(failures - 1, 16)), cap)
        return longest * jitter
    }
}
