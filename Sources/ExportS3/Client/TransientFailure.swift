import ExportCore

/// A failure of an attempt that may be temporary.
struct TransientFailure: Equatable, Sendable, CustomStringConvertible {
    let description: String
    /// The pause that the store requests.
    var pause: Duration?
    /// Whether the response was an HTML page, which usually stays for minutes or longer.
    private(set) var isPage = false

    init(_ description: String, pause: Duration? = nil) {
        self.description = description
        self.pause = pause
    }

    /// Creates the failure of an HTML page instead of a response.
    init(page status: Int) {
        self.init(
            """
            an HTML page with status \(status), which the store does not send: it may come from a firewall, a proxy or a sign-in \
            page; if this continues, check the endpoint, and ask your network administrator
            """)
        isPage = true
    }
}

/// Decides whether and when a request to a store that failed with a transient error is repeated.
struct StoreRetry: Sendable {
    var policy = RetryPolicy(limit: 8, base: .milliseconds(500), cap: .seconds(20))
    /// The limit before the store has responded, when a wrong endpoint is more likely than a transient failure, and after it was given up.
    var limitWithoutAnswer = 2
    /// The limit for HTML pages of a firewall or a proxy, which do not disappear within seconds.
    var limitOfPages = 2
    /// The limit when a run is ending, which should not take long.
    var limitAtEnd = 2
    /// The longest pause that a store can request.
    var maximumPause = Duration.seconds(60)

    /// The wait before the next attempt. `nil` to give up.
    /// - Parameters:
    ///   - failures: How often the request has failed, from 1.
    ///   - jitter: A random number from 0 to 1.
    func pause(
        after trouble: TransientFailure, failures: Int, isAnswering: Bool, isEnding: Bool, jitter: Double
    ) -> Duration? {
        var policy = policy
        if !isAnswering { policy.limit = min(policy.limit, limitWithoutAnswer) }
        if trouble.isPage { policy.limit = min(policy.limit, limitOfPages) }
        if isEnding { policy.limit = min(policy.limit, limitAtEnd) }
        guard let own = policy.pause(afterFailures: failures, jitter: jitter) else { return nil }
        return max(own, min(trouble.pause ?? .zero, maximumPause))
    }
}
