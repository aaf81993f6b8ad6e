import Foundation
import SampleAPI
import Testing

@Suite struct PersonalDataTests {
    private static let key = "a key of hashes that has 32 letters or more"

    private static func pipeline(_ format: String) -> String {
        """
        version: 1
        name: private
        hash_key: ${MY_HASH_KEY}
        window: { from: 2026-03-23, to: 2026-03-30, every: all }
        destination: out
        outputs:
          - { format: \(format), compression: none, path: "c.\(format)", exclude: [name, customer_ip_address, geo_location, metadata, messages, feedbacks], hash: [customer_id, conversation_id] }
          - { table: messages, format: \(format), compression: none, path: "m.\(format)", exclude: [content, metadata, attachments, action_logs, button] }
          - { format: ndjson, compression: none, path: rows.ndjson, exclude: [name, customer_ip_address, geo_location, metadata, messages.content, messages.metadata, messages.attachments, messages.action_logs, messages.button, feedbacks], hash: [customer_id, conversation_id] }
        """
    }

    private static func run(_ arguments: String..., in folder: TemporaryFolder, endpoint: String, key: String? = key) async throws
        -> Command.Outcome
    {
        try await Command.run(
            arguments, in: folder, endpoint: endpoint, key: Sample.key, environment: key.map { ["MY_HASH_KEY": $0] } ?? [:])
    }

    @Test("nothing that is excluded or hashed is in any byte of a destination", arguments: ["ndjson", "csv", "parquet"])
    func nowhere(format: String) async throws {
        // Foundation's reader of JSON ends at numbers that no float holds.
        let dataset = SampleDataset(hasOddNumbers: false)
        try await withSampleService(SampleService.Configuration(), dataset: dataset) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline(format), to: "p.yml")
                try folder.write(
                    Self.pipeline(format).replacing("destination: out", with: "destination: all").replacing(
                        /, (exclude|hash): \[[^\]]*\]/, with: ""), to: "all.yml")
                let outcome = try await Self.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(try await Self.run("run", "all.yml", in: folder, endpoint: endpoint).status == 0)
                let rows = try folder.read("all/rows.ndjson").split(separator: UInt8(ascii: "\n")).map {
                    try #require(JSONSerialization.jsonObject(with: $0) as? [String: Any])
                }
                #expect(rows.count > 20)
                var secrets: Set<String> = []
                for row in rows {
                    for field in ["customer_ip_address", "customer_id", "conversation_id"] {
                        if let value = row[field] as? String, value.count > 5 { secrets.insert(value) }
                    }
                    for message in row["messages"] as? [[String: Any]] ?? [] {
                        // Shorter ones are part of other words.
                        if let content = message["content"] as? String, content.utf8.count > 20 { secrets.insert(content) }
                    }
                }
                #expect(secrets.count > 50)
                func found(below name: String) throws -> Int {
                    let contents = try folder.files(below: name).values.map { String(decoding: $0, as: UTF8.self) }
                    return secrets.count { secret in contents.contains { $0.contains(secret) } }
                }
                #expect(try found(below: "out") == 0)
                // The search does find what is there.
                #expect(try found(below: "all") > secrets.count / 2)
                #expect(
                    try folder.files(below: "out").values.allSatisfy { !String(decoding: $0, as: UTF8.self).contains(Self.key) })
                #expect(try await Self.run("verify", "p.yml", in: folder, endpoint: endpoint).status == 0)
            }
        }
    }

    @Test("equal values have equal hashes in every table, and keys of other tables follow")
    func joins() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline("ndjson"), to: "p.yml")
                #expect(try await Self.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                func column(_ field: String, of file: String) throws -> Set<String> {
                    Set(
                        try folder.read("out/\(file)").split(separator: UInt8(ascii: "\n")).compactMap {
                            (try JSONSerialization.jsonObject(with: $0) as? [String: Any])?[field] as? String
                        })
                }
                let conversations = try column("conversation_id", of: "c.ndjson")
                #expect(conversations.count > 20 && conversations.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{64}/) != nil })
                #expect(try column("conversation_id", of: "rows.ndjson") == conversations)
                let ofMessages = try column("conversation_id", of: "m.ndjson")
                #expect(ofMessages.count > 10 && ofMessages.isSubset(of: conversations))
            }
        }
    }

    @Test("another key exports all windows again, and the same one none")
    func newKey() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline("csv"), to: "p.yml")
                #expect(try await Self.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let first = try folder.read("out/c.csv")
                #expect(try await Self.run("run", "p.yml", in: folder, endpoint: endpoint).output.isEmpty)
                #expect(try folder.read("out/c.csv") == first)
                #expect(try await Self.run("run", "p.yml", in: folder, endpoint: endpoint, key: Self.key + "2").status == 0)
                #expect(try folder.read("out/c.csv") != first)
            }
        }
    }

    @Test(
        "without a key of 32 characters nothing is sent, and the key is not repeated",
        arguments: [
            (nil, "there is no hash key: set MY_HASH_KEY"), ("hunter2", "the variable MY_HASH_KEY does not contain a hash key"),
        ])
    func noKey(key: String?, words: String) async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline("csv"), to: "p.yml")
                let outcome = try await Self.run("run", "p.yml", in: folder, endpoint: endpoint, key: key)
                #expect(outcome.status == 2)
                #expect(outcome.errors.contains(words))
                #expect(!outcome.errors.contains("hunter2"))
                #expect(service.statistics.requests == 0)
            }
        }
    }

    @Test("a key may stand in a file, and dump leaves fields out")
    func others() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.key + "\n", to: "hash.key")
                try folder.write(
                    Self.pipeline("csv").replacing("hash_key: ${MY_HASH_KEY}", with: "hash_key_file: hash.key"), to: "p.yml")
                #expect(try await Self.run("run", "p.yml", in: folder, endpoint: endpoint, key: nil).status == 0)
                let written = try folder.read("out/c.csv")
                try folder.write(Self.pipeline("csv"), to: "p.yml")
                #expect(try await Self.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                #expect(try folder.read("out/c.csv") == written)
                let dumped = try await Self.run(
                    "dump", "--from", "2026-03-23", "--to", "2026-03-24", "--exclude", "messages,customer_id", in: folder,
                    endpoint: endpoint)
                #expect(dumped.status == 0)
                #expect(dumped.output.contains("\"customer_ip_address\""))
                #expect(!dumped.output.contains("\"customer_id\"") && !dumped.output.contains("\"messages\""))
            }
        }
    }
}
