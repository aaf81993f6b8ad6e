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
    /// There is no such upload: it was completed, or given up.
    case noUpload
    /// A condition did not hold, and nothing was written.
    case conditionFailed
    /// The store does not do such a thing.
    case notImplemented
    /// Try again.
    case transient(words: String)
    /// A page of HTML, which what stands between gave; try again.
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

        /// Nil for a body that is no error.
        /// - Parameter redaction: All that is read passes it.
        init?(_ body: some Collection<UInt8>, _ redaction: Redaction) {
            guard !body.isEmpty, let root = try? XMLElement(parsing: body) else { return nil }
            // A security token service wraps it once more.
            guard let error = root.name == "Error" ? root : root["Error"] else { return nil }
            func said(_ name: String) -> String? { error[name].map { redaction.redacted($0.text) } }
            self.init(code: said("Code"), message: said("Message"), region: said("Region"))
        }

        var text: String? {
            let parts = [code, message].compactMap(\.self).filter { !$0.isEmpty }
            return parts.isEmpty ? nil : parts.joined(separator: ": ")
        }
    }

    /// Faults that come with other statuses than their own, and pass.
    private static let passingCodes: Set<String> = [
        "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict",
        // The body did not arrive as it was sent.
        "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch",
        // The exchange of tokens failed temporarily.
        "IDPCommunicationError", "Throttling", "ThrottlingException",
    ]

    /// - Parameter redaction: All that the store says passes it.
    init(_ response: WebResponse, to method: HTTPMethod, _ redaction: Redaction) {
        // Without a body, a type says nothing: moto's confirmation of a removal.
        let isRemoval = method == .DELETE && response.head.status == 204 && response.body.readableBytes == 0
        if response.isPage, !isRemoval, ![301, 304, 307, 404].contains(response.head.status) {
            // A confirmed write is checked with HEAD, whatever confirmed it.
            let isOfWrite = [.PUT, .POST].contains(method) && [200, 204].contains(response.head.status)
            self = isOfWrite ? .done : .page(status: response.head.status)
            return
        }
        // The body of a successful GET or HEAD is content; the body of a write or removal may be an error, even with status 200.
        let hasWords = response.head.status >= 300 || ![.GET, .HEAD].contains(method)
        self.init(
            status: response.head.status, region: response.head.header("x-amz-bucket-region").map(redaction.redacted),
            words: hasWords ? ErrorBody(response.body.readableBytesView, redaction) : nil,
            // The answer to a HEAD has no body that could say it.
            isBare: method == .HEAD && (!response.head.isHTML || response.head.hasRequestID))
    }

    /// - Parameters:
    ///   - region: `x-amz-bucket-region`.
    ///   - words: Of the body; a status of 200 may come with an error, too.
    ///   - isBare: Whether the answer could not have words, so that its status alone says that an object is not there. Any other
    ///     answer says it in a store's own words: the page of a proxy that knows no such address does not make an object absent.
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
    /// Whether it is a page of HTML. A part of an object may begin as it likes; a whole one is written by a run, and is none.
    var isPage: Bool { head.status == 206 ? head.isHTML : isHTMLPage }
}

extension ResponseHead {
    /// Whether it has the id that S3 and, under another name, moto give to each request. moto says that an object is absent with the
    /// type of a page.
    fileprivate var hasRequestID: Bool { header("x-amz-request-id") != nil || header("x-amzn-requestid") != nil }
}
