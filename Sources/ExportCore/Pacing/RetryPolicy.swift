/// Whether and when a request that failed in passing is sent again.
public struct RetryPolicy: Sendable, Hashable {
    /// Repeats at most.
    public var limit: Int
    /// Throttled answers to one request at most. They are no failures: the pacer waits, and a place in the row comes.
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

    /// The wait before the next try, with full jitter: anything from nothing to twice as much as the time before. Nil: give up.
    /// - Parameters:
    ///   - failures: How often the request has failed, from 1.
    ///   - jitter: From 0 to 1, drawn by chance.
    public func pause(afterFailures failures: Int, jitter: Double) -> Duration? {
        guard failures <= limit else { return nil }
        let longest = min(base * (1 << min(failures - 1, 16)), cap)
        return longest * jitter
    }
}
