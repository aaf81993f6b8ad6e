/// How many requests a key may make, and how a refusal says so.
public struct RateLimit: Sendable, Hashable {
    /// Requests admitted in any second; 0 admits none.
    public var perSecond: Int
    /// The `Retry-After` of a 429.
    public var retryAfter: RetryAfter
    /// Which `X-RateLimit-…` headers are sent.
    public var headers: Headers
    /// How long a 429 may take to arrive: what comes within it was on its way already, and is not counted as disobedience.
    public var grace = Duration.milliseconds(20)

    /// The form of `Retry-After` in a 429.
    public enum RetryAfter: Sendable, Hashable {
        /// Whole seconds, at least 1.
        case seconds
        /// An HTTP-date, as a proxy may rewrite it.
        case httpDate
        case none
        /// The HTTP-date of an hour ago.
        case past
        /// `soon`.
        case garbage
    }

    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset` on every answer.
    public enum Headers: Sendable, Hashable {
        case none
        /// `Reset` in seconds from now.
        case resetInSeconds
        /// `Reset` in seconds since 1970.
        case resetAtEpoch
    }

    /// Creates a limit.
    public init(perSecond: Int, retryAfter: RetryAfter = .seconds, headers: Headers = .none) {
        self.perSecond = perSecond
        self.retryAfter = retryAfter
        self.headers = headers
    }
}
