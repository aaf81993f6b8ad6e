/// Why a store of objects did not do what was asked of it.
public enum ObjectStoreFault: Sendable, Hashable {
    /// There are no credentials to sign with. `reason` says where they were looked for. Nothing was sent.
    case noCredentials(reason: String)
    /// The credentials are not known, or do not open this.
    case refused(words: String?)
    case noBucket
    /// The bucket is in another region; nil where the store does not say which.
    case otherRegion(String?)
    /// The store does not take writes on a condition, or takes no notice of the condition.
    case noConditionalWrites
    /// This machine's clock and the store's are too far apart.
    case clock
    /// Failed in passing, as often as was allowed.
    case unavailable(last: String, attempts: Int)
    /// An answer that says nothing about trying again.
    case unexpected(status: Int, words: String?)
    /// An answer that cannot be made sense of.
    case malformed
    /// An answer that says that something is not there, and not in a store's words.
    case notAnObjectStore(status: Int)
    /// An answer larger than any such answer is.
    case tooLarge(limit: Int)
    /// A list that contradicts itself, or what was asked for.
    case list(ListingError, of: String)
    /// The store said that it had written an object of so many bytes, and it is not what stands there. `found`: the bytes that do; nil:
    /// nothing does.
    case notWritten(key: String, bytes: Int, found: Int?)
    /// The store said that it had removed an object, and it stands there still.
    case notRemoved(key: String)
    /// A file on its way was not what had been written.
    case corruptedInTransit(file: String)

    /// Whether the same command may succeed later.
    public var isRetryable: Bool {
        if case .unavailable = self { true } else { false }
    }
}

extension ObjectStoreFault: CustomStringConvertible {
    /// What happened, and what to do next.
    public var description: String {
        switch self {
        case .noCredentials(let reason):
            """
            there are no credentials: \(reason). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile of the shared files \
            with AWS_PROFILE, or give a web identity with AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.
            """
        case .refused(let words):
            """
            the store refused the credentials\(Self.quote(words)). Check that they are whole, have not expired, and open this bucket \
            and prefix (docs/object-storage.md lists what a run needs).
            """
        case .noBucket:
            "there is no such bucket. Make it first, or check destination.endpoint and the bucket's name."
        case .otherRegion(let region):
            "the bucket is in another region\(region.map { ": \($0)" } ?? ""). Set destination.region or AWS_REGION."
        case .noConditionalWrites:
            """
            the store does not heed If-None-Match when it writes, so two runs could not be kept apart. Use a store \
            that does, or export to a folder and copy it.
            """
        case .clock:
            "the store's clock and this machine's differ by more than the store takes. Set the clock of this machine."
        case .unavailable(let last, let attempts):
            """
            the store did not do it in \(attempts) \(attempts == 1 ? "try" : "tries"): \(last). \
            Try again later; what is committed stays.
            """
        case .unexpected(let status, let words):
            """
            the store answered with status \(status)\(Self.quote(words)), which an exporter cannot make sense of. \
            Check destination.endpoint.
            """
        case .malformed:
            "the store gave an answer that cannot be read. Check destination.endpoint: it may not be an S3-compatible store."
        case .notAnObjectStore(let status):
            """
            an answer with status \(status) that is not a store's: a proxy may have given it. Nothing was taken for absent. \
            Check destination.endpoint, or try again later.
            """
        case .tooLarge(let limit):
            """
            the store gave an answer of more than \(limit >= 1 << 20 ? "\(limit >> 20) MiB" : "\(limit >> 10) KiB"), more than such \
            an answer has. Check destination.endpoint: it may not be an S3-compatible store.
            """
        case .list(let flaw, let prefix):
            """
            the store's list of “\(prefix)” cannot be believed: \(flaw). Nothing was concluded from it. Try again; if this \
            goes on, tell whoever runs the store.
            """
        case .notWritten(let key, let bytes, let found):
            """
            the store said that it had written \(key), and \(Self.instead(found, of: bytes)). Nothing that was to follow was done. \
            Run again; if this goes on, tell whoever runs the store.
            """
        case .notRemoved(let key):
            """
            the store said that it had removed \(key), and it is there still. Nothing that was to follow was done. Run again; if this \
            goes on, tell whoever runs the store.
            """
        case .corruptedInTransit(let file):
            "\(file) was changed in the temporary folder before it was uploaded. Nothing of its window was committed; run again."
        }
    }

    private static func instead(_ found: Int?, of bytes: Int) -> String {
        guard let found else { return "nothing stands there" }
        return found == bytes ? "other bytes stand there" : "\(found) bytes stand there instead of \(bytes)"
    }

    private static func quote(_ words: String?) -> String {
        words.map { " (\($0))" } ?? ""
    }
}
