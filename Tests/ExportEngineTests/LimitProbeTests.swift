import ExportAPI
import ExportCore
import ExportEngine
import Logging
import SampleAPI
import TestSupport
import Testing

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

    @Test("a probe for limits finds a limit with few refusals, and ends when it has stayed the same")
    func found() async throws {
        var bounds = LimitProbe.Bounds()
        bounds.settled = .seconds(2)
        let (report, requests) = try await probe(InFlightLimiter(3), bounds: bounds)
        #expect(report.limit != nil && report.isSettled, "\(report)")
        #expect(report.requests == requests && report.throttled <= 16)
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
