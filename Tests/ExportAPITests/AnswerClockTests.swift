import ExportCore
import ExportHTTP
import NIOHTTP1
import Testing

@testable import ExportAPI

@Suite struct AnswerClockTests {
    private static let start = ContinuousClock.now
    private static let wallClock = Instant(seconds: 1_790_000_000)

    private func head(_ headers: [(String, String)]) -> AnswerHead {
        AnswerHead(status: 200, headers: HTTPHeaders(headers))
    }

    private func date(_ seconds: Int) -> AnswerHead {
        head([("Date", "Sun, 06 Nov 1994 08:\(10 + seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60) GMT")])
    }

    /// What is said of answers, each sent and received at these seconds.
    private func ages(_ answers: [(AnswerHead, sent: Int, received: Int)]) -> [Duration?] {
        var clock = AnswerClock()
        return answers.map { head, sent, received in
            clock.note(
                head, sentAt: Self.start + .seconds(sent), receivedAt: Self.start + .seconds(received), wallClock: Self.wallClock)
        }
    }

    @Test("an answer with an Age was kept by a cache, and so was one whose date is long before its request")
    func stored() {
        #expect(ages([(head([("Age", "7200")]), 0, 1)]) == [.seconds(7200)])
        #expect(ages([(date(0), 0, 0), (date(0), 100, 101)]) == [nil, .seconds(100)])
        #expect(ages([(date(600), 0, 1), (date(0), 1, 2)]) == [nil, .seconds(600)])
    }

    @Test("answers of machines whose clocks differ by a minute at the most, of a slow one, and those without a date, are believed")
    func believed() {
        #expect(ages([(date(60), 0, 0), (date(0), 0, 0), (date(60), 0, 0)]) == [nil, nil, nil])
        // Sent before the other came.
        #expect(ages([(date(300), 0, 200), (date(0), 0, 300)]) == [nil, nil])
        #expect(
            ages([(head([]), 0, 0), (head([("Age", "0")]), 0, 0), (head([("Date", "soon"), ("Age", "x")]), 0, 0)]) == [
                nil, nil, nil,
            ])
        // A clock that is set back by less.
        #expect(ages([(date(90), 0, 0), (date(90), 30, 30), (date(95), 60, 60)]) == [nil, nil, nil])
    }

    @Test("the newest answer says how the service's clock stands to this machine's; more than a minute is told")
    func reading() {
        var clock = AnswerClock()
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
