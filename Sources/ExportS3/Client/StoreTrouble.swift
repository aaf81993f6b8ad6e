import ExportCore

/// What ended a try and may pass.
struct StoreTrouble: Equatable, Sendable, CustomStringConvertible {
    let description: String
    /// How long the store asks to wait.
    var pause: Duration?

    init(_ description: String, pause: Duration? = nil) {
        self.description = description
        self.pause = pause
    }
}

/// Whether and when a request to a store that failed in passing is sent again.
struct StoreRetry: Sendable {
    var policy = RetryPolicy(limit: 8, base: .milliseconds(500), cap: .seconds(20))
    /// Until a store has answered, a wrong endpoint is likelier than a passing fault; and one that was given up is not waited for again.
    var limitWithoutAnswer = 2
    /// A run that is being ended does not wait for long.
    var limitAtEnd = 2
    /// What a store asks for is heeded up to this.
    var longestPause = Duration.seconds(60)

    /// The wait before the next try. Nil: give up.
    /// - Parameters:
    ///   - failures: How often the request has failed, from 1.
    ///   - jitter: From 0 to 1, drawn by chance.
    func pause(
        after trouble: StoreTrouble, failures: Int, isAnswering: Bool, isEnding: Bool, jitter: Double
    ) -> Duration? {
        var policy = policy
        if !isAnswering { policy.limit = min(policy.limit, limitWithoutAnswer) }
        if isEnding { policy.limit = min(policy.limit, limitAtEnd) }
        guard let own = policy.pause(afterFailures: failures, jitter: jitter) else { return nil }
        return max(own, min(trouble.pause ?? .zero, longestPause))
    }
}
