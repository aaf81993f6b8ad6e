import Foundation
import SampleAPI
import Testing

@Suite struct DeathTests {
    private static let pipeline = """
        version: 1
        name: whole
        window: { from: 2026-03-01, to: 2026-05-01, every: all }
        fetch: { page_size: 40, concurrency: 4 }
        destination: out
        outputs:
          - path: all.ndjson.gz
          - { format: csv, path: all.csv.gz }
        """

    @Test(
        "a run that is ended in the middle of a large window goes on from the ranges that it had spooled, to the same bytes",
        arguments: [SIGKILL, SIGTERM], [SampleService.Ordering.honoured, .ignored])
    func goesOn(signal: Int32, ordering: SampleService.Ordering) async throws {
        var configuration = SampleService.Configuration()
        configuration.ordering = ordering
        configuration.latency = .milliseconds(2)
        try await withSampleService(configuration, dataset: SampleDataset(rows: 2000, seed: 3)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try folder.write(Self.pipeline.replacing("destination: out", with: "destination: undisturbed"), to: "u.yml")
                #expect(try await Command.run("run", "u.yml", in: folder, endpoint: endpoint).status == 0)
                let whole = service.statistics.requests

                let killed = try await Command.run(
                    ["run", "p.yml"], in: folder, endpoint: endpoint, key: Sample.key, signal: signal,
                    when: { service.statistics.requests >= whole + whole * 2 / 3 })
                #expect(killed.status == 128 + signal)
                #expect(try folder.files(below: "out").keys.allSatisfy { $0.hasPrefix("_agentsight/") })

                let before = service.statistics.requests
                let next = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(next.status == 0, "\(next.testDescription)")
                // A third was left; ranges that were cut apart at the end of the first run cost a little more.
                #expect(service.statistics.requests - before < whole * 2 / 3)
                let (mine, theirs) = try (folder.files(below: "out"), folder.files(below: "undisturbed"))
                #expect(mine.filter { !$0.key.hasPrefix("_agentsight/") } == theirs.filter { !$0.key.hasPrefix("_agentsight/") })
                #expect(mine["_agentsight/columns.json"] == theirs["_agentsight/columns.json"])
                #expect(!mine.keys.contains { $0.contains("spool") || $0.contains("staging") || $0.hasSuffix("lock") })
            }
        }
    }

    @Test("rows that were spooled for another declaration are not taken over")
    func changed() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 2000, seed: 3)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                _ = try await Command.run(
                    ["run", "p.yml"], in: folder, endpoint: endpoint, key: Sample.key, signal: SIGKILL,
                    when: { service.statistics.requests >= 25 })
                #expect(try folder.files(below: "out").keys.contains("_agentsight/spool/all"))
                let next = try await Command.run(
                    "run", "p.yml", "--set", "filters.device=mobile", in: folder, endpoint: endpoint)
                #expect(next.status == 0, "\(next.testDescription)")
                let ids = try await folder.unzip("out/all.ndjson.gz").split(separator: "\n").map {
                    try Sample.object($0)["id"] as? Int ?? 0
                }
                #expect(try ids == service.matchingIDs([QueryParameter(name: "device", value: "mobile")]))
                #expect(try !folder.files(below: "out").keys.contains { $0.contains("spool") })
            }
        }
    }

    @Test(
        "a disk that is full ends the run with 1 and with what to do, wherever it fills up; the next run goes on",
        .enabled("it takes root to mount a disk") { try await SmallDisk.isAvailable() })
    func fullDisk() async throws {
        try await onDisk(of: stride(from: 0, to: 1 << 20, by: 100_000).map(Death.fullDisk)) { outcome, room in
            #expect(
                outcome.errors.contains("No space left on device. Free space and run again"), "\(room): \(outcome.testDescription)")
        }
    }

    @Test(
        "a disk that turns read-only ends the run with 1, wherever that happens; the next run goes on",
        .enabled("it takes root to mount a disk") { try await SmallDisk.isAvailable() })
    func readOnlyDisk() async throws {
        try await onDisk(of: stride(from: 1, to: 16, by: 3).map(Death.readOnlyDisk)) { outcome, death in
            #expect(outcome.errors.contains("Read-only file system"), "\(death): \(outcome.testDescription)")
        }
    }

    private func onDisk(of deaths: [Death], check: (Command.Outcome, Death) -> Void) async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = .milliseconds(2)
        try await withSampleService(configuration, dataset: SampleDataset(rows: 400, seed: 3)) { endpoint, service in
            try await TemporaryFolder.withDisk { folder, disk in
                let disk = try #require(disk)
                let out = "\(SmallDisk.name)/out"
                let pipeline = Self.pipeline.replacing("every: all", with: "every: month")
                    .replacing("path: all", with: "path: \"{window}").replacing(".gz", with: ".gz\"")
                try folder.write(pipeline.replacing("destination: out", with: "destination: \(out)"), to: "p.yml")
                try folder.write(pipeline.replacing("destination: out", with: "destination: undisturbed"), to: "u.yml")
                #expect(try await Command.run("run", "u.yml", in: folder, endpoint: endpoint).status == 0)
                let whole = try folder.files(below: "undisturbed").filter { !$0.key.hasPrefix("_agentsight/") }
                for death in deaths {
                    let outcome = try await Command.run(
                        ["run", "p.yml"], in: folder, endpoint: endpoint, dying: death, on: disk,
                        requests: { service.statistics.requests })
                    #expect(outcome.status == 1, "\(death): \(outcome.testDescription)")
                    check(outcome, death)
                    let next = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                    #expect(next.status == 0, "\(death): \(next.testDescription)")
                    let files = try folder.files(below: out)
                    #expect(files.filter { !$0.key.hasPrefix("_agentsight/") } == whole)
                    #expect(!files.keys.contains { $0.contains("spool") || $0.contains("staging") || $0.hasSuffix("lock") })
                    try folder.remove(out)
                }
            }
        }
    }
}
