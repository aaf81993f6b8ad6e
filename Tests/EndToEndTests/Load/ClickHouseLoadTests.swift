import Foundation
import SampleAPI
import Testing

@Suite struct ClickHouseLoadTests {
    private typealias Answer = LoadScene.Answer

    private static let pipeline = LoadScene.pipeline(into: "clickhouse", client: "./clickhouse-client --host dw")

    /// Exports three days, beside a program in the place of clickhouse-client.
    private func withExport(_ body: (TemporaryFolder) async throws -> Void) async throws {
        try await withSampleService(.init()) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try FakeClickHouse.write(to: folder)
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                try await body(folder)
            }
        }
    }

    private func load(in folder: TemporaryFolder) async throws -> (outcome: Command.Outcome, answer: Answer) {
        let outcome = try await Command.run("load", "p.yml", "--format", "json", in: folder, endpoint: nil, key: nil)
        return (outcome, try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8)))
    }

    /// The days whose loads are in the log, each with its table.
    private func logged(in folder: TemporaryFolder) throws -> [String] {
        struct State: Decodable { let log: [String: Entry] }
        struct Entry: Decodable {}
        return try JSONDecoder().decode(State.self, from: folder.read("state.json")).log.keys.sorted()
    }

    private func logged(_ days: String...) -> [String] {
        days.flatMap { day in ["conversations", "messages"].map { #"["\#(day)", "\#($0)"]"# } }
    }

    @Test("the rows of a window are written and counted before one statement makes all of its tables current, and then left alone")
    func order() async throws {
        try await withExport { folder in
            let first = try await load(in: folder)
            #expect(first.outcome.status == 0, "\(first.outcome.testDescription)")
            #expect(first.answer.keys("loaded").count == 6)
            let steps = try FakeClickHouse.sent(in: folder).compactMap { sent -> String? in
                if sent.hasPrefix("INSERT INTO `default`.`_agentsight_rows_") { return "rows" }
                if sent.hasPrefix("INSERT INTO `default`.`_agentsight_load_log`"), sent.contains("VALUES") { return "current" }
                if sent.hasPrefix("SELECT"), sent.contains("count(DISTINCT `id`)") { return "count" }
                return sent.hasPrefix("INSERT INTO `default`.`_agentsight_deletion_log`") ? "deletions" : nil
            }
            let window = ["rows", "rows", "count", "count", "deletions", "deletions", "deletions", "deletions", "current"]
            #expect(steps == window + window + window)
            let second = try await load(in: folder)
            #expect(second.answer.keys("unchanged").count == 6, "\(second.outcome.testDescription)")
        }
    }

    @Test("readers see the rows of current numbers alone, through views that are made after their tables")
    func views() async throws {
        try await withExport { folder in
            _ = try await load(in: folder)
            let sent = try FakeClickHouse.sent(in: folder)
            let view = try #require(sent.firstIndex { $0.hasPrefix("CREATE OR REPLACE VIEW `default`.`messages`") })
            #expect(sent[view].contains("FROM `default`.`_agentsight_rows_messages`"))
            #expect(
                sent[view].hasSuffix(
                    "WHERE `_load` IN (SELECT `load` FROM `default`.`_agentsight_loads` WHERE `table` = 'messages')"))
            let table = try #require(
                sent.firstIndex { $0.hasPrefix("CREATE TABLE IF NOT EXISTS `default`.`_agentsight_rows_messages`") })
            #expect(table < view)
            let ledger = try #require(sent.firstIndex { $0.hasPrefix("CREATE OR REPLACE VIEW `default`.`_agentsight_loads`") })
            #expect(sent[..<ledger].contains { $0.hasPrefix("CREATE OR REPLACE VIEW `default`.`_agentsight_deleted`") })
        }
    }

    @Test(
        "a window whose rows, ids or digests are not the manifest's never becomes current, and its rows are removed",
        arguments: ["lost", "twice", "changed"])
    func asserts(_ fault: String) async throws {
        try await withExport { folder in
            try folder.write(#"{"\#(fault)": ["2026-03-29"]}"#, to: "fail.json")
            let found = try await load(in: folder)
            #expect(found.outcome.status == 1, "\(found.outcome.testDescription)")
            #expect(found.answer.keys("failed") == ["2026-03-29", "2026-03-29"])
            #expect(try logged(in: folder) == logged("2026-03-28", "2026-03-30"))
            #expect(try FakeClickHouse.sent(in: folder).contains { $0.hasPrefix("DELETE FROM `default`.`_agentsight_rows_") })
            try folder.remove("fail.json")
            #expect(try await load(in: folder).answer.keys("loaded") == ["2026-03-29", "2026-03-29"])
        }
    }

    @Test("a damaged file, a client that is killed and a value that is refused each fail their window, and the next load continues")
    func faults() async throws {
        try await withExport { folder in
            let path = "out/c/2026-03-28.csv"
            let intact = try folder.read(path)
            var damaged = intact
            damaged[damaged.count - 2] ^= 1
            try damaged.write(to: folder.url.appendingPathComponent(path))
            try folder.write(#"{"die": ["2026-03-29"], "refuse": ["2026-03-30"]}"#, to: "fail.json")
            let found = try await load(in: folder)
            #expect(found.outcome.status == 1, "\(found.outcome.testDescription)")
            #expect(found.answer.keys("failed").count == 6)
            #expect(try logged(in: folder).isEmpty)
            #expect(found.outcome.testDescription.contains("CANNOT_PARSE_INPUT_ASSERTION_FAILED"))
            #expect(!found.outcome.testDescription.contains("secret"))
            try folder.remove("fail.json")
            try intact.write(to: folder.url.appendingPathComponent(path))
            #expect(try await load(in: folder).answer.keys("loaded").count == 6)
        }
    }

    @Test("rows that no reader sees any more are removed")
    func superseded() async throws {
        try await withExport { folder in
            try folder.write(#"{"superseded": ["12", "34"]}"#, to: "fail.json")
            _ = try await load(in: folder)
            let sent = try FakeClickHouse.sent(in: folder)
            #expect(sent.contains("DELETE FROM `default`.`_agentsight_rows_messages` WHERE `_load` IN (12, 34)"))
        }
    }

    @Test("the client's words come first, and settings that values depend on after them")
    func arguments() async throws {
        try await withExport { folder in
            _ = try await load(in: folder)
            let arguments = try JSONDecoder().decode([String].self, from: folder.read("args.json"))
            #expect(arguments.starts(with: ["--host", "dw", "--format=TSVRaw"]))
            #expect(arguments.contains("--precise_float_parsing=1") && arguments.contains("--async_insert=0"))
        }
    }

    @Test(
        "what is wrong with a client or its server is told: 75 where the same command may succeed later, else 2",
        arguments: [
            (#"{"unreachable": 1}"#, Int32(75), "cannot be reached"), (#"{"password": 1}"#, 2, "Authentication failed"),
            (#"{"goes on": 1}"#, 2, "does not answer as clickhouse-client"),
            (#"{"identity": ["22.3.1.1", "default", true]}"#, 2, "version 23.8 or newer"),
            (#"{"identity": ["24.8.4.13", "la`ke", false]}"#, 2, #"CREATE DATABASE `la\`ke`;"#),
            (
                #"{"catalog": [["messages", "id", "Int64"]]}"#, 2,
                "RENAME TABLE `default`.`messages` TO `default`.`messages_before_load`;"
            ),
        ])
    func client(_ fault: String, _ status: Int32, _ words: String) async throws {
        try await withExport { folder in
            try folder.write(fault, to: "fail.json")
            let outcome = try await Command.run("load", "p.yml", in: folder)
            #expect(outcome.status == status, "\(outcome.testDescription)")
            #expect(outcome.errors.contains(words), "\(outcome.testDescription)")
            #expect(try !FakeClickHouse.sent(in: folder).contains { $0.hasPrefix("CREATE") })
        }
    }

    @Test("a client that is not there is named, with what to install")
    func missing() async throws {
        try await withExport { folder in
            let outcome = try await Command.run("load", "p.yml", "--client", "./nothing", in: folder)
            #expect(outcome.status == 2, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("Install clickhouse-client"), "\(outcome.testDescription)")
        }
    }
}
