import ExportAPI
import ExportCore
import Logging
import SampleAPI
import TestSupport
import Testing

@testable import ExportEngine

@Suite struct LimitProbeTests {
    private func probe(
        _ limiter: (any RequestLimiter)?, bounds: LimitProbe.Bounds
    ) async throws -> (report: LimitProbe.Report, requests: Int) {
        var configuration = SampleService.Configuration()
        configuration.limiter = limiter
        configuration.latency = .milliseconds(10)
        return try await withSampleService(configuration, dataset: SampleDataset(rows: 20)) { endpoint, service in
            var plan = ExportPlan.sample([], windows: [])
            plan.source.endpoint = endpoint
            guard let key = APIKey(SampleService.key) else { throw CancellationError() }
            let account = ServiceClient.Account(endpoint: endpoint, isLoopback: true, key: key)
            let report = try await ServiceClient.withClients(
                of: [account], fetch: plan.fetch, userAgent: "test", logger: Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
            ) { try await LimitProbe($0[0], concurrency: 8, bounds: bounds).run() }
            return (report, service.statistics.requests)
        }
    }

    /// What was sent by a probe whose watch sees one answer every tenth of a second, of which so many are refused.
    private func watch(
        _ bounds: LimitProbe.Bounds, throttledEvery: Int = .max, limit: (_ seconds: Double) -> KnownLimit?
    ) -> (sent: RequestCounts, seconds: Double, isSettled: Bool) {
        let start = ContinuousClock.now
        var (watch, sent) = (LimitWatch(bounds: bounds, concurrency: 8, start: start), RequestCounts())
        var seconds = 0.0
        while watch.goesOn(at: start + .seconds(seconds), sent: sent, limit: limit(seconds)) {
            sent.requests += 1
            if sent.requests.isMultiple(of: throttledEvery) { sent.throttled += 1 }
            seconds += 0.1
        }
        return (sent, seconds.rounded(), watch.isSettled)
    }

    @Test("a probe for limits ends when what it found has stayed nearly the same for long enough")
    func settled() {
        var bounds = LimitProbe.Bounds()
        bounds.requests = 1000
        let steady = watch(bounds) { $0 < 4 ? nil : .rate(perSecond: $0 < 10 ? 20 : 20.1, burst: 5) }
        #expect(steady.isSettled && steady.seconds == 19)
        let changed = watch(bounds) { .rate(perSecond: $0 < 10 ? 20 : 40, burst: 5) }
        #expect(changed.isSettled && changed.seconds == 25)
    }

    @Test("a probe for limits ends at each of its bounds, and the limit is not found then")
    func bounds() {
        var bounds = LimitProbe.Bounds()
        (bounds.requests, bounds.throttled) = (100, 3)
        let unlimited = watch(bounds) { _ in nil }
        #expect(unlimited.sent.requests == 84 && !unlimited.isSettled)
        let refused = watch(bounds, throttledEvery: 2) { .inFlight(Int($0)) }
        #expect(refused.sent.throttled == 24 && !refused.isSettled)
        bounds.time = .seconds(5)
        let slow = watch(bounds) { .inFlight(Int($0)) }
        #expect(slow.seconds == 5 && !slow.isSettled)
    }

    @Test("a probe for limits reports what it sent, and is refused no more often than it may be")
    func reported() async throws {
        var bounds = LimitProbe.Bounds()
        bounds.settled = .milliseconds(200)
        // Which limit it finds depends on how busy the machine is: `PacerTests` has that without a clock.
        let (report, requests) = try await probe(InFlightLimiter(3), bounds: bounds)
        #expect(report.requests == requests && report.requests <= 600 && report.throttled <= 16 + 8)
    }

    @Test("a probe for limits sends no more requests than it may, and says that no limit has shown")
    func bounded() async throws {
        var bounds = LimitProbe.Bounds()
        bounds.requests = 60
        let (report, requests) = try await probe(nil, bounds: bounds)
        #expect(report.limit == nil && !report.isSettled && report.throttled == 0)
        #expect(requests <= 60 && requests > 30, "\(requests)")
    }
}
