import Foundation
import Testing

@testable import SampleAPI

@Suite struct RateLimitTests {
    @Test("a window admits so many in any second, and says when the next is welcome")
    func window() {
        var window = RateWindow()
        let decisions = [10_000, 10_400, 10_600, 11_000, 11_100].map { window.decide(at: .milliseconds($0), perSecond: 2) }
        #expect(
            decisions == [
                .admitted(remaining: 1), .admitted(remaining: 0), .refused(wait: .milliseconds(400)), .admitted(remaining: 0),
                .refused(wait: .milliseconds(300)),
            ]
        )
    }

    @Test("a request disobeys from 20 ms after the 429 until the period is over")
    func periods() {
        var periods = RetryPeriods(grace: .milliseconds(20))
        periods.begin(at: .seconds(5), until: .seconds(6))
        let inside = [5_019, 5_020, 5_999, 6_000].map { periods.contains(.milliseconds($0)) }
        #expect(inside == [false, true, true, false])
    }

    @Test("periods that overlap are one")
    func overlapping() {
        var periods = RetryPeriods(grace: .milliseconds(20))
        let counts = [(5_000, 6_000), (5_990, 6_990), (6_990, 7_990), (8_000, 8_010)].map { start, end in
            periods.begin(at: .milliseconds(start), until: .milliseconds(end))
            return periods.count
        }
        #expect(counts == [1, 1, 2, 2])
    }

    /// Arrivals by a clock of the test's own; the time by the calendar is 2026-11-01T12:00:00.5Z plus the clock's.
    private func arrivals(_ limit: RateLimit, at times: [Int]) throws -> (
        arrivals: [SampleService.Arrival], statistics: SampleStatistics
    ) {
        var configuration = SampleService.Configuration()
        configuration.rateLimit = limit
        let service = SampleService(configuration, dataset: .settled)
        let call = SampleService.Call(
            route: .conversations, isGet: true, parameters: [], authorization: "Api-Key x", acceptsJSON: true, host: "h")
        let noon = try #require(Moment(parsing: "2026-11-01T12:00:00.5Z"))
        let arrivals = times.map { time in
            let arrival = service.arrive(call, now: .milliseconds(time), wallClock: noon + Int64(time) * 1000)
            service.leave(arrival.number)
            return arrival
        }
        return (arrivals, service.statistics)
    }

    @Test(
        "a refusal says Retry-After in the form that is configured",
        arguments: [
            (RateLimit.RetryAfter.seconds, "1"), (.httpDate, "Sun, 01 Nov 2026 12:00:02 GMT"), (.none, nil),
            (.past, "Sun, 01 Nov 2026 11:00:00 GMT"), (.garbage, "soon"),
        ] as [(RateLimit.RetryAfter, String?)])
    func forms(form: RateLimit.RetryAfter, text: String?) throws {
        let seen = try arrivals(RateLimit(perSecond: 1, retryAfter: form), at: [0, 100])
        let refusal = try #require(seen.arrivals.last?.throttling)
        #expect(refusal.status == 429)
        #expect(refusal.headers.first { $0.name == "Retry-After" }?.value == text)
    }

    @Test(
        "what comes inside the period is counted, what was on its way or comes after it is not",
        arguments: [
            (RateLimit.RetryAfter.seconds, 4), (.httpDate, 4), (.none, 0), (.past, 0), (.garbage, 0),
        ])
    func disobedience(form: RateLimit.RetryAfter, count: Int) throws {
        // The 429 is at 100 ms: 1 s long, or until 12:00:02, which is at 1,500 ms.
        let seen = try arrivals(RateLimit(perSecond: 1, retryAfter: form), at: [0, 100, 110, 130, 900, 1_001, 1_200])
        #expect(seen.statistics.throttled >= 4)
        #expect(seen.statistics.insideRetryAfter == count)
    }

    @Test("rate headers count down, with the reset in either form")
    func headers() throws {
        let relative = try arrivals(RateLimit(perSecond: 2, headers: .resetInSeconds), at: [0, 10, 20]).arrivals
        #expect(relative[0].headers.map(\.value) == ["2", "1", "1"])
        #expect(relative[1].headers.map(\.value) == ["2", "0", "1"])
        #expect(relative[2].throttling?.headers.prefix(3).map(\.value) == ["2", "0", "1"])
        let epoch = try arrivals(RateLimit(perSecond: 2, headers: .resetAtEpoch), at: [0]).arrivals
        #expect(epoch[0].headers.map(\.value) == ["2", "1", "1793534402"])
    }

    @Test("what is too much is throttled on the wire, and the statistics say so")
    func wire() async throws {
        var configuration = SampleService.Configuration()
        configuration.rateLimit = RateLimit(perSecond: 0)
        try await withSampleService(configuration, dataset: .settled) { endpoint, service in
            let client = RawClient(endpoint: endpoint)
            let answer = try await client.list()
            #expect(answer.status == 429)
            #expect(answer.headers["retry-after"] == "1")
            #expect(answer.text == #"{"detail":"Request was throttled. Expected available in 1 second."}"#)
            let statistics = try await client.get("/_sample/statistics").json()
            #expect(statistics["throttled"] as? Int == 1)
            #expect(statistics["requests"] as? Int == 1)
            #expect(service.statistics.requestsByRoute == ["conversations": 1])
        }
    }
}
