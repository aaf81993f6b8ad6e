import ExportHTTP

/// An error of a request to the service. The messages are in `ServiceError+Description.swift`.
public enum ServiceError: Error, Sendable, Hashable {
    /// Status 401 or 403. `words` is the service's message.
    case keyRefused(status: Int, words: String?)
    /// Status 400.
    case requestRefused(words: String?)
    /// Status 404, or a body that is not a list: the path or the host is wrong.
    case wrongEndpoint(status: Int, isHTML: Bool)
    /// Status 404 for a page after the first, in the service's own form, because the set has shrunk.
    case pageOutOfRange
    /// Status 404 for a page of the list in another form, or for the first page, which exists even for an empty list. `words` is the
    /// message of the response.
    case pageRefused(words: String)
    /// Status 3xx. Redirects are not followed, because that would send the key to another host.
    case redirected(status: Int)
    /// Another status, which does not indicate a temporary failure.
    case unexpected(status: Int, words: String?)
    /// Transient failures, as often as allowed.
    case unavailable(last: Failure, attempts: Int)
    /// Status 200 with a body that is unusable each time for the same reason: not JSON, or JSON of another shape.
    case unusable(reason: String, attempts: Int)
    /// Throttled, as often as allowed, or with a pause that is too long.
    case throttled(pause: Duration?, attempts: Int)
    /// The body is larger than a page may be. With `isSingleRow`, a smaller page cannot be requested.
    case tooLarge(limit: Int, isSingleRow: Bool = false)
    /// The body of a response other than a page is larger than allowed.
    case documentTooLarge(path: String, limit: Int)

    /// A temporary failure.
    public enum Failure: Sendable, Hashable {
        case status(Int)
        /// No response within the allowed time.
        case timeout(Duration)
        /// No connection was established. `reason` is the system's.
        case connection(reason: String)
        /// The connection ended before the response was complete.
        case interrupted(reason: String)
        /// Status 200 with an unusable body.
        case malformed(reason: String)
        /// Status 200 with a response that is older than its request: a cache between this machine and the service stored it.
        case stored(age: Duration?)
        /// An HTML page instead of JSON, sent by something between this machine and the service.
        case page(status: Int)
    }

    /// Whether the same command may succeed later.
    public var isRetryable: Bool {
        switch self {
        case .unavailable, .throttled: true
        default: false
        }
    }
}

/// The error of a body that cannot be used, though another attempt may return a better one. Thrown by readers of bodies.
public struct UnusableBody: Error, Sendable {
    /// The reason, without content of the body.
    public let reason: String
    /// Whether the body is an HTML page, which is not the service's.
    let isHTML: Bool

    /// Creates the error of a body that cannot be used.
    /// - Parameter isHTML: Whether the body is a web page.
    public init(_ reason: String, isHTML: Bool = false) {
        (self.reason, self.isHTML) = (reason, isHTML)
    }
}

extension ServiceError.Failure {
    init(_ failure: ConnectionFailure) {
        self =
            switch failure {
            case .timeout(let limit): .timeout(limit)
            case .unreachable(let reason): .connection(reason: reason)
            case .interrupted(let reason): .interrupted(reason: reason)
            }
    }
}
