import Foundation
import SampleAPI
import Testing

@Suite struct RunTests {
    static let pipeline = """
        version: 1
        name: days
        window: { from: 2026-03-23, to: 2026-04-06, every: day, timezone: Europe/Zagreb }
        destination: out
        outputs:
          - path: conversations/dt={date}/conversations.ndjson.gz
          - { format: csv, path: "csv/{date}.csv.gz" }
        """

    @Test(
        "concurrency, the order of answers, faults and bounds do not change a byte",
        arguments: [SampleService.Ordering.honoured, .ignored])
    func repeatable(ordering: SampleService.Ordering) async throws {
        var results: [[String: Data]] = []
        for (seed, concurrency) in [1, 16, 16, 5].enumerated() {
            var configuration = SampleService.Configuration()
            configuration.ordering = ordering
            configuration.defaultOrder = .random
            configuration.ties = .random
            configuration.seed = UInt64(seed)
            configuration.latencyJitter = .milliseconds(concurrency == 1 ? 0 : 20)
            configuration.bounds = seed == 2 ? .exclusive : .inclusive
            if seed == 3 {
                configuration.faults = .random(
                    seed: 3, probability: 0.2, among: [.status(503, html: true), .cutJSON, .resetInBody, .emptyBody, .htmlBody])
            }
            // A hundred rows at one instant of the larger dataset are more than a page of 25 or 40.
            let pageSize = concurrency == 1 ? 25 : 40
            try await withSampleService(configuration, dataset: SampleDataset(rows: 900, seed: 7, tied: 100)) { endpoint, service in
                try await TemporaryFolder.with { folder in
                    try folder.write(Self.pipeline, to: "p.yml")
                    let outcome = try await Command.run(
                        "run", "p.yml", "--set", "fetch.concurrency=\(concurrency)", "--set", "fetch.page_size=\(pageSize)",
                        in: folder,
                        endpoint: endpoint)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                    results.append(try folder.files(below: "out").filter { !$0.key.hasPrefix("_agentsight/") })
                    #expect(service.statistics.maximumInFlight <= concurrency)
                    #expect(service.statistics.maximumInFlight > concurrency / 3)
                }
            }
        }
        #expect(results[0].count == 28)
        for other in results.dropFirst() { #expect(other == results[0]) }
    }

    @Test("a second run sends nothing and touches nothing; a window whose manifest or file is gone comes back alone")
    func secondRun() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let (before, changes, requests) = try (
                    folder.files(below: "out"), folder.changes(below: "out"), service.statistics.requests
                )

                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                #expect(service.statistics.requests == requests)
                #expect(try folder.changes(below: "out") == changes)

                for (lost, words, isAsked) in [
                    ("_agentsight/windows/2026-03-27.json", "1 window to export, 13 committed already", true),
                    ("csv/2026-03-27.csv.gz", "1 window to render from stored rows", false),
                ] {
                    try folder.remove("out/\(lost)")
                    let sent = service.statistics.requests
                    let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                    #expect(outcome.errors.contains(words), "\(outcome.testDescription)")
                    #expect((service.statistics.requests > sent) == isAsked)
                    let after = try folder.files(below: "out").filter { !$0.key.hasPrefix("_agentsight/") }
                    #expect(after == before.filter { !$0.key.hasPrefix("_agentsight/") })
                    let touched = try folder.changes(below: "out").filter { changes[$0.key] != $0.value }.keys.sorted()
                    #expect(
                        touched.filter { !$0.contains("/runs/") && !$0.contains("2026-03-27") && !$0.hasSuffix("columns.json") }
                            == [])
                }
            }
        }
    }

    @Test("a window that is exported again with the same rows is not touched; a file that was damaged is written anew")
    func unchanged() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                // Keys that turned up on the way are columns of every window from now on.
                #expect(try await Command.run("run", "p.yml", "--force", in: folder, endpoint: endpoint).status == 0)
                let (before, changes) = try (folder.files(below: "out"), folder.changes(below: "out"))
                let requests = service.statistics.requests

                let damaged = "csv/2026-03-27.csv.gz"
                var content = try folder.read("out/\(damaged)")
                content[content.count / 2] ^= 1
                try content.write(to: folder.url.appendingPathComponent("out/\(damaged)"))
                let outcome = try await Command.run("run", "p.yml", "--force", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(service.statistics.requests - requests >= 14)

                let after = try folder.files(below: "out")
                let touched = try folder.changes(below: "out").filter { changes[$0.key] != $0.value }.keys
                #expect(
                    touched.filter { !$0.contains("/runs/") }.sorted() == [
                        "_agentsight/digests/2026-03-27.digests", "_agentsight/windows/2026-03-27.json",
                        "conversations/dt=2026-03-27/conversations.ndjson.gz", damaged,
                    ])
                for (path, content) in before where !path.hasPrefix("_agentsight") { #expect(after[path] == content, "\(path)") }
            }
        }
    }

    @Test("lookback exports the last windows again, and no others")
    func lookback() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    version: 1
                    window: { from: -10d, to: today, every: day, lookback: 3d }
                    destination: out
                    """, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let windows = try folder.files(below: "out/_agentsight/windows")
                #expect(windows.count == 10)
                // A row that comes late into each window shows which were exported again.
                let day = 86_400.0
                let starts = try windows.keys.map { try Date("\($0.dropLast(5))T00:00:00Z", strategy: .iso8601) }.sorted()
                for start in starts { service.mutate(.insert(startedAt: Int64((start.timeIntervalSince1970 + day / 2) * 1e6))) }
                let before = Date.now
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let again = try starts.filter { start in
                    let name = start.ISO8601Format(.iso8601.year().month().day())
                    return try folder.read("out/_agentsight/windows/\(name).json") != windows["\(name).json"]
                }
                // Those that end later than three days before the run, which may have begun a moment later.
                let expected = [before, Date.now].map { now in
                    starts.filter { $0.timeIntervalSince1970 + day > now.timeIntervalSince1970 - 3 * day }
                }
                #expect(expected.contains(again), "\(again)")
                #expect((2...3).contains(again.count))
            }
        }
    }

    @Test(
        "the files of a sample day are the golden ones, to the byte",
        arguments: Sample.Deployment.all.filter { $0.generation == .new })
    func golden(deployment: Sample.Deployment) async throws {
        try await withSampleService(deployment.configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    version: 1
                    window: { from: 2026-03-29, to: 2026-03-30, every: day, timezone: Europe/Zagreb }
                    destination: out
                    outputs:
                      - { path: "{date}.ndjson", compression: none }
                      - { format: csv, path: "{date}.csv", compression: none }
                    """, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                for name in ["2026-03-29.ndjson", "2026-03-29.csv"] {
                    #expect(try folder.read("out/\(name)") == Sample.file("golden/\(name)"), "\(name)")
                }
            }
        }
    }

    /// Ids by the day in Zagreb that Foundation's calendar has their `started_at` in, in the order in which they are given.
    private static func idsByDay(of ids: [Int], _ service: SampleService) throws -> [String: [Int]] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "Europe/Zagreb"))
        return try ids.reduce(into: [:]) { days, id in
            let row = try Sample.object(String(decoding: #require(service.row(id: id)), as: UTF8.self))
            // Midnight is a whole second, so that fractions decide nothing.
            let start = try Date(#require(row["started_at"] as? String).replacing(/\.\d+/, with: ""), strategy: .iso8601)
            let day = calendar.dateComponents([.year, .month, .day], from: start)
            days[String(format: "%d-%02d-%02d", day.year ?? 0, day.month ?? 0, day.day ?? 0), default: []].append(id)
        }
    }

    @Test("windows partition the rows: each is in the one that it belongs to, to the microsecond")
    func partition() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let expected = try Self.idsByDay(of: #require(Sample.cases().first { $0.isEmpty }).ids, service)
                let paths = try folder.files(below: "out/conversations").keys.sorted()
                #expect(paths.count == 14 && expected.count > 14)
                for path in paths {
                    let rows = try await folder.unzip("out/conversations/\(path)").split(separator: "\n")
                    let day = String(path.dropFirst(3).prefix(10))
                    let manifest =
                        try JSONSerialization.jsonObject(with: folder.read("out/_agentsight/windows/\(day).json")) as? [String: Any]
                    let proof = manifest?["proof"] as? [String: Any]
                    #expect(manifest?["status"] as? String == "proved")
                    #expect(proof?["count_before"] as? Int == rows.count)
                    #expect(proof?["count_after"] as? Int == rows.count)
                    #expect(proof?["distinct_ids"] as? Int == rows.count)
                    let ids = try rows.map { try Sample.object($0)["id"] as? Int ?? 0 }
                    #expect(ids == expected[day], "\(day)")
                }
            }
        }
    }
}
