/// An error of a request to an object store.
public enum ObjectStoreFault: Sendable, Hashable {
    /// There are no credentials for signing. Nothing was sent.
    /// - `reason`: Where they were searched for.
    /// - `advice`: How to provide them.
    case noCredentials(reason: String, advice: String)
    /// A value is not a valid region. `place` says where it comes from: a variable or a profile. Nothing was sent.
    case noRegion(place: String)
    /// The credentials are unknown, or do not grant access.
    case refused(words: String?)
    case noBucket
    /// The bucket is in another region. `nil` if the store does not say which.
    case otherRegion(String?)
    /// The store refuses conditional writes, or ignores their condition.
    case noConditionalWrites
    /// The store does not keep the metadata of objects.
    case noMetadata
    /// This machine's clock differs too much from the store's.
    case clock
    /// Transient failures, as often as allowed.
    case unavailable(last: String, attempts: Int)
    /// Another status, which does not indicate a temporary failure.
    case unexpected(status: Int, words: String?)
    /// A response that cannot be parsed.
    case malformed
    /// A response with the status of a missing object, but not in the form of an object store.
    case notAnObjectStore(status: Int)
    /// A response that exceeds the limit for its kind.
    case tooLarge(limit: Int)
    /// A list that contradicts itself, or the request.
    case list(ListingError, of: String)
    /// The store reported that an object of `bytes` bytes was written, but the stored object differs. `found`: its size in bytes; `nil` if
    /// it does not exist.
    case notWritten(key: String, bytes: Int, found: Int?)
    /// The store reported that an object was removed, but it still exists.
    case notRemoved(key: String)
    /// A file was corrupted between writing and uploading.
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
