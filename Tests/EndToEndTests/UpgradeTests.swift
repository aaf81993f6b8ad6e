import Foundation
import SampleAPI
import SystemPackage
import Testing

/// A destination that version 0.1.0 made, in the hands of this version: `samples/destination-0.1.0`.
@Suite struct UpgradeTests {
    /// Runs `body` in a folder that has the destination, as `out`, and its pipeline file, `p.yml`.
    private func withOldDestination(_ body: (TemporaryFolder) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            let text = String(decoding: try Sample.file("destination-0.1.0.yml"), as: UTF8.self)
            try folder.write(text.replacingOccurrences(of: "samples/destination-0.1.0", with: "out"), to: "p.yml")
            let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("samples/destination-0.1.0")
            try FileManager.default.copyItem(atPath: samples.path, toPath: folder.path.appending("out").string)
            try await body(folder)
        }
    }

    @Test("windows that 0.1.0 committed stay as they are: no request, no key, and not a byte changes")
    func upgrade() async throws {
        try await withOldDestination { folder in
            let before = try folder.files(below: "out")
            let plan = try await Command.run("plan", "p.yml", in: folder, key: nil)
            #expect(plan.output.hasSuffix("support: 3 windows, 0 to export\n"), "\(plan.testDescription)")
            let run = try await Command.run("run", "p.yml", in: folder, key: nil)
            #expect(run.status == 0 && run.errors.contains("nothing to do: 3 windows committed"), "\(run.testDescription)")
            #expect(try await Command.run("verify", "p.yml", in: folder, key: nil).status == 0)
            #expect(try folder.files(below: "out") == before)
        }
    }

    @Test("outputs change, and the windows of 0.1.0 are rendered, though the file says production for prod now")
    func render() async throws {
        try await withOldDestination { folder in
            let before = try folder.files(below: "out")
            let text = String(decoding: try folder.read("p.yml"), as: UTF8.self)
                .replacingOccurrences(of: "env: prod", with: "environment: production")
                .replacingOccurrences(of: "device, metadata.customer_tier", with: "language")
            try folder.write(
                text + "  - { table: messages, format: ndjson, compression: none, path: 'messages/{date}.ndjson' }\n", to: "p.yml")
            let plan = try await Command.run("plan", "p.yml", in: folder, key: nil)
            #expect(
                plan.output.contains("output 3 (messages/{date}.ndjson) is new")
                    && plan.output.hasSuffix("0 to export, 3 to render from stored rows\n"), "\(plan.testDescription)")
            let run = try await Command.run("run", "p.yml", in: folder, key: nil)
            #expect(run.status == 0 && run.errors.contains("3 committed (3 rendered)"), "\(run.testDescription)")
            let after = try folder.files(below: "out")
            for day in ["2026-03-23", "2026-03-24", "2026-03-25"] {
                let rows = "conversations/\(day).ndjson"
                #expect(after[rows] == before[rows])
                let conversations = try String(decoding: #require(after[rows]), as: UTF8.self).split(separator: "\n")
                let messages = try conversations.flatMap { try Sample.object($0)["messages"] as? [[String: Any]] ?? [] }
                let written = try String(decoding: #require(after["messages/\(day).ndjson"]), as: UTF8.self).split(separator: "\n")
                #expect(try written.map { try Sample.object($0)["id"] as? Int } == messages.map { $0["id"] as? Int })
                let table = try String(decoding: #require(after["csv/\(day).csv"]), as: UTF8.self)
                #expect(table.hasPrefix("id,started_at,language,metadata__"))
                // The number is taken from the rows, which a later output may not have any more.
                let text = try String(decoding: #require(after["_agentsight/windows/\(day).json"]), as: UTF8.self)
                let manifest = try Sample.object(text)
                let agent = try Sample.object(#require(conversations.first))["agent"] as? Int
                #expect(agent != nil && (manifest["source"] as? [String: Any])?["agent"] as? Int == agent)
            }
            #expect(try await Command.run("verify", "p.yml", in: folder, key: nil).status == 0)
            let idle = try await Command.run("run", "p.yml", in: folder, key: nil)
            #expect(idle.status == 0 && idle.errors.contains("nothing to do"), "\(idle.testDescription)")
        }
    }
}
