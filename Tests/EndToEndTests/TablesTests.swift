import Foundation
import SampleAPI
import Testing

@Suite struct TablesTests {
    private static let tables = ["conversations", "messages", "feedbacks", "action_logs", "attachments"]

    private static func pipeline(
        _ outputs: [String], into destination: String = "out", every: String = "week", concurrency: Int = 4
    ) -> String {
        """
        version: 1
        name: tables
        filters: { include_deleted: true }
        window: { from: 2026-03-01, to: 2026-05-01, every: \(every) }
        fetch: { concurrency: \(concurrency) }
        destination: \(destination)
        outputs:
        \(outputs.map { "  - \($0)" }.joined(separator: "\n"))
        """
    }

    private static let all = tables.flatMap {
        ["{ table: \($0), compression: none }", "{ table: \($0), format: csv, compression: none }"]
    }

    /// The objects of all files of a table, in the order of the windows.
    private static func objects(_ table: String, _ folder: TemporaryFolder) throws -> [[String: Any]] {
        try folder.files(below: "out/\(table)").filter { $0.key.hasSuffix(".ndjson") }.sorted { $0.key < $1.key }.flatMap {
            _, content in
            try content.split(separator: UInt8(ascii: "\n")).map {
                try #require(JSONSerialization.jsonObject(with: $0) as? [String: Any])
            }
        }
    }

    @Test("every table comes out of one walk: not a request more, and nothing of a conversation is lost or doubled")
    func oneWalk() async throws {
        // Foundation's reader of JSON ends at numbers that no float holds.
        let dataset = SampleDataset(hasOddNumbers: false)
        try await withSampleService(SampleService.Configuration(), dataset: dataset) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline(["{ table: conversations }"], into: "alone"), to: "alone.yml")
                try folder.write(Self.pipeline(Self.all), to: "p.yml")
                #expect(
                    try await Command.run("run", "alone.yml", "--set", "fetch.concurrency=1", in: folder, endpoint: endpoint).status
                        == 0)
                let alone = service.statistics.requests
                #expect(
                    try await Command.run("run", "p.yml", "--set", "fetch.concurrency=1", in: folder, endpoint: endpoint).status
                        == 0)
                // And the keys of conversations and of messages.
                #expect(service.statistics.requests - alone == alone + 2)

                let conversations = try Self.objects("conversations", folder)
                #expect(conversations.count == 400)
                var expected: [String: [Int]] = [:]
                for conversation in conversations {
                    let messages = conversation["messages"] as? [[String: Any]] ?? []
                    expected["messages", default: []] += messages.map { $0["id"] as? Int ?? 0 }
                    expected["feedbacks", default: []] += (conversation["feedbacks"] as? [[String: Any]] ?? []).map {
                        $0["id"] as? Int ?? 0
                    }
                    for name in ["action_logs", "attachments"] {
                        expected[name, default: []] += messages.flatMap { $0[name] as? [[String: Any]] ?? [] }.map {
                            $0["id"] as? Int ?? 0
                        }
                    }
                }
                for (table, ids) in expected {
                    let rows = try Self.objects(table, folder)
                    #expect(!ids.isEmpty && rows.map { $0["id"] as? Int ?? 0 } == ids, "\(table)")
                    for row in rows {
                        #expect(row["conversation"] is Int && row["conversation_id"] is String && row["position"] is Int)
                        #expect(row["conversation_started_at"] is String)
                        if table == "action_logs" || table == "attachments" { #expect(row["message"] is Int) }
                    }
                }
                #expect(try await Command.run("verify", "p.yml", in: folder).status == 0)
            }
        }
    }

    @Test("the files of every table are the same bytes whatever the concurrency, and a second run touches none")
    func repeatable() async throws {
        try await withSampleService(SampleService.Configuration()) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                var first: [String: Data]?
                for concurrency in [1, 8] {
                    let name = "c\(concurrency)"
                    try folder.write(Self.pipeline(Self.all, into: name, concurrency: concurrency), to: "p.yml")
                    #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                    let files = try folder.files(below: name).filter {
                        !$0.key.hasPrefix("_agentsight/runs") && !$0.key.contains("windows/")
                    }
                    first = first ?? files
                    #expect(files == first)
                    let changes = try folder.changes(below: name)
                    #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                    #expect(try folder.changes(below: name) == changes)
                }
            }
        }
    }

    @Test("a dump takes any table, and its columns")
    func dump() async throws {
        try await withSampleService(SampleService.Configuration()) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let outcome = try await Command.run(
                    "dump", "--table", "feedbacks", "--columns", "conversation,id,sentiment", "--format", "csv", "-o", "-",
                    in: folder,
                    endpoint: endpoint)
                #expect(outcome.status == 0 && outcome.output.hasPrefix("conversation,id,sentiment\n"))
                #expect(outcome.output.split(separator: "\n").count > 100)
                let wrong = try await Command.run("dump", "--table", "feedbacks", "--columns", "name", "-o", "-", in: folder)
                #expect(wrong.status == 2 && wrong.errors.contains("feedbacks have no field"))
            }
        }
    }

    @Test("a table that lean rows cannot fill is refused before anything is sent")
    func lean() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline(["{ table: messages }"]), to: "p.yml")
            let outcome = try await Command.run("run", "p.yml", "--set", "source.detail=lean", in: folder)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("rows with detail: lean have no messages"))
        }
    }

    @Test("values that do not fit the type of their column are named, and when the run ends, the windows have the wider type")
    func misfits() async throws {
        try await withSampleService(SampleService.Configuration()) { endpoint, service in
            try await TemporaryFolder.with { folder in
                // A count in every other row, and text in one of the last.
                let id = try #require(service.matchingIDs([]).max())
                service.mutate(.setMetadata(id: id, key: "visits", value: "many"))
                try folder.write(Self.pipeline(["{ flatten: [metadata], compression: none }"], every: "day"), to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0)
                var counted = 0
                var columns: Set<String> = []
                for (_, content) in try folder.files(below: "out/_agentsight/windows") {
                    let manifest = try #require(JSONSerialization.jsonObject(with: content) as? [String: Any])
                    for file in manifest["files"] as? [[String: Any]] ?? [] {
                        #expect((file["columns"] as? [String])?.contains("metadata__rest") == true)
                        for (column, count) in file["misfits"] as? [String: Int] ?? [:] {
                            counted += count
                            columns.insert(column)
                        }
                    }
                }
                #expect(counted == 0 && columns == [])
                #expect(outcome.errors.contains("1 value did not fit the type of column metadata__visits"))
                let row = try #require(Self.objects("conversations", folder).first { $0["id"] as? Int == id })
                #expect(row["metadata__visits"] as? String == "many")
                #expect((row["metadata__rest"] as? [String: Any])?["visits"] == nil)
                let catalog = try #require(
                    JSONSerialization.jsonObject(with: folder.read("out/_agentsight/columns.json")) as? [String: Any])
                let entries = catalog["columns"] as? [[String: Any]] ?? []
                let types = Dictionary(uniqueKeysWithValues: entries.map { ($0["name"] as? String, $0["type"] as? String) })
                #expect(types["metadata__visits"] == "string")
                #expect(types["metadata__external_ref"] == "decimal" && types["metadata__analysis__score"] == "number")
                #expect(types["metadata__trial"] == "boolean" && types["metadata__analysis__topics"] == "json")
            }
        }
    }

    @Test("schema prints what loads, refuses what it cannot, and sends nothing")
    func schema() async throws {
        try await withSampleService(SampleService.Configuration()) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline(Self.all), to: "p.yml")
                let early = try await Command.run("schema", "p.yml", "--for", "duckdb", in: folder)
                #expect(early.status == 0 && early.output.contains(#"CREATE TABLE IF NOT EXISTS "action_logs""#))
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let requests = service.statistics.requests
                for system in ["postgres", "duckdb", "clickhouse"] {
                    let load = try await Command.run("schema", "p.yml", "--for", system, "--load", in: folder)
                    #expect(load.status == 0 && load.output.contains("-- window 2026-W13"))
                    let one = try await Command.run("schema", "p.yml", "--for", system, "--load-window", "2026-W13", in: folder)
                    #expect(one.status == 0 && load.output.contains(one.output.dropFirst(60).prefix(500)))
                }
                for (arguments, words) in [
                    (["--for", "bigquery", "--load"], "--files-at gs://bucket/prefix"),
                    (["--for", "duckdb", "--load-window", "2026-W99"], "window 2026-W99 is not committed"),
                    (["--for", "duckdb", "--output", "11"], "the pipeline file has 10 outputs"), (["--for", "oracle"], "oracle"),
                ] {
                    let outcome = try await Command.run(["schema", "p.yml"] + arguments, in: folder, endpoint: nil, key: nil)
                    #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.testDescription)")
                    #expect(outcome.output.isEmpty)
                }
                #expect(service.statistics.requests == requests)
                try folder.write("{", to: "out/_agentsight/windows/2026-W13.json")
                let damaged = try await Command.run(
                    "schema", "p.yml", "--for", "duckdb", "--load-window", "2026-W13", in: folder)
                #expect(damaged.status == 1 && damaged.output.isEmpty, "\(damaged.testDescription)")
                #expect(damaged.errors.contains("_agentsight/windows/2026-W13.json is damaged or cannot be read"))
            }
        }
    }

    /// Rows that the files of each table have, by its name.
    private static func written(_ folder: TemporaryFolder) throws -> [String: Int] {
        try Dictionary(
            uniqueKeysWithValues: tables.map { ($0, try objects($0, folder).count) }.filter { $0.1 > 0 })
    }

    private static func lastRun(_ folder: TemporaryFolder) async throws -> [String: Any] {
        let answer = try await Command.run("status", "out", "--format", "json", in: folder)
        let status = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
        return try #require((status?["runs"] as? [[String: Any]])?.first, "\(answer.testDescription)")
    }

    @Test("a run's end counts the rows of each table that was written, of several files of a table once, and so do its records")
    func counted() async throws {
        try await withSampleService(dataset: SampleDataset(hasOddNumbers: false)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let outputs = [
                    "{ table: messages, compression: none }", "{ table: messages, format: csv, compression: none }",
                    "{ table: action_logs, compression: none }",
                ]
                try folder.write(Self.pipeline(outputs), to: "p.yml")
                let run = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(run.status == 0, "\(run.testDescription)")
                let rows = try Self.written(folder)
                let (messages, logs) = (try #require(rows["messages"]), try #require(rows["action_logs"]))
                let words = "\(messages) messages, \(logs) action logs of 400 conversations"
                #expect(run.errors.contains("  \(words), "), "\(run.testDescription)")
                let record = try await Self.lastRun(folder)
                #expect(record["rows"] as? Int == 400 && record["table_rows"] as? [String: Int] == rows)
                let status = try await Command.run("status", "out", in: folder).output
                let size = status.split(separator: "\n").first { $0.hasPrefix("  size ") }
                #expect(size?.contains("  \(words), ") == true, "\(status)")
                let check = try await Command.run("verify", "p.yml", in: folder)
                #expect(check.output.contains("\(words), ") || check.errors.contains("\(words), "), "\(check.testDescription)")
                let lines = try run.errors.matches(
                    of: #/  2026-W\d\d  proved  (\d+) messages, (\d+) action logs of (\d+) conversations  /#
                )
                .map { line in try [line.1, line.2, line.3].map { try #require(Int($0)) } }
                #expect(lines.count > 5 && (0..<3).map { place in lines.reduce(0) { $0 + $1[place] } } == [messages, logs, 400])
                #expect(try await Command.run("report", "out", "-o", "-", in: folder).output.contains(words))
                let metrics = String(decoding: try folder.read("m.prom"), as: UTF8.self)
                #expect(metrics.contains(#"last_run_table_rows{pipeline="tables",table="messages"} \#(messages)"#))

                // A figure that is missing fires no alarm.
                let again = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(again.status == 0, "\(again.testDescription)")
                let idle = String(decoding: try folder.read("m.prom"), as: UTF8.self)
                #expect(idle.contains(#"last_run_table_rows{pipeline="tables",table="messages"} 0"#))

                let dump = try await Command.run(
                    "dump", "--table", "messages", "--filter", "include_deleted=true", "--from", "2026-03-01", "--to", "2026-05-01",
                    "-o", "m.ndjson", in: folder, endpoint: endpoint)
                #expect(dump.errors.contains("  \(messages) messages of 400 conversations, "), "\(dump.testDescription)")
            }
        }
    }

    @Test("rows that a run of a part keeps beside its outputs are not counted among its tables")
    func keptRows() async throws {
        try await withSampleService(dataset: SampleDataset(hasOddNumbers: false)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline(["{ table: messages, format: csv, compression: none }"]), to: "p.yml")
                let run = try await Command.run("run", "p.yml", "--shard", "0/2", in: folder, endpoint: endpoint)
                #expect(run.status == 0, "\(run.testDescription)")
                let rows = try #require(try await Self.lastRun(folder)["table_rows"] as? [String: Int])
                #expect(Array(rows.keys) == ["messages"])
            }
        }
    }

    @Test("that no conversation matched is said where none did: not of tables without rows, and not of windows that stood there")
    func noMatch() async throws {
        try await withSampleService(dataset: SampleDataset(hasOddNumbers: false)) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline(["{ table: messages, compression: none }"]), to: "p.yml")
                let silent = try await Command.run(
                    "run", "p.yml", "--set", "filters.has_messages=false", in: folder, endpoint: endpoint)
                #expect(silent.status == 0, "\(silent.testDescription)")
                #expect(silent.errors.contains("  0 messages of "), "\(silent.testDescription)")
                #expect(!silent.errors.contains("no conversation matched"), "\(silent.testDescription)")

                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let later = try await Command.run("run", "p.yml", "--set", "window.to=2026-05-11", in: folder, endpoint: endpoint)
                #expect(later.errors.contains("  0 messages of 0 conversations, "), "\(later.testDescription)")
                #expect(
                    later.errors.contains(#/  no conversation matched in the \d windows? written: `preview`/#),
                    "\(later.testDescription)")
            }
        }
    }
}
