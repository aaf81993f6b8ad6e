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
        #expect(Set(Self.faults.map { Self.number(of: $0.0) }) == Set(0...14))
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
            .noCredentials(reason: "none was found"),
            """
            there are no credentials: none was found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile of the shared files \
            with AWS_PROFILE, or give a web identity with AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE.
            """
        ),
        (
            .refused(words: nil),
            """
            the store refused the credentials. Check that they are whole, have not expired, and open this bucket and prefix \
            (docs/object-storage.md lists what a run needs).
            """
        ),
        (
            .refused(words: "AccessDenied: no"),
            """
            the store refused the credentials (AccessDenied: no). Check that they are whole, have not expired, and open this bucket and \
            prefix (docs/object-storage.md lists what a run needs).
            """
        ),
        (.noBucket, "there is no such bucket. Make it first, or check destination.endpoint and the bucket's name."),
        (.otherRegion(nil), "the bucket is in another region. Set destination.region or AWS_REGION."),
        (.otherRegion("eu-west-1"), "the bucket is in another region: eu-west-1. Set destination.region or AWS_REGION."),
        (
            .noConditionalWrites,
            """
            the store does not heed If-None-Match when it writes, so two runs could not be kept apart. Use a store that does, or export \
            to a folder and copy it.
            """
        ),
        (.clock, "the store's clock and this machine's differ by more than the store takes. Set the clock of this machine."),
        (
            .unavailable(last: "status 503", attempts: 1),
            "the store did not do it in 1 try: status 503. Try again later; what is committed stays."
        ),
        (
            .unavailable(last: "SlowDown", attempts: 9),
            "the store did not do it in 9 tries: SlowDown. Try again later; what is committed stays."
        ),
        (
            .unexpected(status: 418, words: nil),
            "the store answered with status 418, which an exporter cannot make sense of. Check destination.endpoint."
        ),
        (
            .unexpected(status: 400, words: "InvalidPart: m"),
            """
            the store answered with status 400 (InvalidPart: m), which an exporter cannot make sense of. Check destination.endpoint.
            """
        ),
        (
            .malformed,
            "the store gave an answer that cannot be read. Check destination.endpoint: it may not be an S3-compatible store."
        ),
        (
            .notAnObjectStore(status: 404),
            """
            an answer with status 404 that is not a store's: a proxy may have given it. Nothing was taken for absent. Check \
            destination.endpoint, or try again later.
            """
        ),
        (
            .tooLarge(limit: 64 << 10),
            """
            the store gave an answer of more than 64 KiB, more than such an answer has. Check destination.endpoint: it may not be an \
            S3-compatible store.
            """
        ),
        (
            .tooLarge(limit: 8 << 20),
            """
            the store gave an answer of more than 8 MiB, more than such an answer has. Check destination.endpoint: it may not be an \
            S3-compatible store.
            """
        ),
        (
            .list(.openEnd, of: "a/b/"),
            """
            the store's list of “a/b/” cannot be believed: it does not say whether it ends. Nothing was concluded from it. Try again; if \
            this goes on, tell whoever runs the store.
            """
        ),
        (
            .notWritten(key: "a/x", bytes: 7, found: nil),
            """
            the store said that it had written a/x, and nothing stands there. Nothing that was to follow was done. Run again; if this \
            goes on, tell whoever runs the store.
            """
        ),
        (
            .notWritten(key: "a/x", bytes: 7, found: 7),
            """
            the store said that it had written a/x, and other bytes stand there. Nothing that was to follow was done. Run again; if this \
            goes on, tell whoever runs the store.
            """
        ),
        (
            .notWritten(key: "a/x", bytes: 7, found: 5),
            """
            the store said that it had written a/x, and 5 bytes stand there instead of 7. Nothing that was to follow was done. Run \
            again; if this goes on, tell whoever runs the store.
            """
        ),
        (
            .notRemoved(key: "a/x"),
            """
            the store said that it had removed a/x, and it is there still. Nothing that was to follow was done. Run again; if this goes \
            on, tell whoever runs the store.
            """
        ),
        (
            .corruptedInTransit(file: "a.csv"),
            "a.csv was changed in the temporary folder before it was uploaded. Nothing of its window was committed; run again."
        ),
    ]

    private static let flaws: [(ListingError, String)] = [
        (.openEnd, "it does not say whether it ends"),
        (.tokenAtTheEnd, "it says that it ends, and names a page that follows"),
        (.noToken, "it says that it goes on, and not where"),
        (.sameToken, "a page is followed by itself"),
        (.unordered(key: "b", after: "b"), "it gives b twice"),
        (.unordered(key: "a", after: "b"), "it gives a after b, which is out of order"),
        (.outside(key: "c"), "it gives c, which does not begin so"),
        (.miscounted(said: "3", given: 2), "a page says that it has 3 keys, and gives 2"),
        (.endless(pages: 501, keys: 9), "it gave 9 keys on 501 pages, and goes on"),
        (.repeated(key: "d"), "it gives an upload of d twice"),
    ]
}
