import Foundation
import SampleAPI
import Testing

/// The promise under faults: an export is exact, or its exit code says that it is not.
enum FaultMatrix {
    private static let dataset = SampleDataset(rows: 400, seed: 1)
    private static let undisturbed = Reference()

    /// Three days, with forty rows at one instant, which are more than a page.
    static func pipeline(filters: String) -> String {
        """
        version: 1
        name: days
        filters: \(filters)
        window: { from: 2026-03-25, to: 2026-03-28, every: day, timezone: Europe/Zagreb }
        fetch: { page_size: 15, retries: 20 }
        destination: out
        outputs:
          - path: conversations/dt={date}/conversations.ndjson.gz
          - { format: csv, path: "csv/{date}.csv.gz" }
        """
    }

    /// Runs the command into the trouble, and once more when it is over.
    static func withstand(_ trouble: Trouble, _ run: Trouble.Run) async throws {
        let expected = try await undisturbed.files(filters: trouble.filters)
        var configuration = SampleService.Configuration()
        configuration.ordering = run.ordering
        configuration.ties = .random
        trouble.configure(&configuration)
        try await TemporaryFolder.with { folder in
            try folder.write(pipeline(filters: trouble.filters), to: "p.yml")
            let settings = ["fetch.walk=\(run.walk)", "fetch.concurrency=\(run.concurrency)"] + trouble.settings
            let outcome = try await withSampleService(configuration, dataset: dataset) { endpoint, service in
                let outcome = try await Command.run(
                    ["run", "p.yml"] + settings.flatMap { ["--set", $0] }, in: folder, endpoint: endpoint, key: Sample.key)
                let (last, seen) = (configuration.changes.map(\.fromRequest).max() ?? 0, service.statistics)
                #expect(seen.requests >= last, "the change came too late")
                if configuration.faults != .none { #expect(seen.faults > 0, "no request met the fault") }
                return outcome
            }
            #expect(trouble.statuses.contains(outcome.status), "\(outcome.testDescription)")
            try check(folder, expected, outcome)
            if outcome.status != 0 {
                let next = try await withSampleService(dataset: dataset) { endpoint, _ in
                    try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                }
                #expect(next.status == 0, "after \(outcome.testDescription)\nthe next run: \(next.testDescription)")
                try check(folder, expected, next)
            }
        }
    }

    /// What is committed as proved is exact; after a run that ended well, that is everything; nothing else lies there.
    private static func check(_ folder: TemporaryFolder, _ expected: [String: Data], _ outcome: Command.Outcome) throws {
        let files = try folder.files(below: "out")
        var committed: Set<String> = []
        for (path, content) in files where path.hasPrefix("_agentsight/windows/") {
            let manifest = try JSONSerialization.jsonObject(with: content) as? [String: Any]
            let paths = (manifest?["files"] as? [[String: Any]])?.compactMap { $0["path"] as? String } ?? []
            committed.formUnion(paths)
            if outcome.status == 0 { #expect(manifest?["status"] as? String == "proved", "\(path)\n\(outcome.testDescription)") }
            guard manifest?["status"] as? String == "proved" else { continue }
            for path in paths { #expect(files[path] == expected[path], "\(path)\n\(outcome.testDescription)") }
        }
        let data = Set(files.keys.filter { !$0.hasPrefix("_agentsight/") })
        #expect(data == committed, "\(outcome.testDescription)")
        if outcome.status == 0 { #expect(data == Set(expected.keys), "\(outcome.testDescription)") }
        #expect(!files.keys.contains { $0.contains("staging") || $0.hasSuffix("lock") }, "\(outcome.testDescription)")
    }

    /// What runs without any trouble write, by their filters; made once, and held against the independent evaluation.
    private actor Reference {
        private var runs: [String: Task<[String: Data], any Error>] = [:]

        func files(filters: String) async throws -> [String: Data] {
            if let run = runs[filters] { return try await run.value }
            let run = Task { try await Self.make(filters: filters) }
            runs[filters] = run
            return try await run.value
        }

        private static func make(filters: String) async throws -> [String: Data] {
            try await withSampleService(dataset: dataset) { endpoint, service in
                try await TemporaryFolder.with { folder in
                    try folder.write(pipeline(filters: filters), to: "p.yml")
                    let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                    let files = try folder.files(below: "out").filter { !$0.key.hasPrefix("_agentsight/") }
                    #expect(files.count == 6)
                    var ids: [Int] = []
                    for day in ["2026-03-25", "2026-03-26", "2026-03-27"] {
                        let rows = try await folder.unzip("out/conversations/dt=\(day)/conversations.ndjson.gz")
                        ids += try rows.split(separator: "\n").map { try Sample.object($0)["id"] as? Int ?? 0 }
                    }
                    let query = [
                        QueryParameter(name: "started_at_after", value: "2026-03-24T23:00:00Z"),
                        QueryParameter(name: "started_at_before", value: "2026-03-27T23:00:00Z"),
                    ]
                    #expect(ids == (try service.matchingIDs(query + parameters(of: filters))))
                    #expect(ids.count > 20)
                    return files
                }
            }
        }

        private static func parameters(of filters: String) throws -> [QueryParameter] {
            let values = try JSONSerialization.jsonObject(with: Data(filters.utf8)) as? [String: String] ?? [:]
            return values.map { QueryParameter(name: $0.key, value: $0.value) }
        }
    }
}
