import Foundation
import SampleAPI
import TestSupport
import Testing

@Suite struct HostileDestinationSoakTests {
    private static let pipeline = """
        version: 1
        name: hostile
        window: { from: 2026-03-28, to: 2026-03-30, every: day }
        fetch: { page_size: 10, concurrency: 1, retries: 1 }
        destination: out
        outputs:
          - path: "json/{window}.ndjson.gz"
          - { format: csv, path: "csv/{window}.csv", compression: none }
        """

    /// What only looks.
    private static let looks = [
        ["verify", "p.yml"], ["verify", "out", "--format", "json"], ["status", "p.yml"], ["status", "out", "--format", "json"],
        ["report", "out", "-o", "-"], ["report", "p.yml", "-o", "-"], ["plan", "p.yml", "--format", "json"],
        ["schema", "p.yml", "--for", "postgres"],
        ["schema", "p.yml", "--for", "postgres", "--load-window", "2026-03-28"], ["schema", "p.yml", "--for", "duckdb", "--load"],
    ]
    private static let shares = [["--shard", "0/2"], ["--shard", "1/2"]]

    @Test(
        "whatever lies in a destination: nothing outside is touched or shown, nothing hangs, traps or takes the memory, and 0 means whole"
    )
    func anything() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400, seed: 1)) { endpoint, _ in
            try await TemporaryFolder.with { shared in
                try shared.write(Self.pipeline, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: shared, endpoint: endpoint).status == 0)
                // With columns from the second window on, and with those of all.
                var whole = [try shared.files(below: "out")]
                try FileManager.default.copyItem(
                    at: shared.url.appendingPathComponent("out"), to: shared.url.appendingPathComponent("again"))
                let again = try await Command.run(
                    "run", "p.yml", "--force", "--set", "destination=again", in: shared, endpoint: endpoint)
                #expect(again.status == 0, "\(again.testDescription)")
                whole.append(try shared.files(below: "again"))
                let exports = whole
                try await Soak.forEachSeed(Soak.destinations) { seed in
                    try await TemporaryFolder.with { folder in
                        var random = SeededRandom(seed: seed)
                        try folder.write(Self.pipeline, to: "p.yml")
                        if random.below(4) > 0 {
                            try FileManager.default.copyItem(
                                at: shared.url.appendingPathComponent("out"), to: folder.url.appendingPathComponent("out"))
                        } else {
                            let fault = SystemCallFault(
                                call: random.pick(["pwrite", "rename"]), number: 2 + random.below(8), effect: .kill)
                            _ = try await Command.run(["run", "p.yml"], in: folder, endpoint: endpoint, fault: fault, below: "out")
                            try? folder.remove("journal")
                        }
                        let scene = try HostileDestination(folder)
                        var damages: [Damage] = []
                        for _ in 0...random.below(3) { if let damage = try scene.damage(&random) { damages.append(damage) } }
                        try await Self.attack(scene, damages, seed, &random, endpoint, exports)
                    }
                }
            }
        }
    }

    private static func attack(
        _ scene: HostileDestination, _ damages: [Damage], _ seed: UInt64, _ random: inout SeededRandom, _ endpoint: String,
        _ exports: [[String: Data]]
    ) async throws {
        let surroundings = try scene.surroundings()
        func run(_ arguments: [String]) async throws -> (status: Int32, words: String) {
            let outcome = try await Command.run(
                arguments, in: scene.folder, endpoint: endpoint, key: Sample.key, within: 60)
            let words = "seed \(seed), \(damages): \(arguments) \(outcome.testDescription.prefix(3000))"
            #expect([0, 1, 2, 4, 75].contains(outcome.status), "\(words)")
            #expect(try scene.surroundings() == surroundings, "\(words)")
            for text in [outcome.output, outcome.errors] {
                #expect(!text.contains(HostileDestination.secret), "\(words)")
                #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"), "\(words)")
                #expect(!text.contains("Fatal error") && !text.contains("Program crashed"), "\(words)")
            }
            return (outcome.status, words)
        }
        for arguments in looks { _ = try await run(arguments) }
        if random.below(4) == 0 { for share in shares { _ = try await run(["run", "p.yml"] + share) } }

        let (mended, words) = try await run(["run", "p.yml"])
        let (verified, more) = try await run(["verify", "p.yml"])
        let stays = damages.contains(where: \.stays)
        let isLeft = stays || words.contains("nothing to do") && damages.contains(where: \.staysIdle)
        if mended == 0, !isLeft, !damages.contains(where: \.isForged) { #expect(verified == 0, "\(words)\n\(more)") }

        let (forced, last) = try await run(["run", "p.yml", "--force"])
        if forced == 0 {
            let (verified, more) = try await run(["verify", "p.yml"])
            #expect(verified == 0 || stays && verified == 4, "\(last)\n\(more)")
            // Forged columns are columns.
            let hasForgedColumns = damages.contains { $0.isForged && $0.name.contains("columns.json") }
            for path in exports[0].keys where !path.hasPrefix("_agentsight/") && !(path.hasPrefix("csv/") && hasForgedColumns) {
                #expect(exports.contains { $0[path] == scene.read(path) }, "\(path): \(last)")
            }
        }
        try Soak.record([
            "destinations tampered with": 1, "ways of tampering": damages.count,
            "exported over, to the bytes of a new one": forced == 0 ? 1 : 0,
        ])
    }
}
