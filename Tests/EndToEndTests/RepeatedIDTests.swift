import Foundation
import SampleAPI
import Testing

/// One id at two times: `started_at` never changes, so the service contradicts itself.
@Suite struct RepeatedIDTests {
    private static let pipeline = """
        version: 1
        name: days
        window: { from: 2026-03-25, to: 2026-03-28, every: day, timezone: Europe/Zagreb }
        fetch: { page_size: 15, retries: 20 }
        destination: out
        outputs:
          - { path: "rows/{date}.ndjson", compression: none }
          - { format: csv, path: "csv/{date}.csv", compression: none, columns: [id, started_at] }
          - { table: messages, path: "messages/{date}.ndjson", compression: none }
        """

    private struct Manifest: Decodable {
        let status: String
        let proof: Proof
        let files: [File]

        struct Proof: Decodable {
            let countAfter: Int
            let distinctIds: Int
        }
        struct File: Decodable {
            let table: String
            let rows: Int
        }
    }

    private static func instant(_ text: String) throws -> Int64 {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return Int64((try Date(text, strategy: format).timeIntervalSince1970 * 1000).rounded()) * 1000
    }

    /// The second day, whose first conversation is listed again at its end.
    private func withRepeated(
        _ configuration: SampleService.Configuration = SampleService.Configuration(),
        _ body: (TemporaryFolder, String, _ id: Int) async throws -> Void
    ) async throws {
        try await withSampleService(configuration) { endpoint, service in
            let ids = try service.matchingIDs([
                QueryParameter(name: "started_at_after", value: "2026-03-25T23:00:00Z"),
                QueryParameter(name: "started_at_before", value: "2026-03-26T23:00:00Z"),
            ])
            let id = try #require(ids.dropFirst().first)
            service.mutate(.listAgain(id: id, startedAt: try Self.instant("2026-03-26T22:30:00.000Z")))
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try await body(folder, endpoint, id)
            }
        }
    }

    @Test("an id on two pages at two times is written once, in all tables, told, and its window is unsettled")
    func once() async throws {
        var results: [[String: Data]] = []
        for (walk, ordering, concurrency) in [
            ("ranges", SampleService.Ordering.honoured, 1), ("ranges", .ignored, 8), ("ranges", .honoured, 8),
            ("pages", .honoured, 4),
        ] {
            var configuration = SampleService.Configuration()
            configuration.ordering = ordering
            configuration.ties = .random
            configuration.latencyJitter = .milliseconds(concurrency > 1 ? 5 : 0)
            try await withRepeated(configuration) { folder, endpoint, id in
                let outcome = try await Command.run(
                    "run", "p.yml", "--set", "fetch.walk=\(walk)", "--set", "fetch.concurrency=\(concurrency)", in: folder,
                    endpoint: endpoint)
                #expect(outcome.status == 4, "\(outcome.testDescription)")
                #expect(
                    outcome.errors.contains(
                        """
                        warning: days, window 2026-03-26: the service lists id \(id) twice, with different started_at, which \
                        never changes. The first row was written and 1 row left out; the window is unsettled
                        """), "\(outcome.testDescription)")
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                let manifest = try decoder.decode(Manifest.self, from: folder.read("out/_agentsight/windows/2026-03-26.json"))
                let rows = String(decoding: try folder.read("out/rows/2026-03-26.ndjson"), as: UTF8.self).split(separator: "\n")
                let ids = try rows.map { try Sample.object($0)["id"] as? Int ?? 0 }
                #expect(Set(ids).count == ids.count && ids.contains(id))
                #expect(ids.firstIndex(of: id) ?? .max < 3, "the first of the two")
                #expect(manifest.status == "unsettled")
                #expect(manifest.proof.distinctIds == ids.count)
                #expect(manifest.proof.countAfter == ids.count + 1)
                #expect(manifest.files.filter { $0.table == "conversations" }.map(\.rows) == [ids.count, ids.count])
                let messages = try rows.reduce(0) { $0 + ((try Sample.object($1)["messages"] as? [Any])?.count ?? 0) }
                #expect(manifest.files.filter { $0.table == "messages" }.map(\.rows) == [messages])

                let verified = try await Command.run("verify", "out", in: folder)
                #expect(verified.status == 4)
                #expect(
                    verified.output.contains("not proved: \(ids.count) rows written, but the service counted \(ids.count + 1)"),
                    "\(verified.testDescription)")
                #expect(!verified.output.contains("the same id as an earlier row"), "\(verified.testDescription)")
                results.append(try folder.files(below: "out").filter { !$0.key.hasPrefix("_agentsight/") })
            }
        }
        for other in results.dropFirst() { #expect(other == results[0], "whatever came first") }
    }

    @Test("an id that the service lists twice since the export is told by verify --server")
    func verified() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let id = try #require(
                    try service.matchingIDs([
                        QueryParameter(name: "started_at_after", value: "2026-03-25T23:00:00Z"),
                        QueryParameter(name: "started_at_before", value: "2026-03-26T23:00:00Z"),
                    ]).first)
                service.mutate(.listAgain(id: id, startedAt: try Self.instant("2026-03-26T22:30:00.000Z")))
                let verified = try await Command.run("verify", "p.yml", "--server", in: folder, endpoint: endpoint)
                #expect(verified.status == 4, "\(verified.testDescription)")
                #expect(
                    verified.output.contains("the server lists 1 row more than once, with different times: id \(id)"),
                    "\(verified.testDescription)")
                #expect(
                    verified.output.contains("2 windows compared with the service in a lean look, 1 could not be compared"),
                    "\(verified.testDescription)")
            }
        }
    }

    @Test("an id that the service lists in two windows is in both, each of them proved")
    func twoWindows() async throws {
        try await withSampleService { endpoint, service in
            let id = try #require(
                try service.matchingIDs([
                    QueryParameter(name: "started_at_after", value: "2026-03-24T23:00:00Z"),
                    QueryParameter(name: "started_at_before", value: "2026-03-25T23:00:00Z"),
                ]).first)
            service.mutate(.listAgain(id: id, startedAt: try Self.instant("2026-03-26T22:30:00.000Z")))
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                for day in ["2026-03-25", "2026-03-26"] {
                    let rows = String(decoding: try folder.read("out/rows/\(day).ndjson"), as: UTF8.self).split(separator: "\n")
                    let ids = try rows.map { try Sample.object($0)["id"] as? Int }
                    #expect(ids.count { $0 == id } == 1)
                }
                #expect(try await Command.run("verify", "p.yml", "--server", in: folder, endpoint: endpoint).status == 0)
            }
        }
    }
}
