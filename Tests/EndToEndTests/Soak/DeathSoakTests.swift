import Crypto
import Foundation
import SampleAPI
import TestSupport
import Testing

@Suite struct DeathSoakTests {
    private struct Scene: Sendable {
        let seed: UInt64
        let every: String
        let concurrency: Int
        let configuration: SampleService.Configuration
        /// Whether all windows stand there already, with other content, and are exported again.
        let isAgain: Bool

        init(seed: UInt64) {
            var random = SeededRandom(seed: seed)
            self.seed = seed
            every = random.pick(["day", "week", "all"])
            concurrency = random.pick([1, 3, 8])
            isAgain = random.below(3) == 0
            var configuration = SampleService.Configuration()
            configuration.seed = seed
            configuration.ordering = random.pick([.honoured, .honoured, .ignored])
            configuration.latency = .milliseconds(1)
            self.configuration = configuration
        }

        func pipeline(into destination: String) -> String {
            """
            version: 1
            name: death
            window: { from: 2026-03-22, to: 2026-04-08, every: \(every) }
            fetch: { page_size: 25, concurrency: \(concurrency) }
            destination: \(destination)
            outputs:
              - path: "json/{window}.ndjson.gz"
              - { format: csv, path: "csv/{window}.csv" , compression: none }
            """
        }

        var run: [String] { ["run", "p.yml"] + (isAgain ? ["--force"] : []) }
    }

    private static let destination = "\(SmallDisk.name)/out"

    @Test("a run that dies anywhere leaves nothing that is half there, and the next one finishes to the same bytes")
    func anywhere() async throws {
        try await Soak.forEachSeed(Soak.deaths) { seed in
            let scene = Scene(seed: seed)
            try await withSampleService(scene.configuration, dataset: SampleDataset(rows: 400, seed: seed)) { endpoint, service in
                try await TemporaryFolder.withDisk { folder, disk in
                    try folder.write(scene.pipeline(into: Self.destination), to: "p.yml")
                    try folder.write(scene.pipeline(into: "undisturbed"), to: "u.yml")
                    var old: [String: Data] = [:]
                    if scene.isAgain {
                        for file in ["p.yml", "u.yml"] {
                            #expect(try await Command.run("run", file, in: folder, endpoint: endpoint).status == 0)
                        }
                        old = try Self.data(folder, Self.destination)
                        for id in try service.matchingIDs([]).enumerated().filter({ $0.offset.isMultiple(of: 5) }).map(\.element) {
                            service.mutate(.setMetadata(id: id, key: "status", value: "changed"))
                        }
                    }
                    let requests = service.statistics.requests
                    let (undisturbed, calls) = try await Self.undisturbed(in: folder, endpoint)
                    #expect(undisturbed.status == 0, "seed \(seed): \(undisturbed.testDescription)")
                    let whole = try Self.data(folder, "undisturbed")
                    let needed = service.statistics.requests - requests

                    var random = SeededRandom(seed: seed)
                    for attack in 0..<3 {
                        let bytes = disk == nil ? nil : whole.values.reduce(0) { $0 + $1.count } * 2
                        var death = Death.random(&random, requests: needed, calls: calls, bytes: bytes)
                        // The first is at a step that the run comes to for certain; every third time one of the last two.
                        let steps = calls["rename"] ?? 0
                        let isCertain = attack == 0 && steps > 0
                        if isCertain {
                            let step = seed.isMultiple(of: 3) ? steps - random.below(2) : 1 + random.below(steps)
                            death = .systemCall(SystemCallFault(call: "rename", number: step, effect: .kill))
                        }
                        let outcome = try await Command.run(
                            scene.run, in: folder, endpoint: endpoint, dying: death, on: disk, below: Self.destination,
                            requests: { service.statistics.requests })
                        let words: Comment = "seed \(seed), \(death) of \(calls): \(outcome.testDescription)"
                        // Later ones go on from what is there: a run that had ended before its death came is as good.
                        let ends: [Int32] = isCertain ? [137] : death.isOfTheDisk ? [0, 1] : [0, 130, 137, 143]
                        #expect(ends.contains(outcome.status), words)
                        try Self.checkNothingIsHalfThere(folder, old: old, whole: whole, words)
                        if outcome.status == 130 || outcome.status == 143 {
                            let left = try folder.files(below: Self.destination).keys
                            #expect(!left.contains { $0.contains("staging") || $0.hasSuffix("lock") }, words)
                        }
                        let name = death.isOfTheDisk ? "runs whose disk was full or turned read-only" : "runs killed or interrupted"
                        try Soak.record([name: outcome.status == 0 ? 0 : 1])
                    }
                    let last = try await Command.run(scene.run, in: folder, endpoint: endpoint, key: Sample.key)
                    #expect(last.status == 0, "seed \(seed): \(last.testDescription)")
                    #expect(try Self.data(folder, Self.destination) == whole, "seed \(seed)")
                    #expect(try Self.state(folder, Self.destination) == Self.state(folder, "undisturbed"), "seed \(seed)")
                    try Soak.record(["destinations attacked three times, and finished to the same bytes": 1])
                }
            }
        }
    }

    /// Exports with nothing in the way, and tells how often the run made each call; none where calls cannot be put between.
    private static func undisturbed(
        in folder: TemporaryFolder, _ endpoint: String
    ) async throws -> (Command.Outcome, calls: [String: Int]) {
        let run = ["run", "u.yml", "--force"]
        guard SystemCallFault.isPossible else {
            return (try await Command.run(run, in: folder, endpoint: endpoint, key: Sample.key), [:])
        }
        let (outcome, journal) = try await Command.run(run, in: folder, endpoint: endpoint, fault: nil, below: "undisturbed")
        return (outcome, journal.counts)
    }

    private static func data(_ folder: TemporaryFolder, _ name: String) throws -> [String: Data] {
        try folder.files(below: name).filter { !$0.key.hasPrefix("_agentsight/") }
    }

    /// The files beside the data, without the records of runs.
    private static func state(_ folder: TemporaryFolder, _ name: String) throws -> [String] {
        try folder.files(below: "\(name)/_agentsight").keys.filter { !($0.hasPrefix("runs/") && $0.hasSuffix(".json")) }.sorted()
    }

    /// Every manifest speaks of files that are there and hold what it says, and every other file is a whole one.
    ///
    /// Until the run ends, a window may lack the columns that later windows brought.
    private static func checkNothingIsHalfThere(
        _ folder: TemporaryFolder, old: [String: Data], whole: [String: Data], _ words: Comment
    ) throws {
        let seen = try data(folder, Self.destination)
        var named: Set<String> = []
        for name in try folder.files(below: "\(Self.destination)/_agentsight/windows").keys where name.hasSuffix(".json") {
            let content = try folder.read("\(Self.destination)/_agentsight/windows/\(name)")
            let manifest = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any], words)
            let files = try #require(manifest["files"] as? [[String: Any]], words)
            #expect(files.count == 2, words)
            for file in files {
                let path = try #require(file["path"] as? String, words)
                named.insert(path)
                let found = seen[path].map { SHA256.hash(data: $0).hexadecimalText }
                #expect(found == file["sha256"] as? String, "\(name) speaks of \(path), which is not there: \(words)")
            }
        }
        // Of a commit that was decided, some files have their places.
        for (name, content) in try folder.files(below: "\(Self.destination)/_agentsight/staging")
        where name.hasSuffix("/manifest.json") {
            let manifest = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any], words)
            for file in try #require(manifest["files"] as? [[String: Any]], words) {
                guard let path = file["path"] as? String, let found = seen[path] else { continue }
                if SHA256.hash(data: found).hexadecimalText == file["sha256"] as? String { named.insert(path) }
            }
        }
        for (path, content) in seen where !named.contains(path) {
            // Of a completion that was killed: the rows of the window, without the columns that turned up behind it.
            let hasAllRows = path.hasPrefix("csv/") && whole[path].map { ids($0) == ids(content) } ?? false
            #expect(content == whole[path] || content == old[path] || hasAllRows, "\(path): \(words)")
        }
    }

    /// The first column of a CSV.
    private static func ids(_ csv: Data) -> [String?] {
        CSVReader.records(in: String(decoding: csv, as: UTF8.self)).map { $0.first ?? nil }
    }
}
