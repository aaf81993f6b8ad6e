import ExportCore
import ExportHTTP
import NIOCore
import NIOHTTP1

extension ResponseHead {
    func retryAfter(now: Instant) -> Duration? {
        headers.first(name: "Retry-After").flatMap { RetryAfter.pause($0, now: now) }
    }
}

/// The meaning of a response for an exporter: the table of errors in API.md.
enum ResponseKind: Sendable {
    case usable(ServiceResponse.Coding)
    case throttled(Duration?)
    /// A transient failure: try again.
    case transient(ServiceError.Failure)
    case final(ServiceError)

    /// Classifies a response.
    /// - Parameters:
    ///   - page: The number of the requested page, from 1. `nil` if it was not a list.
    ///   - redaction: Applied to the service's error messages.
    init(_ response: WebResponse, page: Int?, now: Instant, _ redaction: Redaction) {
        let words = { ServiceErrorBody.read(Array(response.body.readableBytesView)).map(redaction.redacted) }
        self =
            switch response.head.status {
            case 200: Self.usable(response)
            case 300..<400: .final(.redirected(status: response.head.status))
            case 404: .final(Self.notFound(response, page: page, words()))
            case 429: .throttled(response.head.retryAfter(now: now))
            case 408, 500..<600: .transient(.status(response.head.status))
            // The service's errors are JSON too, so an HTML page is not from the service.
            case let status where response.isHTMLPage: .transient(.page(status: status))
            case 400: .final(.requestRefused(words: words()))
            case 401, 403: .final(.keyRefused(status: response.head.status, words: words()))
            default: .final(.unexpected(status: response.head.status, words: words()))
            }
    }

    /// The error of a 404. A page counts as out of range only after the first, since an empty list has a first page too, and only if the
    /// service itself says so.
    private static func notFound(_ response: WebResponse, page: Int?, _ words: String?) -> ServiceError {
        guard let page, !response.isHTMLPage, let words else {
            return .wrongEndpoint(status: 404, isHTML: response.isHTMLPage)
        }
        let body = Array(response.body.readableBytesView)
        return page > 1 && ServiceErrorBody.isDetailAlone(body) ? .pageOutOfRange : .pageRefused(words: words)
    }

    private static func usable(_ response: WebResponse) -> ResponseKind {
        switch response.head.headers.first(name: "Content-Encoding")?.lowercased() {
        case nil, "identity", "": .usable(.identity)
        case "gzip", "x-gzip": .usable(.gzip)
        case "deflate": .usable(.deflate)
        case .some: .final(.unexpected(status: 200, words: "a Content-Encoding that was not requested"))
        }
    }
}
