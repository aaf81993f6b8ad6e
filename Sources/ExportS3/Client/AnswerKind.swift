import ExportCore
import ExportStore

/// What an answer of a store means.
enum AnswerKind: Equatable, Sendable {
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
    case passing(words: String)
    case final(ObjectStoreFault)

    var isPassing: Bool { if case .passing = self { true } else { false } }

    /// What a store says of an error: `<Error><Code>…</Code><Message>…</Message></Error>`.
    struct Words: Equatable {
        var code: String?
        var message: String?
        var region: String?

        init(code: String? = nil, message: String? = nil, region: String? = nil) {
            self.code = code
            self.message = message
            self.region = region
        }

        /// Nil for a body that is no error.
        init?(_ body: some Collection<UInt8>) {
            guard !body.isEmpty, let root = try? XMLElement(parsing: body) else { return nil }
            // A security token service wraps it once more.
            guard let error = root.name == "Error" ? root : root["Error"] else { return nil }
            self.init(code: error["Code"]?.text, message: error["Message"]?.text, region: error["Region"]?.text)
        }

        var text: String? {
            let parts = [code, message].compactMap(\.self).filter { !$0.isEmpty }
            return parts.isEmpty ? nil : parts.joined(separator: ": ").shown(replacing: " ")
        }
    }

    /// Faults that come with other statuses than their own, and pass.
    private static let passingCodes: Set<String> = [
        "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict",
        // Of a body that did not arrive as it was sent.
        "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch",
        // Of an exchange of tokens.
        "IDPCommunicationError", "Throttling", "ThrottlingException",
    ]

    /// - Parameters:
    ///   - region: `x-amz-bucket-region`.
    ///   - words: Of the body; a status of 200 may come with an error, too.
    init(status: Int, region: String?, words: Words?) {
        let code = words?.code
        self =
            switch status {
            case 200..<300 where code == nil: .done
            case _ where code.map(Self.passingCodes.contains) ?? false, 408, 429, 500, 502..<600:
                .passing(words: words?.text ?? "status \(status)")
            case 501: .notImplemented
            case 404 where code == "NoSuchBucket": .final(.noBucket)
            case 404 where code == "NoSuchUpload": .noUpload
            case 404: .notFound
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

/// A store's words as they are shown.
enum ShownWords {
    private static let longest = 300

    /// Without credentials, where the store repeats them, and only then cut, so that no part of them is left.
    static func shown(_ words: String, without credentials: AWSCredentials) -> String {
        let line = credentials.blanked(in: words)
        return line.count > longest ? String(line.prefix(longest)) + "…" : line
    }
}
