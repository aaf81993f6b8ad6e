import ExportStore
import Testing

/// Each case with its text, so that none is added without one.
@Suite struct ObjectStoreFaultTests {
    @Test("an error of a store says what happened and what to do next", arguments: faults)
    func said(fault: ObjectStoreFault, text: String) {
        #expect(fault.description == text)
    }

    @Test("a list that cannot be believed says why", arguments: flaws)
    func flawed(flaw: ListingError, text: String) {
        #expect(flaw.description == text)
    }

    @Test("no case is without its text here")
    func complete() {
        #expect(Set(Self.faults.map { Self.number(of: $0.0) }) == Set(0...16))
        #expect(Set(Self.flaws.map { Self.number(of: $0.0) }) == Set(0...8))
    }

    private static func number(of fault: ObjectStoreFault) -> Int {
        switch fault {
        case .noCredentials: 0
        case .refused: 1
        case .noBucket: 2
        case .otherRegion: 3
        case .noConditionalWrites: 4
        case .clock: 5
        case .unavailable: 6
        case .unexpected: 7
        case .malformed: 8
        case .notAnObjectStore: 9
        case .tooLarge: 10
        case .list: 11
        case .notWritten: 12
        case .notRemoved: 13
        case .corruptedInTransit: 14
        case .noRegion: 15
        case .noMetadata: 16
        }
    }

    private static func number(of flaw: ListingError) -> Int {
        switch flaw {
        case .openEnd: 0
        case .tokenAtTheEnd: 1
        case .noToken: 2
        case .sameToken: 3
        case .unordered: 4
        case .outside: 5
        case .miscounted: 6
        case .endless: 7
        case .repeated: 8
        }
    }

    private static let faults: [(ObjectStoreFault, String)] = [
        (
            .noCredentials(reason: "none was found", advice: "Set A_KEY."),
            "there are no credentials: none was found. Set A_KEY."
        ),
        (
            .noRegion(place: "AWS_REGION"),
            "AWS_REGION is not the name of a region, such as eu-central-1. Correct it, or set destination.region."
        ),
        (
            .refused(words: nil),
            """
            the store refused the credentials. Check that they are complete, have not expired, and permit access to this bucket \
            and prefix (docs/object-storage.md lists the permissions).
            """
        ),
        (
            .refused(words: "AccessDenied: no"),
            """
            the store refused the credentials (AccessDenied: no). Check that they are complete, have not expired, and permit \
            access to this bucket and prefix (docs/object-storage.md lists the permissions).
            """
        ),
        (.noBucket, "there is no such bucket. Create it first, or check destination.endpoint and the bucket's name."),
        (.otherRegion(nil), "the bucket is in another region. Set destination.region."),
        (.otherRegion("eu-west-1"), "the bucket is in another region: eu-west-1. Set destination.region."),
        (
            .noConditionalWrites,
            """
            the store ignores If-None-Match on writes, so a lock against a second run is impossible. Use a store that supports \
            it, or export to a folder and copy it.
            """
        ),
        (
            .noMetadata,
            """
            the store does not return x-amz-meta-sha256, the metadata by which each written object is checked. Use a store that \
            keeps metadata, or export to a folder and copy it.
            """
        ),
        (
            .clock,
            "the clocks of the store and of this machine differ by more than the store accepts. Set the clock of this machine."
        ),
        (
            .unavailable(last: "status 503", attempts: 1),
            "the request to the store failed in 1 try: status 503. Try again later; committed windows stay."
        ),
        (
            .unavailable(last: "SlowDown", attempts: 9),
            "the request to the store failed in 9 tries: SlowDown. Try again later; committed windows stay."
        ),
        (
            .unexpected(status: 418, words: nil),
            "the store answered with the unexpected status 418. Check destination.endpoint."
        ),
        (
            .unexpected(status: 400, words: "InvalidPart: m"),
            """
            the store answered with the unexpected status 400 (InvalidPart: m). Check destination.endpoint.
            """
        ),
        (
            .malformed,
            "the response of the store cannot be read. Check destination.endpoint: it may not be an S3-compatible store."
        ),
        (
            .notAnObjectStore(status: 404),
            """
            a response with status 404 that does not come from a store: it may come from a proxy. No object was assumed to be \
            absent. Check destination.endpoint, or try again later.
            """
        ),
        (
            .tooLarge(limit: 64 << 10),
            """
            the response of the store is larger than 64 KiB, the limit for this request. Check destination.endpoint: it may not \
            be an S3-compatible store.
            """
        ),
        (
            .tooLarge(limit: 8 << 20),
            """
            the response of the store is larger than 8 MiB, the limit for this request. Check destination.endpoint: it may not be \
            an S3-compatible store.
            """
        ),
        (
            .list(.openEnd, of: "a/b/"),
            """
            the store's list of “a/b/” contradicts itself: it does not say whether it is complete. The list was not used. Try \
            again; if this continues, report it to the operator of the store.
            """
        ),
        (
            .notWritten(key: "a/x", bytes: 7, found: nil),
            """
            the store confirmed that it wrote a/x, but the object does not exist. The commit was stopped. Run again; if this \
            continues, report it to the operator of the store.
            """
        ),
        (
            .notWritten(key: "a/x", bytes: 7, found: 7),
            """
            the store confirmed that it wrote a/x, but the object has other content. The commit was stopped. Run again; if this \
            continues, report it to the operator of the store.
            """
        ),
        (
            .notWritten(key: "a/x", bytes: 7, found: 5),
            """
            the store confirmed that it wrote a/x, but the object has 5 bytes instead of 7. The commit was stopped. Run again; if this continues, report it to the operator of the store.
            """
        ),
        (
            .notRemoved(key: "a/x"),
            """
            the store confirmed that it removed a/x, but the object still exists. The commit was stopped. Run again; if this \
            continues, report it to the operator of the store.
            """
        ),
        (
            .corruptedInTransit(file: "a.csv"),
            "a.csv was changed in the temporary folder before it was uploaded. Its window was not committed; run again."
        ),
    ]

    private static let flaws: [(ListingError, String)] = [
        (.openEnd, "it does not say whether it is complete"),
        (.tokenAtTheEnd, "it says that it is complete, but names a next page"),
        (.noToken, "it says that it is incomplete, but names no next page"),
        (.sameToken, "a page names itself as the next page"),
        (.unordered(key: "b", after: "b"), "it lists b twice"),
        (.unordered(key: "a", after: "b"), "it lists a after b, which is out of order"),
        (.outside(key: "c"), "it lists c, which is not below that prefix"),
        (.miscounted(said: "3", given: 2), "a page says that it has 3 keys, but lists 2"),
        (.endless(pages: 501, keys: 9), "it listed 9 keys on 501 pages and does not end"),
        (.repeated(key: "d"), "it lists an upload of d twice"),
    ]
}
