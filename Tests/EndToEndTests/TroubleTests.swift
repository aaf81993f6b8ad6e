import Foundation
import SampleAPI
import Synchronization
import Testing

@Suite struct TroubleTests {
    private static let pipeline = RunTests.pipeline

    @Test("a window whose count is never right is committed as unsettled, exits with 4, and is due again")
    func unsettled() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .random(seed: 1, probability: 1, among: [.countOff(by: 1)])
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", "--to", "2026-03-25", in: folder, endpoint: endpoint)
                #expect(outcome.status == 4, "\(outcome.testDescription)")
                let manifest = String(decoding: try folder.read("out/_agentsight/windows/2026-03-24.json"), as: UTF8.self)
                #expect(manifest.contains(#""status" : "unsettled""#))
                let plan = try await Command.run("plan", "p.yml", "--to", "2026-03-25", in: folder)
                #expect(plan.output.components(separatedBy: "unsettled").count >= 3, "\(plan.testDescription)")
            }
        }
    }

    @Test(
        "rows that come, go and change while they are exported lose no other row",
        arguments: [SampleService.Ordering.honoured, .ignored])
    func motion(ordering: SampleService.Ordering) async throws {
        for seed in 1...4 {
            let touched = Mutex<Set<Int>>([])
            var configuration = SampleService.Configuration()
            configuration.ordering = ordering
            configuration.seed = UInt64(seed)
            configuration.beforeResponse = { number, service in
                // Motion ends, so that the walk can settle.
                guard number % 2 == 0, number < 60, let all = try? service.matchingIDs([]), !all.isEmpty else { return }
                let id = all[(number * 7919 * seed) % all.count]
                let mutations: [Mutation] = [
                    .setMarked(id: id, number % 4 == 0), .softDelete(id: id),
                    .insert(startedAt: 1_774_500_000_000_000 + Int64(number)),
                ]
                let changed = service.mutate(mutations[number / 2 % 3])
                touched.withLock { $0.formUnion([id, changed ?? id]) }
            }
            try await withSampleService(configuration, dataset: SampleDataset(rows: 700, seed: UInt64(seed))) { endpoint, service in
                try await TemporaryFolder.with { folder in
                    let filter = QueryParameter(name: "is_marked", value: "false")
                    let before = try service.matchingIDs([filter])
                    try folder.write(
                        """
                        version: 1
                        filters: { is_marked: false }
                        fetch: { page_size: 20, concurrency: \(1 + seed * 2) }
                        destination: out
                        outputs: [{ path: all.ndjson.gz }]
                        """, to: "p.yml")
                    let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                    // Rows are all there in either case; whether the counts came to agree depends on when the motion ended.
                    #expect([0, 4].contains(outcome.status), "seed \(seed): \(outcome.testDescription)")
                    let ids = try await folder.unzip("out/all.ndjson.gz").split(separator: "\n").map {
                        try Sample.object($0)["id"] as? Int ?? 0
                    }
                    let still = Set(before).subtracting(touched.withLock { $0 })
                    #expect(Set(ids).count == ids.count, "seed \(seed)")
                    #expect(still.subtracting(ids).isEmpty, "seed \(seed)")
                    #expect(service.statistics.requests > 30)
                }
            }
        }
    }

    @Test(
        "SIGTERM and SIGINT end a run within five seconds, with 143 and 130 and nothing half-done; the next run goes on",
        arguments: [SIGTERM: Int32(143), SIGINT: 130])
    func signals(signal: Int32, status: Int32) async throws {
        // The third window's answer never comes, so the signal finds the run in the middle.
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([5: .stallBeforeAnswer(.seconds(600))])
        try await withSampleService(configuration) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let sent = Mutex(Date.now)
                let windows = folder.url.appendingPathComponent("out/_agentsight/windows").path
                let outcome = try await Command.run(
                    ["run", "p.yml", "--set", "fetch.concurrency=1"], in: folder, endpoint: endpoint, key: Sample.key,
                    // What was fetched before it is committed by then.
                    when: {
                        let committed = (try? FileManager.default.contentsOfDirectory(atPath: windows)) ?? []
                        return service.statistics.requests >= 5 && committed.count { $0.hasSuffix(".json") } == 2
                    },
                    interfere: { process in
                        sent.withLock { $0 = .now }
                        kill(process, signal)
                    })
                // To the end of the process, and not only of the work.
                let took = Date.now.timeIntervalSince(sent.withLock(\.self))
                #expect(took < 5, "\(took) s")
                #expect(outcome.status == status, "\(outcome.testDescription)")
                let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") }
                #expect(errors == ["error: interrupted. No file is half-written. To continue, run the same command again."])
                let files = try folder.files(below: "out")
                #expect(files.keys.count { $0.hasPrefix("_agentsight/runs/") } == 1)
                // The two windows before the one that was under way, and none of it.
                #expect(files.keys.count { $0.hasPrefix("_agentsight/windows/") } == 2, "\(files.keys.sorted())")
                #expect(!files.keys.contains { $0.contains("staging") || $0.hasSuffix("lock") })
                let next = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(next.status == 0, "\(next.testDescription)")
                #expect(try folder.files(below: "out/csv").count == 14)
            }
        }
    }

    @Test("a second run on one destination is refused, and names the holder")
    func twoAtOnce() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([1: .stallBeforeAnswer(.seconds(600))])
        try await withSampleService(configuration) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                async let first = Command.run(
                    ["run", "p.yml", "--set", "fetch.concurrency=1"], in: folder, endpoint: endpoint, key: Sample.key,
                    signal: SIGTERM,
                    when: { FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("refused").path) })
                while service.statistics.requests == 0 { await Task.yield() }
                let second = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                try folder.write("", to: "refused")
                #expect(second.status == 75, "\(second.testDescription)")
                #expect(second.errors.contains("another run is writing to out: process "), "\(second.testDescription)")
                #expect(try await first.status == 143)
            }
        }
    }

    @Test(
        "a reader of standard output that goes away ends the command quietly, with 141",
        arguments: ["plan p.yml", "run p.yml --stdout -q", "validate p.yml"])
    func brokenPipe(arguments: String) async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let (status, errors) = try await Command.runIntoClosedPipe(arguments, in: folder, endpoint: endpoint)
                #expect(status == 141, "\(errors)")
                #expect(!errors.contains("error"), "\(errors)")
            }
        }
    }

    @Test("a window that cannot be had is named, the others are committed")
    func oneWindowFails() async throws {
        // Requests one after the other: the fifth is the fifth window's, and so are its repeats.
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([5: .status(500), 6: .status(500)])
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    Self.pipeline.replacingOccurrences(
                        of: "destination", with: "fetch: { concurrency: 1, retries: 1 }\ndestination"), to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 75, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("1 failed"), "\(outcome.testDescription)")
                #expect(try folder.files(below: "out/csv").count == 13)
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                #expect(try folder.files(below: "out/csv").count == 14)
            }
        }
    }
}
