import ExportAPI
import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import Testing

@testable import ExportEngine

@Suite struct LimitMemoryTests {
    /// The notes of the events that tell of the file of limits.
    private final class Told: Sendable {
        private let notes = Mutex<[String]>([])
        var all: [String] { notes.withLock(\.self) }

        func take(_ event: RunEvent) {
            switch event {
            case .limitsIgnored(let reason): notes.withLock { $0.append("ignored: \(reason)") }
            case .limitsNotKept(let reason): notes.withLock { $0.append("not kept: \(reason)") }
            default: break
            }
        }
    }

    /// Admits everything, and notes when each request arrived and how many were at work then, itself included.
    private struct ArrivalLog: RequestLimiter {
        final class Arrivals: Sendable {
            let all = Mutex<[(time: Double, inFlight: Int)]>([])
        }

        let arrivals = Arrivals()
        var inFlightBound: Int? { nil }
        var withoutOthers: any RequestLimiter { self }

        func refusal(at now: Double, inFlight: Int) -> LimiterRefusal? {
            arrivals.all.withLock { $0.append((now, inFlight + 1)) }
            return nil
        }

        func nextAdmission(from now: Double) -> Double { now }

        /// The most of the first five seconds: a run tries more than an earlier one found after sixteen.
        var mostInFlight: Int {
            arrivals.all.withLock { all in
                all.filter { $0.time < (all.first?.time ?? 0) + 5 }.map(\.inFlight).max() ?? 0
            }
        }
    }

    private func file(_ bench: JobBench) -> URL { URL(filePath: "\(bench.folder.name)/_agentsight/limits.json") }

    /// Keeps a limit as a run does that found it.
    private func keep(_ limit: KnownLimit, _ bench: JobBench, at now: Instant = .now) async throws {
        let folder = bench.folder
        try await JobBench.Access().withClients(of: bench.plan()) { clients in
            clients[0].expect(limit)
            await LimitMemory(
                destination: folder, clients: clients, share: .whole, run: "earlier", now: { now },
                report: { Issue.record("\($0)") }
            ).keep()
        }
    }

    private func export(_ bench: JobBench, share: Share = .whole, told: Told = Told()) async throws {
        let result = try await bench.run("later", bench.plan(), share: share, report: told.take)
        #expect(result.record.exitCode == 0 && result.unwritten == nil, "\(String(describing: result.failure))")
    }

    @Test(
        "a run begins with the limit that an earlier one found, a shard with its part of it, and writes it down again after a day",
        arguments: [(Share.whole, 1, 4), (.shard(0, of: 2), 2, 2)])
    func recalled(share: Share, shards: Int, bound: Int) async throws {
        let log = ArrivalLog()
        var configuration = SampleService.Configuration()
        (configuration.limiter, configuration.latency) = (log, .milliseconds(20))
        try await JobBench.with(configuration) { bench in
            let before = Instant.now.advanced(by: .seconds(-2 * 86_400))
            try await keep(.inFlight(4), bench, at: before)
            try await export(bench, share: share)
            #expect(1...bound ~= log.mostInFlight, "\(log.mostInFlight)")
            let kept = try bench.folder.limits()
            let written = try #require(kept.records.limits.first { $0.shards == shards })
            #expect(kept.problem == nil && written.limit == .inFlight(bound) && written.foundAt > before)
            let text = try String(contentsOf: file(bench), encoding: .utf8)
            #expect(!text.contains(SampleService.key) && !text.contains(SampleService.key.dropFirst(4).prefix(32)))
            #expect(try bench.folder.unknownStateFiles().isEmpty)
        }
    }

    @Test("a damaged file of limits is told and ignored, and written anew by the run that finds one")
    func damaged() async throws {
        try await JobBench.with { bench in
            try await keep(.inFlight(2), bench)
            var content = try Data(contentsOf: file(bench))
            content[content.count / 2] ^= 1
            try content.write(to: file(bench))
            let told = Told()
            try await export(bench, told: told)
            #expect(told.all == ["ignored: it is damaged"])
            try await keep(.inFlight(3), bench)
            #expect(try bench.folder.limits().problem == nil)
            #expect(try bench.folder.limits().records.limits.map(\.limit) == [.inFlight(3)])
        }
    }

    @Test("a file of limits that a newer version wrote is told and ignored, and stays as it is")
    func newer() async throws {
        try await JobBench.with { bench in
            try await keep(.inFlight(2), bench)
            try Data(#"{"format": 2, "limits": "of another kind"}"#.utf8).write(to: file(bench))
            let (before, told) = (try Data(contentsOf: file(bench)), Told())
            try await export(bench, told: told)
            try await keep(.inFlight(3), bench)
            #expect(told.all == ["ignored: a newer version of agentsight-export wrote it (format 2)"])
            #expect(try Data(contentsOf: file(bench)) == before)
        }
    }
}
