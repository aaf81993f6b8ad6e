import Foundation
import SampleAPI
import Testing

@Suite(.serialized) struct PassingFaultTests {
    private static func some(_ faults: Fault...) -> FaultPlan { .random(seed: 8, probability: 0.2, among: faults) }
    private static func each(_ faults: Fault...) -> FaultPlan { .random(seed: 5, probability: 1, among: faults) }
    private static let once = ["fetch.retries=1"]
    private static let minutes = Duration.seconds(600)

    static let troubles = [
        Trouble("500 to 504 in JSON", [0], faults: some(.status(500), .status(502), .status(503), .status(504))),
        Trouble("500 to 504 in HTML", [0], faults: some(.status(500, html: true), .status(503, html: true))),
        Trouble("resets before the answer", [0], faults: some(.resetBeforeAnswer)),
        Trouble("resets in the body", [0], faults: some(.resetInBody)),
        Trouble("bodies cut short of their length", [0], faults: some(.cutBody)),
        Trouble("cut JSON", [0], faults: some(.cutJSON)),
        Trouble("empty and HTML answers with a 200", [0], faults: some(.emptyBody, .htmlBody)),
        Trouble("counts of null", [0], faults: some(.countNull)),
        Trouble(
            "stalls", [0], settings: ["fetch.timeout=1s"],
            faults: .schedule([3: .stallBeforeAnswer(minutes), 6: .stallInBody(minutes)])),
        Trouble("drips", [0], faults: .random(seed: 5, probability: 0.5, among: [.drip(pieces: 4, pause: .milliseconds(2))])),
        Trouble("gone for a few requests", [0], faults: .during(5...7, .resetBeforeAnswer)),
        Trouble("gone for good", [75], settings: once, faults: .during(7...100_000, .resetBeforeAnswer)),
        Trouble("503 for good", [75], settings: once, faults: .during(7...100_000, .status(503, html: true))),
        Trouble("HTML for good", [75], settings: once, faults: .during(7...100_000, .htmlBody)),
        Trouble("HTML with 403 for good", [75], settings: once, faults: .during(7...100_000, .status(403, html: true))),
        Trouble("a firewall's page now and then", [0], faults: some(.status(403, html: true), .status(401, html: true))),
        Trouble("a byte order mark before every answer", [0], faults: each(.byteOrderMark)),
        Trouble("counts of null for good", [1], settings: once, faults: each(.countNull)),
        Trouble("everything that passes, while the deployment changes", [0]) { configuration in
            configuration.faults = some(.status(500), .resetBeforeAnswer, .resetInBody, .cutBody, .cutJSON, .emptyBody, .htmlBody)
            configuration.changes = [Change(fromRequest: 9, .orderingIgnored), Change(fromRequest: 12, .pageLimit(9))]
            configuration.defaultOrder = .random
            configuration.latencyJitter = .milliseconds(5)
            configuration.bounds = .exclusive
        },
    ]

    @Test("what fails in passing is tried again, and what goes on failing is said", arguments: troubles, Trouble.Run.waiting)
    func passing(trouble: Trouble, run: Trouble.Run) async throws {
        try await FaultMatrix.withstand(trouble, run)
    }
}

@Suite(.serialized) struct ThrottlingTests {
    /// Late, when the pacer has seen what the service takes.
    private static func storm(_ retryAfter: String?) -> FaultPlan {
        .schedule([
            8: .throttle(retryAfter: retryAfter), 9: .throttle(retryAfter: retryAfter),
        ])
    }

    /// As a proxy may write `Retry-After`.
    private static func httpDate(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: date)
    }

    static let troubles = [
        Trouble("Retry-After in seconds", [0], faults: storm("1")),
        Trouble("Retry-After as a date", [0]) { $0.faults = storm(httpDate(.now + 2)) },
        Trouble("no Retry-After", [0], faults: storm(nil)),
        Trouble("Retry-After in the past", [0], faults: storm("Sun, 06 Nov 1994 08:49:37 GMT")),
        Trouble("Retry-After that is garbage", [0], faults: storm("soon")),
        Trouble(
            "Retry-After that is no number, or a negative or tiny one", [0],
            faults: .schedule([8: .throttle(retryAfter: "-1"), 9: .throttle(retryAfter: "1e-3"), 10: .throttle(retryAfter: "nan")])),
        Trouble("a limited rate among other faults", [0]) {
            $0.rateLimit = RateLimit(perSecond: 8)
            $0.faults = .schedule([3: .status(502, html: true), 5: .throttle(retryAfter: "0.05"), 7: .cutJSON, 8: .resetInBody])
        },
        Trouble("a pause longer than is worth waiting for", [75], faults: .during(5...100_000, .throttle(retryAfter: "86400"))),
    ]

    @Test(
        "a key that is throttled waits, loses nothing, and gives up where waiting is hopeless", arguments: troubles,
        Trouble.Run.waiting)
    func throttling(trouble: Trouble, run: Trouble.Run) async throws {
        try await FaultMatrix.withstand(trouble, run)
    }
}

@Suite(.serialized) struct WrongEnvelopeTests {
    private static func each(_ fault: Fault) -> FaultPlan { .random(seed: 5, probability: 1, among: [fault]) }

    private static let once = ["fetch.retries=1"]

    static let troubles: [Trouble] =
        [2, 5].flatMap { number in
            [Fault.countOff(by: 1), .countOff(by: -1), .countZero].map {
                Trouble("\($0) on answer \(number)", [0, 4], faults: .schedule([number: $0]))
            }
        } + [
            Trouble("one too many on every answer", [1, 4, 75], settings: once, faults: each(.countOff(by: 1))),
            Trouble("one too few on every answer", [1, 4, 75], settings: once, faults: each(.countOff(by: -1))),
            Trouble("a page too many on the first answers", [0, 4], faults: .during(1...3, .countOff(by: 15))),
            Trouble("zero on every answer", [4], settings: once, faults: each(.countZero)),
            Trouble(
                "a count that changes from answer to answer", [0, 1, 4, 75], settings: once, faults: each(.countJitter(upTo: 2))),
            Trouble("no next page named, ever", [0], faults: each(.nextMissing)),
            Trouble("no next page named, now and then", [0], faults: .random(seed: 4, probability: 0.3, among: [.nextMissing])),
            Trouble("a next page named, always", [0, 4], faults: each(.nextEndless)),
            Trouble(
                "a next page named on the last one, now and then", [0, 4],
                faults: .random(seed: 4, probability: 0.3, among: [.nextEndless])),
            Trouble("rows from outside the window, for a while", [1], faults: .during(3...5, .rowOutsideWindow)),
            Trouble("rows from outside every window", [1], faults: each(.rowOutsideWindow)),
        ]

    @Test("an envelope that lies about its rows is found out", arguments: troubles, Trouble.Run.all)
    func envelope(trouble: Trouble, run: Trouble.Run) async throws {
        try await FaultMatrix.withstand(trouble, run)
    }
}

@Suite(.serialized) struct ChangingDeploymentTests {
    private static let orders: [SampleService.DefaultOrder] = [.newestFirst, .id, .random]

    static let troubles: [Trouble] =
        orders.flatMap { order in
            [
                Trouble("ordering ignored, rows by \(order)", [0]) { ($0.ordering, $0.defaultOrder) = (.ignored, order) },
                Trouble("ordering ignored from the fifth request on, rows by \(order)", [0]) {
                    $0.changes = [Change(fromRequest: 5, .orderingIgnored)]
                    $0.defaultOrder = order
                },
            ]
        } + [
            Trouble("pages of 7 at most", [0]) { $0.maximumPageSize = 7 },
            Trouble("pages of 4 at most from the sixth request on", [0], changes: Change(fromRequest: 6, .pageLimit(4))),
            Trouble("pages of a single row from the sixth request on", [0], changes: Change(fromRequest: 6, .pageLimit(1))),
            Trouble(
                "a filter ignored", [1], filters: #"{"device": "mobile"}"#,
                changes: Change(fromRequest: 1, .parametersIgnored(["device"]))),
            Trouble(
                "a filter ignored from the fourth request on", [1, 4], filters: #"{"device": "mobile"}"#,
                changes: Change(fromRequest: 4, .parametersIgnored(["device"]))),
            Trouble("started_at_after ignored", [1], changes: Change(fromRequest: 1, .parametersIgnored(["started_at_after"]))),
            Trouble("started_at_before ignored", [1], changes: Change(fromRequest: 1, .parametersIgnored(["started_at_before"]))),
            Trouble(
                "the time range ignored from the fifth request on", [1, 4],
                changes: Change(fromRequest: 5, .parametersIgnored(["started_at_after", "started_at_before"]))),
            Trouble("page_size ignored", [0], changes: Change(fromRequest: 1, .parametersIgnored(["page_size"]))),
            Trouble("page ignored", [4], changes: Change(fromRequest: 1, .parametersIgnored(["page"]))),
            Trouble("include_deleted ignored", [0], changes: Change(fromRequest: 1, .parametersIgnored(["include_deleted"]))),
            Trouble("full ignored", [0], changes: Change(fromRequest: 1, .parametersIgnored(["full"]))),
            Trouble("the key revoked at the seventh request", [3], changes: Change(fromRequest: 7, .keysRevoked)),
        ]

    @Test("a deployment that changes or knows less is found out, or makes no difference", arguments: troubles, Trouble.Run.all)
    func deployment(trouble: Trouble, run: Trouble.Run) async throws {
        try await FaultMatrix.withstand(trouble, run)
    }
}
