import Foundation
import SampleAPI
import Testing

/// Keys of metadata that would make one column.
@Suite struct CollisionTests {
    private static func row(_ id: Int, _ metadata: String) -> String {
        #"{"id":\#(id),"conversation_id":"c","started_at":"2026-03-24T0\#(id):00:00Z","is_deleted":false,"metadata":\#(metadata),"messages":[],"feedbacks":[]}"#
    }

    private func run(_ rows: [String], _ arguments: String..., in folder: TemporaryFolder) async throws -> Command.Outcome {
        var configuration = SampleService.Configuration(generation: .old)
        configuration.cannedResponse = { _, route in
            guard route == .conversations else { return nil }
            return CannedResponse(
                body: Array(
                    #"{"count":\#(rows.count),"next":null,"previous":null,"results":[\#(rows.joined(separator: ","))]}"#.utf8))
        }
        return try await withSampleService(configuration) { endpoint, _ in
            try await Command.run(["run", "p.yml"] + arguments, in: folder, endpoint: endpoint, key: Sample.key)
        }
    }

    private static let pipeline = """
        { version: 1, window: { from: 2026-03-24, to: 2026-03-25, every: all }, destination: out,
          outputs: [{ format: csv, columns: [id, metadata.*], path: all.csv, compression: none }] }
        """

    @Test("the key that has a column keeps it, the other's values are in the rest, both are named once, and later nights go on")
    func nights() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline, to: "p.yml")
            let first = [Self.row(1, #"{"a__b":"one","tier":"x"}"#)]
            #expect(try await run(first, in: folder).status == 0)
            let header = "id,metadata__a__b,metadata__tier,metadata__rest\n"
            #expect(String(decoding: try folder.read("out/all.csv"), as: UTF8.self) == header + "1,one,x,\n")

            let rows = first + [Self.row(2, #"{"a":{"b":"two"},"rest":3}"#)]
            let words = [
                "metadata.a.b of conversations would become the column metadata__a__b, which metadata.a__b already uses: its values are in the rest",
                "metadata.rest of conversations would become the column metadata__rest, which the rest of metadata already uses",
            ]
            for night in 1...2 {
                let outcome = try await run(rows, "--force", "--quiet", in: folder)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                for words in words {
                    #expect(outcome.errors.contains(words) == (night == 1), "\(night): \(outcome.testDescription)")
                }
                #expect(!outcome.errors.contains("new keys"), "\(outcome.testDescription)")
                #expect(
                    String(decoding: try folder.read("out/all.csv"), as: UTF8.self)
                        == header + "1,one,x,\n" + #"2,,,"{""a"":{""b"":""two""},""rest"":3}""# + "\n")
            }
            #expect(try await Command.run("verify", "out", in: folder).status == 0)
        }
    }

    @Test("what is declared twice is an error at validate")
    func declared() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(
                "{ version: 1, destination: out, outputs: [{ format: csv, columns: [id, { name: id, path: name }] }] }", to: "p.yml"
            )
            #expect(try await Command.run("validate", "p.yml", in: folder).status == 2)
        }
    }
}
