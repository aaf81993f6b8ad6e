import ExportCore

/// A failure of a try that may be temporary.
struct TransientFailure: Equatable, Sendable, CustomStringConvertible {
    let description: String
    /// How long the store asks to wait.
    var pause: Duration?
    /// Whether it was a page of HTML: those stay for minutes, or for good.
    private(set) var isPage = false

    init(_ description: String, pause: Duration? = nil) {
        self.description = description
        self.pause = pause
    }

    /// A page of HTML in the place of an answer.
    init(page status: Int) {
        self.init(
            """
            an HTML page with status \(status), which the store does not send: it may come from a firewall, a proxy or a sign-in \
            page; if this continues, check the endpoint, and ask your network administrator
            """)
        isPage = true
    }
}

/// Whether and when a request to a store that failed in passing is sent again.
struct StoreRetry: Sendable {
    var policy = RetryPolicy(limit: 8, base: .milliseconds(500), cap: .seconds(20))
    /// Until a store has answered, a wrong endpoint is likelier than a passing fault; and one that was given up is not waited for again.
    var limitWithoutAnswer = 2
    /// A page of a firewall or a proxy does not go within seconds.
    var limitOfPages = 2
    /// A run that is being ended does not wait for long.
    var limitAtEnd = 2
    /// The longest pause that a store can ask for.
    var maximumPause = Duration.seconds(60)

    /// The wait before the next try. Nil: give up.
    /// - Parameters:
    ///   - failures: How often the request has failed, from 1.
    ///   - jitter: From 0 to 1, drawn by chance.
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
