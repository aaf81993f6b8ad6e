/// Why a store of objects did not do what was asked of it.
public enum ObjectStoreFault: Sendable, Hashable {
    /// There are no credentials to sign with. Nothing was sent.
    /// - `reason`: Where they were looked for.
    /// - `advice`: How to provide them.
    case noCredentials(reason: String, advice: String)
    /// The value is not the name of a region. `place` says where it stands: a variable, or a profile. Nothing was sent.
    case noRegion(place: String)
    /// The credentials are not known, or do not open this.
    case refused(words: String?)
    case noBucket
    /// The bucket is in another region; nil where the store does not say which.
    case otherRegion(String?)
    /// The store does not take writes on a condition, or takes no notice of the condition.
    case noConditionalWrites
    /// The store does not keep the metadata of objects.
    case noMetadata
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
    /// A message with the problem and what to do next.
    public var description: String {
        switch self {
        case .noCredentials(let reason, let advice):
            "there are no credentials: \(reason). \(advice)"
        case .noRegion(let place):
            "\(place) is not the name of a region, such as eu-central-1. Correct it, or set destination.region."
        case .refused(let words):
            """
            the store refused the credentials\(Self.quote(words)). Check that they are complete, have not expired, and permit \
            access to this bucket and prefix (docs/object-storage.md lists the permissions).
            """
        case .noBucket:
            "there is no such bucket. Create it first, or check destination.endpoint and the bucket's name."
        case .otherRegion(let region):
            "the bucket is in another region\(region.map { ": \($0)" } ?? ""). Set destination.region."
        case .noConditionalWrites:
            """
            the store ignores If-None-Match on writes, so a lock against a second run is impossible. Use a store that supports \
            it, or export to a folder and copy it.
            """
        case .noMetadata:
            """
            the store does not return x-amz-meta-sha256, the metadata by which each written object is checked. Use a store that \
            keeps metadata, or export to a folder and copy it.
            """
        case .clock:
            "the clocks of the store and of this machine differ by more than the store accepts. Set the clock of this machine."
        case .unavailable(let last, let attempts):
            """
            the request to the store failed in \(attempts) \(attempts == 1 ? "try" : "tries"): \(last). Try again later; committed \
            windows stay.
            """
        case .unexpected(let status, let words):
            """
            the store answered with the unexpected status \(status)\(Self.quote(words)). Check destination.endpoint.
            """
        case .malformed:
            "the response of the store cannot be read. Check destination.endpoint: it may not be an S3-compatible store."
        case .notAnObjectStore(let status):
            """
            a response with status \(status) that does not come from a store: it may come from a proxy. No object was assumed to \
            be absent. Check destination.endpoint, or try again later.
            """
        case .tooLarge(let limit):
            """
            the response of the store is larger than \(limit >= 1 << 20 ? "\(limit >> 20) MiB" : "\(limit >> 10) KiB"), the limit \
            for this request. Check destination.endpoint: it may not be an S3-compatible store.
            """
        case .list(let flaw, let prefix):
            """
            the store's list of “\(prefix)” contradicts itself: \(flaw). The list was not used. Try again; if this continues, \
            report it to the operator of the store.
            """
        case .notWritten(let key, let bytes, let found):
            """
            the store confirmed that it wrote \(key), but \(Self.instead(found, of: bytes)). The commit was stopped. Run again; \
            if this continues, report it to the operator of the store.
            """
        case .notRemoved(let key):
            """
            the store confirmed that it removed \(key), but the object still exists. The commit was stopped. Run again; if this \
            continues, report it to the operator of the store.
            """
        case .corruptedInTransit(let file):
            "\(file) was changed in the temporary folder before it was uploaded. Its window was not committed; run again."
        }
    }

    private static func instead(_ found: Int?, of bytes: Int) -> String {
        guard let found else { return "the object does not exist" }
        return found == bytes ? "the object has other content" : "the object has \(found) bytes instead of \(bytes)"
    }

    private static func quote(_ words: String?) -> String {
        words.map { " (\($0))" } ?? ""
    }
}
