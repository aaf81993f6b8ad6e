import ExportCore
import SampleAPI
import Testing

@testable import Simulate

@Suite struct LimiterTests {
    /// Names of the limiters under which a night takes a quarter, a second and a `Retry-After` longer than the least time, at most. One that is
    /// shared with others is not among them.
    private static let met = LimiterKind.all.map(\.name).filter { $0 != "40/s, shared" }
    /// Those of them whose limit stays the same, so that a second run has use for what the first one found.
    private static let steady = met.filter { $0 != "40/s, 20/s, 80/s" }

    private func limiter(_ name: String, for run: LimitedRun) throws -> any RequestLimiter {
        try #require(LimiterKind.all.first { $0.name == name }).limiter(run.requests + run.concurrency)
    }

    @Test("a night takes little longer than the least time under any of many limiters, of which nothing is known", arguments: met)
    func night(name: String) throws {
        for (requests, concurrency) in [(50, 8), (250, 16), (1000, 8)] {
            let run = LimitedRun(requests: requests, concurrency: concurrency, latency: 0.1)
            let limiter = try limiter(name, for: run)
            let ideal = run.ideal(against: limiter)
            let outcome = run.outcome(against: limiter)
            #expect(outcome.seconds <= 1.25 * ideal + 2, "\(run) \(ideal) \(outcome)")
            // Two kinds of a thousand requests take one more than two for each slot.
            #expect(outcome.throttled <= 2 * concurrency + (requests == 1000 ? 2 : 0), "\(run) \(outcome)")
            #expect(outcome.insideRetryAfter == 0)
        }
    }

    @Test("the second night takes hardly longer than the least time", arguments: steady)
    func secondNight(name: String) throws {
        for (requests, concurrency) in [(250, 16), (1000, 8)] {
            let run = LimitedRun(requests: requests, concurrency: concurrency, latency: 0.1)
            let limiter = try limiter(name, for: run)
            let first = run.outcome(against: limiter)
            let second = run.outcome(against: limiter, known: first.known)
            #expect(second.seconds <= 1.1 * run.ideal(against: limiter) + 1, "\(run) \(first) \(second)")
            #expect(second.insideRetryAfter == 0)
        }
    }

    @Test(
        "where answers take long, a rate is not taken for a bound on requests in flight",
        arguments: ["bucket 40/s, burst 10", "bucket 5/s, burst 5", "bucket 10/s, burst 5", "4 in flight"],
        [(250, 16, 0.5), (250, 8, 2), (50, 64, 2)])
    func longLatency(name: String, size: (requests: Int, concurrency: Int, latency: Double)) throws {
        let run = LimitedRun(requests: size.requests, concurrency: size.concurrency, latency: size.latency)
        let limiter = try limiter(name, for: run)
        let ideal = run.ideal(against: limiter)
        let first = run.outcome(against: limiter)
        #expect(first.seconds <= 1.25 * ideal + 2, "\(run) \(ideal) \(first)")
        let second = run.outcome(against: limiter, known: first.known)
        #expect(second.seconds <= 1.1 * ideal + 1, "\(run) \(ideal) \(second)")
    }

    @Test("refusals by chance do not slow a run down", arguments: [8, 16, 64], [0.02, 0.1])
    func chance(concurrency: Int, latency: Double) {
        let run = LimitedRun(requests: 5000, concurrency: concurrency, latency: latency)
        let limiter = ChanceLimiter(part: 0.01)
        let outcome = run.outcome(against: limiter)
        #expect(outcome.seconds < 1.1 * run.ideal(against: limiter) + 2, "\(outcome)")
    }

    @Test("refusals by chance are known where few requests are in flight, too", arguments: [1, 2, 4], [0.02, 0.1])
    func chanceOfFew(concurrency: Int, latency: Double) {
        let run = LimitedRun(requests: 5000, concurrency: concurrency, latency: latency)
        let limiter = ChanceLimiter(part: 0.01)
        let outcome = run.outcome(against: limiter)
        #expect(outcome.seconds < 1.4 * run.ideal(against: limiter), "\(outcome)")
    }

    @Test("one of the first requests refused by chance does not show that requests must be apart", arguments: [81, 153, 268, 346])
    func chanceAtOnce(seed: UInt64) {
        let run = LimitedRun(requests: 1000, concurrency: 1, latency: 0.1)
        let limiter = ChanceLimiter(part: 0.01, seed: seed)
        let outcome = run.outcome(against: limiter)
        #expect(outcome.seconds < 1.4 * run.ideal(against: limiter), "\(outcome)")
    }

    @Test("a bound just below the requests at once is not taken for chance", arguments: [(31, 32), (63, 64), (62, 64)])
    func bound(inFlight: Int, concurrency: Int) {
        let run = LimitedRun(requests: 5000, concurrency: concurrency, latency: 0.1)
        let outcome = run.outcome(against: InFlightLimiter(inFlight))
        #expect(outcome.known == .inFlight(inFlight))
        #expect(outcome.seconds <= 1.25 * run.ideal(against: InFlightLimiter(inFlight)) + 2, "\(outcome)")
    }

    @Test("where others use a limit too, refusals are not taken for chance", arguments: [8, 16])
    func shared(concurrency: Int) throws {
        let run = LimitedRun(requests: 5000, concurrency: concurrency, latency: 0.02)
        let outcome = run.outcome(against: try limiter("40/s, shared", for: run))
        #expect(outcome.throttled <= 50, "\(outcome)")
    }

    @Test("a limit far below what an earlier run found is left again as soon as it rises")
    func rising() throws {
        let run = LimitedRun(requests: 5000, concurrency: 8, latency: 0.02)
        let limiter = try limiter("40/s, 20/s, 80/s", for: run)
        let outcome = run.outcome(against: limiter, known: .rate(perSecond: 77, burst: 0))
        #expect(outcome.seconds <= 1.5 * run.ideal(against: limiter), "\(outcome)")
    }

    @Test(
        "where requests must be apart, their rate is found in a few seconds, and the second night is close to it from the start",
        arguments: [(5, 1, 0.02), (10, 1, 0.02), (20, 1, 0.02), (50, 1, 0.02), (100, 1, 0.02), (100, 2, 0.02), (100, 3, 0.02)]
            + [(10, 1, 0.1), (20, 1, 0.1), (20, 2, 0.1), (50, 2, 0.1), (100, 2, 0.1)] as [(Double, Double, Double)])
    func apart(rate: Double, burst: Double, latency: Double) {
        let limiter = BucketLimiter(rate: rate, burst: burst)
        for (requests, concurrency) in [(250, 8), (250, 16), (250, 64), (1000, 8), (1000, 64)] {
            let run = LimitedRun(requests: requests, concurrency: concurrency, latency: latency)
            let ideal = run.ideal(against: limiter)
            let first = run.outcome(against: limiter)
            #expect(first.seconds <= 1.25 * ideal + 6.5, "\(run) \(ideal) \(first)")
            #expect(first.throttled <= 2 * concurrency, "\(run) \(first)")
            #expect(first.insideRetryAfter == 0)
            let second = run.outcome(against: limiter, known: first.known)
            #expect(second.seconds <= 1.4 * ideal + 1, "\(run) \(ideal) \(first) \(second)")
            #expect(second.throttled <= 4, "\(run) \(first) \(second)")
        }
    }

    @Test("the same with one request at a time", arguments: [5, 10, 20], [0.02, 0.1])
    func apartOneByOne(rate: Double, latency: Double) {
        let run = LimitedRun(requests: 250, concurrency: 1, latency: latency)
        for limiter in [BucketLimiter(rate: rate, burst: 1), BucketLimiter(rate: rate, burst: 2)] {
            let ideal = run.ideal(against: limiter)
            let first = run.outcome(against: limiter)
            #expect(first.seconds <= 1.25 * ideal + 5, "\(limiter) \(ideal) \(first)")
            #expect(first.throttled <= 5, "\(first)")
            let second = run.outcome(against: limiter, known: first.known)
            #expect(second.seconds <= 1.15 * ideal + 1, "\(limiter) \(ideal) \(second)")
        }
    }

    @Test(
        "a bound of one to three in flight is met as soon, though a rate of requests that must be apart looks like it",
        arguments: 1...3)
    func fewInFlight(bound: Int) {
        for (concurrency, latency) in [(8, 0.02), (8, 0.1), (64, 0.02), (64, 0.1)] {
            let run = LimitedRun(requests: 1000, concurrency: concurrency, latency: latency)
            let limiter = InFlightLimiter(bound)
            let ideal = run.ideal(against: limiter)
            let first = run.outcome(against: limiter)
            #expect(first.seconds <= ideal + 4, "\(run) \(ideal) \(first)")
            #expect(first.throttled <= 2 * concurrency, "\(run) \(first)")
            let second = run.outcome(against: limiter, known: first.known)
            #expect(second.seconds <= ideal + 1, "\(run) \(ideal) \(second)")
        }
    }

    @Test("a bound that an earlier run found, though requests must be apart, does not slow the next run down", arguments: [4, 8])
    func wrongBound(known: Int) {
        let run = LimitedRun(requests: 1000, concurrency: 16, latency: 0.02)
        let limiter = BucketLimiter(rate: 100, burst: 2)
        let outcome = run.outcome(against: limiter, known: .inFlight(known))
        #expect(outcome.seconds <= 1.5 * run.ideal(against: limiter), "\(outcome)")
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
