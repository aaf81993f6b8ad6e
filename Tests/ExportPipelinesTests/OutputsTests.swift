import ExportCore
import ExportPipelines
import Testing

@Suite struct OutputsTests {
    private func output(_ text: String, _ more: String = "") throws -> Output {
        let plan = try plan(smallest + "window: { from: 2026-11-01 }\n\(more)\noutputs: [{ \(text) }]\n")
        return try #require(plan.outputs.first)
    }

    @Test("ndjson is rows as they came unless columns are asked for")
    func rowsAsTheyCame() throws {
        #expect(try output("format: ndjson").columns == nil)
        #expect(try output("flatten: []").columns == nil)
    }

    @Test("csv has the stream's fields in their order, objects spread, and what is unknown at the end")
    func csvColumns() throws {
        for (detail, last) in [(Source.Detail.full, ["messages", "feedbacks"]), (.lean, ["message_count", "feedback_count"])] {
            let columns = try #require(try output("format: csv", "source: { detail: \(detail.rawValue) }").columns)
            #expect(columns.prefix(2) == [.column(Column(path: ["id"])), .column(Column(path: ["agent"]))])
            #expect(columns.suffix(4) == [.every(path: ["geo_location"])] + last.map { .column(Column(path: [$0])) } + [.rest])
            #expect(columns.count == Table.conversations.fields(detail: detail).count + 1)
            #expect(columns.contains(.every(path: ["metadata"])))
        }
    }

    @Test("parquet has the columns of csv, and its own ending, compressed inside or not")
    func parquet() throws {
        #expect(try output("format: parquet").columns == output("format: csv").columns)
        for compression in ["gzip", "none", "{ gzip: 9 }"] {
            #expect(try output("format: parquet, compression: \(compression)").path == "{table}/dt={date}/{table}.parquet")
        }
        #expect(try output("format: parquet").compression == .gzip(level: nil))
    }

    @Test("excluded fields are no columns, and hashed objects are one")
    func privacy() throws {
        let key = "hash_key: ${KEY}"
        let csv = try output("format: csv, exclude: [messages, metadata.email], hash: [geo_location, customer_id]", key)
        let columns = try #require(csv.columns)
        #expect(!columns.contains(.column(Column(path: ["messages"]))) && columns.contains(.every(path: ["metadata"])))
        #expect(columns.contains(.column(Column(path: ["geo_location"]))) && !columns.contains(.every(path: ["geo_location"])))
        #expect(csv.privacy.exclude == [["messages"], ["metadata", "email"]])
        #expect(csv.privacy.hash == [["geo_location"], ["customer_id"]])
        #expect(csv.privacy.key == nil)
        let rows = try output("exclude: [id], hash: [started_at]", key)
        #expect(rows.columns == nil && rows.keyColumns == .init(id: nil, startedAt: nil))
    }

    @Test("an output writes what it neither excludes nor hashes, as far as its columns have it")
    func writes() throws {
        let rows = try output("exclude: [messages.content], hash: [customer_id]", "hash_key: ${KEY}")
        #expect(!rows.writes(["messages", "content"]) && !rows.writes(["customer_id"]))
        #expect(rows.writes(["messages"]) && rows.writes(["messages", "sender"]) && rows.writes(["name"]))
        let csv = try output("format: csv, columns: [id, metadata.*, messages], exclude: [metadata.email]")
        #expect(csv.writes(["messages", "content"]) && csv.writes(["metadata", "tier"]) && csv.writes(["metadata"]))
        #expect(!csv.writes(["metadata", "email"]) && !csv.writes(["name"]))
    }

    @Test("where the key of a table is hashed, what refers to it in other tables is, too")
    func followingHashes() throws {
        let plan = try plan(
            smallest + """
                hash_key: ${KEY}
                window: { from: 2026-11-01 }
                outputs:
                  - { hash: [id, conversation_id] }
                  - { table: messages, hash: [id] }
                  - { table: action_logs, exclude: [message] }
                  - { table: feedbacks, hash: [conversation] }

                """)
        #expect(plan.hashKey == .environment(variable: "KEY"))
        #expect(
            plan.outputs.map(\.privacy.hash) == [
                [["id"], ["conversation_id"], ["messages", "conversation"], ["feedbacks", "conversation"]],
                [["id"], ["conversation"], ["conversation_id"]],
                [["conversation"], ["conversation_id"]], [["conversation"], ["conversation_id"], ["message"]],
            ])
    }

    @Test("ndjson spreads what flatten lists, and csv only that")
    func flatten() throws {
        let ndjson = try #require(try output("flatten: [metadata]").columns)
        #expect(ndjson.contains(.every(path: ["metadata"])) && ndjson.contains(.column(Column(path: ["geo_location"]))))
        let csv = try #require(try output("format: csv, flatten: []").columns)
        #expect(csv.contains(.column(Column(path: ["metadata"]))) && csv.last == .rest)
    }

    @Test("columns are those that are listed, in that order")
    func columns() throws {
        let list =
            "[id, metadata.analysis.sentiment, metadata, geo_location.*, {name: tier, path: metadata.customer_tier, type: string}, {name: new, path: new_field.a}]"
        #expect(
            try output("format: csv, columns: \(list)").columns == [
                .column(Column(path: ["id"])),
                .column(Column(name: "metadata__analysis__sentiment", path: ["metadata", "analysis", "sentiment"])),
                .every(path: ["metadata"]), .every(path: ["geo_location"]),
                .column(Column(name: "tier", path: ["metadata", "customer_tier"], type: .string)),
                .column(Column(name: "new", path: ["new_field", "a"])),
            ])
        #expect(try output("columns: [metadata]").columns == [.column(Column(path: ["metadata"]))])
    }

    @Test("compression, dialect and the default path follow what is written")
    func rest() throws {
        let csv = try output("format: csv, compression: none, dialect: spreadsheet")
        #expect(csv.compression == .none && csv.dialect == .spreadsheet && csv.path == "{table}/dt={date}/{table}.csv")
        let ndjson = try output("compression: { gzip: 9 }")
        #expect(ndjson.compression == .gzip(level: 9) && ndjson.path == "{table}/dt={date}/{table}.ndjson.gz")
    }

    @Test(
        "the default path tells the windows of each length apart",
        arguments: [
            ("hour", "conversations/dt=2026-11-01/conversations-2026-11-01T00.ndjson.gz"),
            ("day", "conversations/dt=2026-11-01/conversations.ndjson.gz"),
            ("week", "conversations/dt=2026-10-26/conversations.ndjson.gz"),
            ("month", "conversations/dt=2026-11-01/conversations.ndjson.gz"), ("all", "conversations.ndjson.gz"),
        ])
    func standardPath(_ every: String, _ path: String) throws {
        let windows = try plan(smallest + "window: { from: 2026-11-01, every: \(every) }").windows
        #expect(windows.first?.paths == [path])
        #expect(Set(windows.map(\.paths)).count == windows.count)
    }

    @Test("every placeholder is filled in by the window's start in its zone")
    func placeholders() throws {
        let path = "{pipeline}/{table}/{format}/{month}/{week}/{date}/{hour}/{window}.x"
        let text =
            smallest
            + "name: n\nwindow: { from: 2025-12-29, every: week, timezone: Asia/Tokyo }\noutputs: [{ path: \"\(path)\" }]\n"
        let first = try #require(try plan(text).windows.first)
        #expect(first.paths == ["n/conversations/ndjson/2025-12/2026-W01/2025-12-29/2025-12-29T00/2026-W01.x"])
    }

    @Test("with one window over all, dates are those of its start")
    func placeholdersOfAll() throws {
        let text =
            smallest
            + "window: { from: 2026-10-31T23:30:00Z, every: all, timezone: Europe/Zagreb }\noutputs: [{ path: \"{hour}/{window}\" }]\n"
        #expect(try plan(text).windows.map(\.paths) == [["2026-11-01T00/all"]])
    }

    @Test(
        "paths that could ever meet are refused, whatever windows are at hand",
        arguments: [
            ("day", "{date}", "{window}", true), ("day", "{window}.csv", "{date}.ndjson", false),
            ("day", "a/{date}", "a/{date}/x", true),
            ("day", "a/{date}", "a/{date}x", false), ("month", "{month}-01", "{date}", true), ("week", "{window}", "{week}", true),
            ("hour", "{hour}", "{date}T0{window}", false), ("hour", "{window}+0100", "{hour}", true),
            ("day", "{table}/{date}", "conversations/{window}", true),
            ("all", "all", "{window}", true), ("all", "2026-11-01", "{date}", true), ("all", "a", "b", false),
            ("all", "a/b", "a", true),
            ("day", "{format}/{date}", "ndjson/{date}", true),
        ])
    func collisions(_ every: String, _ first: String, _ second: String, _ meet: Bool) throws {
        let text =
            smallest + "window: { from: 2026-11-03, every: \(every) }\noutputs: [{ path: \"\(first)\" }, { path: \"\(second)\" }]\n"
        let lines = try complaints(text)
        #expect(lines.count == (meet ? 1 : 0))
        #expect(lines.allSatisfy { $0.contains("outputs 1 and 2 would write to the same path") })
    }

    @Test(
        "a path that is the same for two windows is refused, even where there is only one window",
        arguments: [
            ("hour", "{date}", false), ("hour", "{hour}", true), ("hour", "{window}", true), ("day", "{week}-{month}", false),
            ("day", "{hour}", true), ("week", "{month}", false), ("week", "{week}", true), ("week", "{date}", true),
            ("month", "{month}", true),
            ("month", "{week}", true), ("month", "{pipeline}", false), ("all", "x", true),
        ])
    func oneFile(_ every: String, _ path: String, _ isFit: Bool) throws {
        let text = smallest + "window: { from: today, every: \(every) }\noutputs: [{ path: \"\(path)\" }]\n"
        #expect(try complaints(text).isEmpty == isFit)
    }

    @Test(
        "a path cannot leave the destination, nor enter where the manifests are",
        arguments: [
            "../x", "a/../../x", "/x", "./x", "a/.", "a/..", "", "/", "a//b", "a/", "a\\\\b", "a\\0b", "a\\nb", "_agentsight",
            "_agentsight/x", "_agentsight-x", "{pipeline}x",
            // A mark behind a slash or a letter hides neither.
            "a/../\u{301}../\u{338}x", "/\u{301}x", "a/./\u{301}x", "_agentsight\u{301}/x", "a//\u{301}",
            "../\u{301}x", "_agentsight\u{301}",
        ])
    func fences(_ path: String) throws {
        let text = smallest + "name: _agentsight\noutputs: [{ path: \"\(path)\" }]\n"
        #expect(try complaints(text).count == 1)
    }
}
