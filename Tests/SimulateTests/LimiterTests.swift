import ExportCore
import SampleAPI
import Testing

@testable import Simulate

@Suite struct LimiterTests {
    /// Names of the limiters whose least times are met within a quarter, a second and a `Retry-After`.
    private static let met = [
        "bucket 40/s, burst 80", "bucket 5/s, burst 5", "log 10 in 10 s", "log 1000 in 60 s", "counter 40 in 1 s", "4 in flight",
        "counter 40 in 1 s, status 503", "the same without Retry-After",
    ]

    @Test("a night takes little longer than the least time under any of many limiters, of which nothing is known", arguments: met)
    func night(name: String) throws {
        let kind = try #require(LimiterKind.all.first { $0.name == name })
        for (requests, concurrency) in [(50, 8), (250, 16), (1000, 8)] {
            let run = LimitedRun(requests: requests, concurrency: concurrency, latency: 0.1)
            let limiter = kind.limiter(requests + concurrency)
            let ideal = run.ideal(against: limiter)
            let outcome = run.outcome(against: limiter)
            #expect(outcome.seconds <= 1.25 * ideal + 2, "\(run) \(ideal) \(outcome)")
            #expect(outcome.throttled <= max(3 * concurrency, requests / 100), "\(run) \(outcome)")
            #expect(outcome.insideRetryAfter == 0)
        }
    }

    @Test("refusals by chance do not slow a run down")
    func chance() {
        for concurrency in [8, 64] {
            let run = LimitedRun(requests: 5000, concurrency: concurrency, latency: 0.02)
            let outcome = run.outcome(against: ChanceLimiter(part: 0.01))
            #expect(outcome.seconds < 3 * run.ideal(against: ChanceLimiter(part: 0.01)), "\(outcome)")
        }
    }

    @Test("what the first run found out is used by the second one")
    func secondRun() throws {
        let run = LimitedRun(requests: 250, concurrency: 8, latency: 0.1)
        let first = run.outcome(against: InFlightLimiter(4))
        #expect(first.known == .inFlight(4))
        let second = run.outcome(against: InFlightLimiter(4), known: first.known)
        #expect(second.throttled == 0)
        #expect(second.seconds <= 1.1 * run.ideal(against: InFlightLimiter(4)) + 1)
    }
}
