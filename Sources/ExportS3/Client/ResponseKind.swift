import ExportCore
import ExportHTTP
import ExportStore
import NIOCore
import NIOHTTP1

/// The meaning of a store's response.
enum ResponseKind: Equatable, Sendable {
    case done
    /// There is no such object.
    case notFound
    /// There is no such upload: it was completed or aborted.
    case noUpload
    /// A condition did not hold, and nothing was written.
    case conditionFailed
    /// The store does not support the request.
    case notImplemented
    /// A transient failure: try again.
    case transient(words: String)
    /// An HTML page of something between this machine and the store: try again.
    case page(status: Int)
    case final(ObjectStoreFault)

    var isTransient: Bool {
        switch self {
        case .transient, .page: true
        default: false
        }
    }

    /// The body of a store's error: `<Error><Code>…</Code><Message>…</Message></Error>`.
    struct ErrorBody: Equatable {
        var code: String?
        var message: String?
        var region: String?

        init(code: String? = nil, message: String? = nil, region: String? = nil) {
            self.code = code
            self.message = message
            self.region = region
        }

        /// Parses a body. `nil` if it is not an error.
        /// - Parameter redaction: Applied to all text.
        init?(_ body: some Collection<UInt8>, _ redaction: Redaction) {
            guard !body.isEmpty, let root = try? XMLElement(parsing: body) else { return nil }
            // A security token service wraps the element in another one.
            guard let error = root.name == "Error" ? root : root["Error"] else { return nil }
            func said(_ name: String) -> String? { error[name].map { redaction.redacted($0.text) } }
            self.init(code: said("Code"), message: said("Message"), region: said("Region"))
        }

        var text: String? {
            let parts = [code, message].compactMap(\.self).filter { !$0.isEmpty }
            return parts.isEmpty ? nil : parts.joined(separator: ": ")
        }
    }

    /// The codes of transient errors, which may come with various statuses.
    private static let passingCodes: Set<String> = [
        "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict",
        // The body did not arrive as it was sent.
        "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch",
        // The exchange of tokens failed temporarily.
        "IDPCommunicationError", "Throttling", "ThrottlingException",
    ]

    /// Classifies a response.
    /// - Parameter redaction: Applied to all messages of the store.
    init(_ response: WebResponse, to method: HTTPMethod, _ redaction: Redaction) {
        // Without a body, the content type is meaningless, as in moto's confirmation of a removal.
        let isRemoval = method == .DELETE && response.head.status == 204 && response.body.readableBytes == 0
        if response.isPage, !isRemoval, ![301, 304, 307, 404].contains(response.head.status) {
            // A confirmed write is verified with HEAD, whatever sent the confirmation.
            let isOfWrite = [.PUT, .POST].contains(method) && [200, 204].contains(response.head.status)
            self = isOfWrite ? .done : .page(status: response.head.status)
            return
        }
        // The body of a successful GET or HEAD is content; the body of a write or removal may be an error, even with status 200.
        let hasWords = response.head.status >= 300 || ![.GET, .HEAD].contains(method)
        self.init(
            status: response.head.status, region: response.head.header("x-amz-bucket-region").map(redaction.redacted),
            words: hasWords ? ErrorBody(response.body.readableBytesView, redaction) : nil,
            // A response to HEAD has no body with the code.
            isBare: method == .HEAD && (!response.head.isHTML || response.head.hasRequestID))
    }

    /// Classifies a response by its properties.
    /// - Parameters:
    ///   - region: The header `x-amz-bucket-region`.
    ///   - words: The error in the body, which may come even with status 200.
    ///   - isBare: Whether the response cannot have a body, so that its status alone shows that an object does not exist. Any other
    ///     response must be an error of the store, since a proxy's page for an unknown address does not mean that an object is missing.
    init(status: Int, region: String?, words: ErrorBody?, isBare: Bool = false) {
        let code = words?.code
        self =
            switch status {
            case _ where code == nil && [200, 204, 206].contains(status): .done
            case _ where code.map(Self.passingCodes.contains) ?? false, 408, 429, 500, 502..<600:
                .transient(words: words?.text ?? "status \(status)")
            case 501: .notImplemented
            case 404 where code == "NoSuchBucket": .final(.noBucket)
            case 404 where code == "NoSuchUpload": .noUpload
            case 404 where code == "NoSuchKey" || isBare: .notFound
            case 404 where code == nil: .final(.notAnObjectStore(status: status))
            case 412: .conditionFailed
            case 301, 307: .final(.otherRegion(region ?? words?.region))
            case 400 where code == "AuthorizationHeaderMalformed" || code == nil && region != nil:
                .final(.otherRegion(words?.region ?? region))
            case 403 where code == "RequestTimeTooSkewed": .final(.clock)
            case 401, 403: .final(.refused(words: words?.text))
            case 400 where ["ExpiredToken", "InvalidToken", "TokenRefreshRequired", "ExpiredTokenException"].contains(code):
                .final(.refused(words: words?.text))
            case 400 where code == "NotImplemented": .notImplemented
            default: .final(.unexpected(status: status, words: words?.text))
            }
    }
}

extension WebResponse {
    /// Whether the body is an HTML page. A part of an object may begin like one, but whole objects are written by runs and do not.
    var isPage: Bool { head.status == 206 ? head.isHTML : isHTMLPage }
}

extension ResponseHead {
    /// Whether the response has the request id that S3 and, under another name, moto send. moto reports missing objects with the content
    /// type of HTML.
    fileprivate var hasRequestID: Bool { header("x-amz-request-id") != nil || header("x-amzn-requestid") != nil }
}
