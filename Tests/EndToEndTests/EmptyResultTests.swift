import SampleAPI
import Testing

@Suite struct EmptyResultTests {
    private static let window = "window: { from: 2026-03-23, to: 2026-03-30, every: day }"

    private func errors(_ settings: String, runs: [[String]] = [["-q"]], status: Int32 = 0) async throws -> [String] {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write("{ version: 1, name: p, \(Self.window), destination: out, \(settings) }", to: "p.yml")
                var errors: [String] = []
                for run in runs {
                    let outcome = try await Command.run(["run", "p.yml"] + run, in: folder, endpoint: endpoint, key: Sample.key)
                    #expect(outcome.status == status, "\(outcome.testDescription)")
                    errors.append(outcome.errors)
                }
                return errors
            }
        }
    }

    @Test("a metadata filter that no conversation matched in a run is warned of, with --quiet too, and not where some did")
    func filter() async throws {
        let words = """
            warning: p: no conversation matched filters.metadata (customer_teir) in the 7 windows that this run wrote. Check the spelling of \
            keys and values; if none is expected to match, set warn_if_empty: false

            """
        let misspelt = "filters: { metadata: { customer_teir: premium } }"
        let quiet = ["-q", "--set", "warn_if_empty=false"]
        #expect(
            try await errors(misspelt, runs: [["-q"], ["-q", "--force"], quiet, quiet + ["--force"]]) == [words, words, "", ""])
        #expect(try await errors("filters: { metadata: { customer_tier: premium } }") == [""])
        #expect(try await errors("filters: { device: nothing }") == [""], "other filters are checked by their names")
    }

    @Test("a declared column of a key that is empty in all rows of a run is warned of, with --quiet too, for each table")
    func column() async throws {
        let outputs = """
            outputs: [
              { format: csv, path: "c/{date}.csv.gz", columns: [id, deleted_at, { name: tier, path: metadata.customer_teir, type: string },
                metadata.customer_tier, metadata.plam] },
              { format: ndjson, table: messages, path: "m/{date}.ndjson.gz", columns: [id, metadata.typo] },
            ]
            """
        let words = """
            warning: p: conversations: columns tier (metadata.customer_teir), metadata__plam (metadata.plam) had no value in any row that \
            this run wrote. Check the spelling of their keys; if no value is expected, set warn_if_empty: false
            warning: p: messages: column metadata__typo (metadata.typo) had no value in any row that this run wrote. Check the spelling of its \
            key; if no value is expected, set warn_if_empty: false

            """
        #expect(try await errors(outputs) == [words])
        #expect(try await errors("warn_if_empty: false, " + outputs) == [""])
        #expect(try await errors(outputs, runs: [["-q", "--stdout"]]) == ["\(words.split(separator: "\n")[0])\n"])
    }
}
