import ExportCore
import ExportHTTP
import NIOHTTP1
import Testing

@testable import ExportAPI

@Suite struct ResponseClockTests {
    private static let start = ContinuousClock.now
    private static let wallClock = Instant(seconds: 1_790_000_000)

    private func head(status: Int = 200, _ headers: [(String, String)]) -> ResponseHead {
        ResponseHead(status: status, headers: HTTPHeaders(headers))
    }

    private func date(_ seconds: Int, status: Int = 200) -> ResponseHead {
        head(
            status: status,
            [("Date", "Sun, 06 Nov 1994 08:\(10 + seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60) GMT")])
    }

    /// What is said of answers, each sent and received at these seconds.
    private func stored(_ responses: [(ResponseHead, sent: Int, received: Int)]) -> [CachedResponse?] {
        var clock = ResponseClock()
        return responses.map { head, sent, received in
            clock.note(
                head, sentAt: Self.start + .seconds(sent), receivedAt: Self.start + .seconds(received), wallClock: Self.wallClock)
        }
    }

    @Test("an answer with an Age was kept by a cache, and so was one whose date is long before its request")
    func stored() {
        #expect(stored([(head([("Age", "7200")]), 0, 1)]) == [CachedResponse(age: .seconds(7200))])
        #expect(stored([(date(0), 0, 0), (date(0), 100, 101)]) == [nil, CachedResponse(age: .seconds(100))])
        #expect(stored([(date(600), 0, 1), (date(0), 1, 2)]) == [nil, CachedResponse(age: .seconds(600))])
    }

    @Test(
        "every form of what caches say of an answer is understood",
        arguments: [
            ("Age", "7200, 60", 7200), ("Age", "007", 7), ("Age", "99999999999999999999", 1 << 31), ("Age", "3;x", 3),
            ("X-Cache", "HIT from proxy.example", nil), ("X-Cache", "Hit from cloudfront", nil), ("X-Cache", "MISS, HIT", nil),
            ("X-Cache", "TCP_MEM_HIT from edge", nil), ("X-Cache-Status", "HIT", nil), ("x-cache-status", "STALE", nil),
            ("CF-Cache-Status", "UPDATING", nil),
        ] as [(String, String, Int?)])
    func forms(_ name: String, _ value: String, _ seconds: Int?) {
        #expect(stored([(head([(name, value)]), 0, 1)]) == [CachedResponse(age: seconds.map { .seconds($0) })], "\(name): \(value)")
    }

    @Test(
        "what a cache passed on, or asked the service about, is no stored answer",
        arguments: [
            ("Age", "0"), ("Age", "000"), ("Age", ""), ("Age", "-1"), ("X-Cache", "MISS from hit.example"),
            ("X-Cache", "RefreshHit"),
            ("X-Cache-Status", "BYPASS"), ("X-Cache-Status", "REVALIDATED"), ("CF-Cache-Status", "DYNAMIC"), ("X-Cache", ""),
        ])
    func passedOn(_ name: String, _ value: String) {
        #expect(stored([(head([(name, value)]), 0, 1)]) == [nil], "\(name): \(value)")
    }

    @Test("any answer says the time, and only usable ones can be too old to prove something")
    func otherStatus() {
        var clock = ResponseClock()
        #expect(clock.note(date(300, status: 404), sentAt: Self.start, receivedAt: Self.start, wallClock: Self.wallClock) == nil)
        #expect(clock.reading?.service == Instant(iso8601: "1994-11-06T08:15:00Z"))
        // A proxy's clock shows no answer of the service to be old.
        #expect(clock.note(date(0), sentAt: Self.start, receivedAt: Self.start, wallClock: Self.wallClock) == nil)
        #expect(stored([(head(status: 404, [("Age", "60")]), 0, 1)]) == [nil])
    }

    @Test("answers of machines whose clocks differ by a minute at the most, of a slow one, and those without a date, are believed")
    func believed() {
        #expect(stored([(date(60), 0, 0), (date(0), 0, 0), (date(60), 0, 0)]) == [nil, nil, nil])
        // Sent before the other came.
        #expect(stored([(date(300), 0, 200), (date(0), 0, 300)]) == [nil, nil])
        #expect(
            stored([(head([]), 0, 0), (head([("Age", "0")]), 0, 0), (head([("Date", "soon"), ("Age", "x")]), 0, 0)]) == [
                nil, nil, nil,
            ])
        // A clock that is set back by less.
        #expect(stored([(date(90), 0, 0), (date(90), 30, 30), (date(95), 60, 60)]) == [nil, nil, nil])
    }

    @Test("the newest answer says how the service's clock stands to this machine's; more than a minute is told")
    func reading() {
        var clock = ResponseClock()
        #expect(clock.reading == nil)
        _ = clock.note(date(5), sentAt: Self.start, receivedAt: Self.start, wallClock: Self.wallClock)
        #expect(clock.reading == ClockReading(service: Instant(iso8601: "1994-11-06T08:10:05Z")!, machine: Self.wallClock))
        _ = clock.note(date(4), sentAt: Self.start, receivedAt: Self.start, wallClock: Self.wallClock)
        #expect(clock.reading?.service == Instant(iso8601: "1994-11-06T08:10:05Z"))
        for (seconds, isSkewed) in [(0, false), (60, false), (61, true), (-60, false), (-61, true), (-7200, true)]
            as [(Int64, Bool)]
        {
            let service = Instant(seconds: Self.wallClock.microseconds / 1_000_000 + seconds)
            #expect(ClockReading(service: service, machine: Self.wallClock).isSkewed == isSkewed, "\(seconds)")
        }
    }
}
