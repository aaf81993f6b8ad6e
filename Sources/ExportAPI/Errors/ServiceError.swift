import ExportHTTP

/// Why the service did not give what was asked for. The words are in `ServiceError+Description.swift`.
public enum ServiceError: Error, Sendable, Hashable {
    /// 401, 403. `words` are the service's.
    case keyRefused(status: Int, words: String?)
    /// 400.
    case requestRefused(words: String?)
    /// 404, and what is no list: the path or the host is wrong.
    case wrongEndpoint(status: Int, isHTML: Bool)
    /// 404 to a page behind the first, in the service's own form: the set is smaller than it was.
    case pageOutOfRange
    /// 404 to a page of the list that says something else, or to the first page, which an empty list has too. `words` are those of the answer.
    case pageRefused(words: String)
    /// 3xx: following would hand the key to another host.
    case redirected(status: Int)
    /// Another status that says nothing about trying again.
    case unexpected(status: Int, words: String?)
    /// Failed in passing, as often as was allowed.
    case unavailable(last: Failure, attempts: Int)
    /// 200, and the same body each time that cannot be used: no JSON, or JSON of another shape.
    case unusable(reason: String, attempts: Int)
    /// Throttled, as often as was allowed, or for longer than is worth waiting.
    case throttled(pause: Duration?, attempts: Int)
    /// The body is larger than a page may be. `isSingleRow`: a page of fewer rows cannot be asked for.
    case tooLarge(limit: Int, isSingleRow: Bool = false)
    /// The body of an answer that is no page is larger than such an answer may be.
    case documentTooLarge(path: String, limit: Int)

    /// A temporary failure.
    public enum Failure: Sendable, Hashable {
        case status(Int)
        /// No answer within the time allowed.
        case timeout(Duration)
        /// No connection was made. `reason` is the system's.
        case connection(reason: String)
        /// The connection ended in the middle.
        case interrupted(reason: String)
        /// 200, and a body that cannot be used.
        case malformed(reason: String)
        /// 200, and made before it was asked for: something between here and the service keeps answers.
        case stored(age: Duration?)
        /// A page of HTML where the service answers in JSON: what stands between gave it.
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

/// Thrown by those who read a body: it cannot be used, and another try may bring a better one.
public struct UnusableBody: Error, Sendable {
    /// Without content.
    public let reason: String
    /// Whether the body is a page of HTML, which is not the service's.
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
