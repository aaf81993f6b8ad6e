import Foundation
import SampleAPI
import TestSupport
import Testing

@Suite struct HostileStoreSoakTests {
    /// Of March a file of two parts, and one that goes in one piece.
    private static let parted = """
        version: 1
        name: month
        window: { from: 2026-03-01, to: 2026-04-01, every: month }
        destination: out
        outputs:
          - { compression: none, path: "{window}.ndjson" }
          - { format: csv, columns: [id], path: "csv/{window}.csv.gz" }
        """

    @Test(
        "whatever a store lies about, a run that ends with 0 has all that its manifests name, and none touches what is not its own")
    func lies() async throws {
        try await Soak.forEachSeed(Soak.stores) { seed in
            var random = SeededRandom(seed: seed)
            let isParted = random.below(4) == 0
            let isAgain = random.below(2) == 0
            let lies = (0..<1 + random.below(3)).map { _ in StoreLie.random(&random) }
            try await HostileStore.with(
                pipeline: isParted ? Self.parted : HostileStore.pipeline,
                dataset: SampleDataset(rows: isParted ? 8000 : 300, seed: seed)
            ) { bench in
                let words: Comment = "seed \(seed), \(isParted ? "in parts" : "whole")\(isAgain ? ", again" : ""): \(lies)"
                if isAgain {
                    // Of another shape, so that there is something to remove.
                    try bench.folder.write(
                        (isParted ? Self.parted : HostileStore.pipeline).replacing("csv/", with: "old/"), to: "old.yml")
                    #expect(try await bench.run("run", "old.yml").status == 0, words)
                }
                bench.store.withState { $0.ignoresPrefixOfUploads = seed.isMultiple(of: 3) }
                let told = StoreLies(lies)
                for command in ["run", "verify", "run"] {
                    bench.store.reset(age: command == "run" ? 100 : 0) { told.fault($0) }
                    let outcome = try await bench.run(command, "p.yml", seconds: 300)
                    let said: Comment = "\(words), \(command): \(outcome.testDescription.prefix(2000))"
                    // Ended by itself, by no trap and by nobody.
                    #expect([0, 1, 2, 4, 75].contains(outcome.status), said)
                    #expect(bench.store.calls.count < 3000, said)
                    bench.expectOthersUntouched(said)
                    if command == "run", outcome.status == 0 { bench.expectWhole(said) }
                }
                // The store is honest again: what it has kept may be damaged for good, and is told then.
                bench.store.reset(age: 100)
                let last = try await bench.run("run", "p.yml")
                let said: Comment = "\(words), honest again: \(last.testDescription.prefix(2000))"
                #expect([0, 1, 2].contains(last.status), said)
                if last.status == 0 { bench.expectWhole(said) }
                bench.expectOthersUntouched(said)
                try Soak.record(["stores with false responses": 1, "false responses": told.told])
            }
        }
    }
}
