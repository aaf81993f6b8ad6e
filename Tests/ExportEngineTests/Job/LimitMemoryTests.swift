import ExportCore
import ExportEngine
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import Testing

@Suite struct LimitMemoryTests {
    private static func configuration() -> SampleService.Configuration {
        var configuration = SampleService.Configuration()
        configuration.limiter = InFlightLimiter(2)
        configuration.latency = .milliseconds(20)
        return configuration
    }

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

    private func file(_ bench: JobBench) -> URL { URL(filePath: "\(bench.folder.name)/_agentsight/limits.json") }

    /// Exports all windows, whether they stand there or not.
    private func export(_ name: String, _ bench: JobBench, share: Share = .whole, told: Told = Told()) async throws -> Int {
        var plan = bench.plan()
        plan.windowing.again = .all(reason: "test")
        let before = bench.service.statistics.throttled
        let result = try await bench.run(name, plan, share: share, report: told.take)
        #expect(result.record.exitCode == 0 && result.unwritten == nil, "\(String(describing: result.failure))")
        return bench.service.statistics.throttled - before
    }

    @Test("what the first run finds out about the limit, the second one knows, whole or as a shard; the key is not in the file")
    func secondNight() async throws {
        try await JobBench.with(Self.configuration()) { bench in
            let refused = try await export("first", bench)
            #expect(refused > 0)
            // How close the limit is depends on how busy the machine is: `PacerTests` has that without a clock.
            #expect(try bench.folder.limits().records.limits.count == 1)
            let text = try String(contentsOf: file(bench), encoding: .utf8)
            #expect(!text.contains(SampleService.key) && !text.contains(SampleService.key.dropFirst(4).prefix(32)))
            #expect(try await export("second", bench) < refused)
            #expect(try await export("shard", bench, share: .shard(0, of: 2)) < refused)
            #expect(try bench.folder.unknownStateFiles().isEmpty)
        }
    }

    @Test("a damaged file of limits is told and ignored, and the limit is found again and written")
    func damaged() async throws {
        try await JobBench.with(Self.configuration()) { bench in
            _ = try await export("first", bench)
            var content = try Data(contentsOf: file(bench))
            content[content.count / 2] ^= 1
            try content.write(to: file(bench))
            let told = Told()
            #expect(try await export("second", bench, told: told) > 0)
            #expect(told.all == ["ignored: it is damaged"])
            #expect(try bench.folder.limits().problem == nil)
            #expect(try bench.folder.limits().records.limits.count == 1)
        }
    }

    @Test("a file of limits that a newer version wrote is told and ignored, and stays as it is")
    func newer() async throws {
        try await JobBench.with(Self.configuration()) { bench in
            _ = try await export("first", bench)
            try Data(#"{"format": 2, "limits": "of another kind"}"#.utf8).write(to: file(bench))
            let (before, told) = (try Data(contentsOf: file(bench)), Told())
            #expect(try await export("second", bench, told: told) > 0)
            #expect(told.all == ["ignored: a newer version of agentsight-export wrote it (format 2)"])
            #expect(try Data(contentsOf: file(bench)) == before)
        }
    }
}
