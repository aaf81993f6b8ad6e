import Foundation
import SampleAPI
import Testing

@Suite struct LoadTests {
    private typealias Answer = LoadScene.Answer

    private static let pipeline = LoadScene.pipeline(into: "postgres", client: "./psql service=dw")

    /// Exports three days, beside a program in the place of psql.
    private func withExport(_ body: (TemporaryFolder, String) async throws -> Void) async throws {
        try await withSampleService(.init()) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try FakePsql.write(to: folder)
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                try await body(folder, endpoint)
            }
        }
    }

    private func load(
        _ arguments: String..., in folder: TemporaryFolder
    ) async throws -> (outcome: Command.Outcome, answer: Answer) {
        let outcome = try await Command.run(
            ["load", "p.yml", "--format", "json"] + arguments, in: folder, endpoint: nil, key: nil)
        return (outcome, try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8)))
    }

    private func all(_ state: String) -> [String] {
        ["2026-03-28", "2026-03-29", "2026-03-30"].flatMap { key in
            ["conversations", "messages"].map { "\(key) \($0) \(state)" }
        }
    }

    @Test("each window is loaded once, in a transaction that commits after its asserts, and then left alone")
    func once() async throws {
        try await withExport { folder, _ in
            let first = try await load(in: folder)
            #expect(first.outcome.status == 0, "\(first.outcome.testDescription)")
            #expect(first.answer.states == all("loaded"))
            let sent = try FakePsql.sent(in: folder)
            let transactions = sent.components(separatedBy: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n").dropFirst(2)
            #expect(transactions.count == 3)
            for transaction in transactions {
                #expect(transaction.hasPrefix("SELECT pg_catalog.pg_advisory_xact_lock("))
                let statements = transaction.components(separatedBy: "COMMIT;")[0]
                #expect(statements.contains("count(DISTINCT \"id\")"))
                #expect(statements.contains("INSERT INTO \"public\".\"_agentsight_loads\""))
                #expect(!statements.contains("COPY "), "rows are staged before the transaction")
            }
            let second = try await load(in: folder)
            #expect(second.outcome.status == 0)
            #expect(second.answer.states == all("unchanged"))
            let text = try await Command.run("load", "p.yml", in: folder)
            #expect(text.errors.contains("days: 3 windows unchanged in postgres"), "\(text.testDescription)")
        }
    }

    @Test("a window that is exported again is loaded again, and no other")
    func again() async throws {
        try await withExport { folder, endpoint in
            _ = try await load(in: folder)
            // As after an export of the window that came out otherwise.
            let state = String(decoding: try folder.read("state.json"), as: UTF8.self)
            let entry = /("start": "2026-03-29T00:00:00Z"[^}]*"content": ")/
            try folder.write(state.replacing(entry) { "\($0.output.1)x" }, to: "state.json")
            let second = try await load(in: folder)
            #expect(
                second.answer.states.filter { $0.hasSuffix("loaded") } == [
                    "2026-03-29 conversations loaded", "2026-03-29 messages loaded",
                ])
        }
    }

    @Test("the client's words are arguments, and pass no shell")
    func arguments() async throws {
        try await withExport { folder, _ in
            let outcome = try await Command.run(
                "load", "p.yml", "--client", "./psql 'a b' $(touch pwned) `touch pwned` ; | \"c'd\"", in: folder)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            let arguments = try JSONDecoder().decode([String].self, from: folder.read("args.json"))
            #expect(Array(arguments.prefix(7)) == ["a b", "$(touch", "pwned)", "`touch", "pwned`", ";", "|"])
            #expect(arguments[7] == "c'd")
            #expect(arguments.contains("--no-psqlrc") && arguments.contains("--set=ON_ERROR_STOP=1"))
            #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("pwned").path))
        }
    }

    @Test("a damaged file fails its window before the transaction begins, and the others are loaded")
    func damaged() async throws {
        try await withExport { folder, _ in
            let path = "c/2026-03-29.csv"
            var content = try folder.read("out/\(path)")
            content[content.count - 2] ^= 1
            try content.write(to: folder.url.appendingPathComponent("out/\(path)"))
            let found = try await load(in: folder)
            #expect(found.outcome.status == 1, "\(found.outcome.testDescription)")
            let failed = found.answer.windows.filter { $0.state == "failed" }
            #expect(failed.map(\.key) == ["2026-03-29", "2026-03-29"], "a window is loaded whole or not at all")
            #expect(failed.allSatisfy { $0.reason?.contains("\(path) has been changed") == true })
            #expect(found.answer.windows.filter { $0.state == "loaded" }.count == 4)
            let sent = try FakePsql.sent(in: folder)
            #expect(!sent.contains("'2026-03-29', '2026-03-29T00:00:00Z'"), "nothing of it is in the ledger")
        }
    }

    @Test(
        "a window whose rows, ids or digests are not the manifest's in the table is rolled back, and the others are loaded",
        arguments: ["lost", "twice", "changed"])
    func asserts(_ fault: String) async throws {
        try await withExport { folder, _ in
            try folder.write(#"{"\#(fault)": ["2026-03-29"]}"#, to: "fail.json")
            let found = try await load(in: folder)
            #expect(found.outcome.status == 1, "\(found.outcome.testDescription)")
            #expect(found.answer.windows.filter { $0.state == "failed" }.map(\.key) == ["2026-03-29", "2026-03-29"])
            #expect(try FakePsql.sent(in: folder).contains("ROLLBACK;"))
            try folder.remove("fail.json")
            let second = try await load(in: folder)
            #expect(second.answer.states.filter { $0.hasSuffix("loaded") }.count == 2, "what was rolled back is not in the ledger")
        }
    }

    @Test("a value that the warehouse refuses fails its window without being shown")
    func refused() async throws {
        try await withExport { folder, _ in
            try folder.write(#"{"copy": true}"#, to: "fail.json")
            let found = try await load(in: folder)
            #expect(found.outcome.status == 1, "\(found.outcome.testDescription)")
            #expect(found.answer.states == all("failed"))
            #expect(found.answer.windows[0].reason?.contains("22P02, column id") == true, "\(found.outcome.testDescription)")
            #expect(!found.outcome.testDescription.contains("secret"))
        }
    }

    @Test("a privilege that is missing for every window is a wrong command, and is found once")
    func denied() async throws {
        try await withExport { folder, _ in
            try folder.write(#"{"denied": true}"#, to: "fail.json")
            let found = try await load(in: folder)
            #expect(found.outcome.status == 2, "\(found.outcome.testDescription)")
            #expect(found.answer.states == all("failed"))
            #expect(found.answer.windows.allSatisfy { $0.reason?.contains("permission denied for table conversations") == true })
            let state = String(decoding: try folder.read("state.json"), as: UTF8.self)
            #expect(state.contains(#""starts": 1,"#), "no client is started for the windows behind")
        }
    }

    @Test("a load that may succeed later ends with 75")
    func later() async throws {
        try await withExport { folder, _ in
            try folder.write(#"{"commit": true}"#, to: "fail.json")
            let found = try await load(in: folder)
            #expect(found.outcome.status == 75, "\(found.outcome.testDescription)")
            #expect(found.answer.states == all("failed"))
        }
    }

    @Test("--dry-run shows what would be loaded, and changes nothing")
    func dryRun() async throws {
        try await withExport { folder, _ in
            let found = try await load("--dry-run", in: folder)
            #expect(found.answer.states == all("loaded"))
            let sent = try FakePsql.sent(in: folder)
            #expect(!sent.contains("CREATE") && !sent.contains("COPY") && !sent.contains("INSERT"))
            let second = try await load(in: folder)
            #expect(second.answer.states == all("loaded"))
        }
    }

    @Test("--dry-run shows that all windows of a table that was dropped would be loaded")
    func dryRunAfterDrop() async throws {
        try await withExport { folder, _ in
            _ = try await load(in: folder)
            let dropped = catalog(of: ["conversations"]).replacing("{", with: #"{"dropped": ["messages"], "#, maxReplacements: 1)
            try folder.write(dropped, to: "fail.json")
            let found = try await load("--dry-run", in: folder)
            #expect(
                found.answer.states
                    == ["2026-03-28", "2026-03-29", "2026-03-30"].flatMap {
                        ["\($0) conversations unchanged", "\($0) messages loaded"]
                    },
                "\(found.outcome.testDescription)")
        }
    }

    @Test("--verify is 0 after a load, and 4 with the window named once a cell was changed or a window is not loaded")
    func verify() async throws {
        try await withExport { folder, _ in
            let before = try await Command.run("load", "p.yml", "--verify", in: folder)
            #expect(before.status == 4)
            _ = try await load(in: folder)
            try folder.write(catalog(), to: "fail.json")
            let after = try await Command.run("load", "p.yml", "--verify", in: folder)
            #expect(after.status == 0, "\(after.testDescription)")
            #expect(after.output.contains("verified"))
            try folder.write(catalog().replacing("{", with: #"{"hash": "8", "#, maxReplacements: 1), to: "fail.json")
            let changed = try await Command.run("load", "p.yml", "--verify", in: folder)
            #expect(changed.status == 4)
            #expect(changed.output.contains("2026-03-29  messages: cells have been changed"), "\(changed.testDescription)")
            for (agent, window) in [("", "2026-03-27"), ("ghost", "2026-03-29")] {
                let stray = catalog().replacing("{", with: #"{"stray": ["\#(agent)", "\#(window)"], "#, maxReplacements: 1)
                try folder.write(stray, to: "fail.json")
                let moved = try await Command.run("load", "p.yml", "--verify", in: folder)
                #expect(moved.status == 4)
                let condition = #""_pipeline" = 'days' AND "_agent" = '\#(agent)' AND "_window" IN ('\#(window)')"#
                #expect(
                    moved.output.contains("\(window)  messages: 5 rows that no load has written")
                        && moved.output.contains(#"DELETE FROM "public"."messages" WHERE \#(condition);"#),
                    "\(moved.testDescription)")
                #expect(!moved.output.contains("--prune"), "what no ledger entry names cannot be pruned")
            }
        }
    }

    @Test("an entry of the ledger that was changed by hand fails --verify, and its window is loaded again")
    func damagedEntry() async throws {
        try await withExport { folder, _ in
            _ = try await load(in: folder)
            let state = String(decoding: try folder.read("state.json"), as: UTF8.self)
            func change(_ pattern: some RegexComponent<(Substring, Substring)>, to value: String) throws {
                #expect(state.firstMatch(of: pattern) != nil)
                try folder.write(state.replacing(pattern, maxReplacements: 1) { "\($0.output.1)\(value)" }, to: "state.json")
            }
            try folder.write(catalog(), to: "fail.json")
            // The hash, which no load reads.
            try change(/("proof": \[\d+, "\d+", )"7"/, to: "null")
            let hash = try await Command.run("load", "p.yml", "--verify", in: folder)
            #expect(hash.status == 4)
            #expect(
                hash.output.contains("2026-03-28  conversations: its entry in _agentsight_loads has been changed"),
                "\(hash.testDescription)")
            try folder.remove("fail.json")
            let first = ["2026-03-28 conversations loaded"]
            for (pattern, value) in [
                (/("content": )"[0-9a-f]+"/, "null"), (/("end": )"[^"]+"/, "null"), (/("end": ")2026-03-29/, "2026-03-28T12"),
                (/("rows": )\d+/, "0"),
            ] {
                try change(pattern, to: value)
                #expect(try await load(in: folder).answer.states.filter { $0.hasSuffix(" loaded") } == first, "\(value)")
                #expect(try await load(in: folder).answer.states == all("unchanged"))
            }
        }
    }

    @Test("a window that a run writes anew while the load waits for the lock is not loaded in its older form")
    func writtenAnew() async throws {
        try await withExport { folder, endpoint in
            let path = "out/_agentsight/windows/2026-03-29.json"
            let manifest = try folder.read(path)
            let again = try await Command.run(
                "run", "p.yml", "--force", "--from", "2026-03-29", "--to", "2026-03-30", in: folder, endpoint: endpoint)
            #expect(again.status == 0, "\(again.testDescription)")
            let newer = String(decoding: try folder.read(path), as: UTF8.self)
            try folder.write(String(decoding: manifest, as: UTF8.self), to: path)
            let anew = String(decoding: try JSONEncoder().encode(["anew": [path: newer]]), as: UTF8.self)
            try folder.write(anew, to: "fail.json")
            let found = try await load(in: folder)
            #expect(found.answer.keys("failed") == ["2026-03-29", "2026-03-29"], "\(found.outcome.testDescription)")
            #expect(
                found.answer.windows.filter { $0.state == "failed" }.allSatisfy {
                    $0.reason?.contains("meanwhile: load again") == true
                })
            #expect(found.outcome.status == 75)
            #expect(
                try !FakePsql.sent(in: folder).contains("'2026-03-29', '2026-03-29T00:00:00Z'"), "nothing of it is in the ledger")
            #expect(try await load(in: folder).answer.keys("loaded") == ["2026-03-29", "2026-03-29"])
        }
    }

    @Test("a window that a run exports again while --prune waits for the lock stays")
    func prunedAnew() async throws {
        try await withExport { folder, _ in
            _ = try await load(in: folder)
            let path = "out/_agentsight/windows/2026-03-29.json"
            let manifest = String(decoding: try folder.read(path), as: UTF8.self)
            try folder.remove(path)
            let anew = String(decoding: try JSONEncoder().encode(["anew": [path: manifest]]), as: UTF8.self)
            // A window that is loaded before, so that the fake knows that the transactions of windows have begun.
            let state = String(decoding: try folder.read("state.json"), as: UTF8.self)
            try folder.write(
                state.replacing(/("start": "2026-03-28T00:00:00Z"[^}]*"content": ")/) { "\($0.output.1)x" }, to: "state.json")
            try folder.write(anew, to: "fail.json")
            let found = try await load("--prune", in: folder)
            #expect(found.answer.keys("pruned") == [], "\(found.outcome.testDescription)")
            #expect(found.answer.keys("failed") == ["2026-03-29", "2026-03-29"])
            try folder.remove("fail.json")
            #expect(try await load("--prune", in: folder).answer.states == all("unchanged"))
        }
    }

    @Test("tables that another load makes meanwhile are looked at again, and not made twice")
    func madeMeanwhile() async throws {
        try await withExport { folder, _ in
            try folder.write(catalog().replacing("{", with: #"{"unmade": 1, "#, maxReplacements: 1), to: "fail.json")
            let outcome = try await Command.run("load", "p.yml", in: folder)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            let sent = try FakePsql.sent(in: folder)
            #expect(sent.contains("ROLLBACK;"))
            #expect(!sent.contains(#"CREATE TABLE IF NOT EXISTS "public"."messages""#))
        }
    }

    /// What the warehouse says of its tables once they were made.
    private func catalog(of tables: [String] = ["conversations", "messages"]) -> String {
        let ledger = [
            "pipeline", "agent", "window", "window_start", "window_end", "table", "content_sha256", "rows", "distinct_ids",
            "digest_sum",
            "hash", "columns", "replaced_characters", "run", "loaded_at",
        ]
        let added = ["_pipeline", "_agent", "_window", "_row_digest", "_loaded_at", "_changed_at"]
        func type(_ name: String) -> String {
            switch name {
            case "rows", "distinct_ids", "replaced_characters", "_row_digest": "bigint"
            case "window_start", "window_end", "loaded_at", "_loaded_at", "_changed_at": "timestamp with time zone"
            default: "text"
            }
        }
        let rows =
            ledger.map { #"["_agentsight_loads", "\#($0)", "\#(type($0))"]"# }
            + tables.flatMap { table in added.map { #"["\#(table)", "\#($0)", "\#(type($0))"]"# } }
        return #"{"catalog": [\#(rows.joined(separator: ", "))]}"#
    }

    @Test("a table that load did not make is refused with the statement that moves it away, and nothing is loaded")
    func foreignTable() async throws {
        try await withExport { folder, _ in
            try folder.write(#"{"catalog": [["messages", "id", "bigint"]]}"#, to: "fail.json")
            let outcome = try await Command.run("load", "p.yml", in: folder)
            #expect(outcome.status == 2, "\(outcome.testDescription)")
            #expect(
                outcome.errors.contains(#"ALTER TABLE "public"."messages" RENAME TO "messages_before_load";"#),
                "\(outcome.testDescription)")
            #expect(try !FakePsql.sent(in: folder).contains("CREATE"))
        }
    }

    @Test(
        "a client that is not there, or is none, is a wrong command",
        arguments: [
            ("./nothing", "could not be started"), ("/bin/true", "does not answer as psql"), ("/bin/echo agentsight 1", "psql"),
            ("'", "quote"),
        ])
    func client(_ client: String, _ words: String) async throws {
        try await withExport { folder, _ in
            let outcome = try await Command.run("load", "p.yml", "--client", client, in: folder)
            #expect(outcome.status == 2, "\(outcome.testDescription)")
            #expect(outcome.errors.contains(words), "\(outcome.testDescription)")
        }
    }

    @Test("status --into shows which windows are loaded, and which are loaded in an older version or not at all")
    func status() async throws {
        try await withExport { folder, _ in
            let none = try await Command.run("status", "p.yml", "--into", "postgres", in: folder)
            #expect(none.status == 0 && none.output.contains("0 windows in postgres"), "\(none.testDescription)")
            #expect(none.output.contains("not loaded  3 windows: 2026-03-28, 2026-03-29, 2026-03-30"))
            _ = try await load(in: folder)
            try folder.write(catalog(), to: "fail.json")
            let state = String(decoding: try folder.read("state.json"), as: UTF8.self)
            let entry = /("start": "2026-03-29T00:00:00Z"[^}]*"content": ")/
            try folder.write(state.replacing(entry) { "\($0.output.1)x" }, to: "state.json")
            let some = try await Command.run("status", "p.yml", "--into", "postgres", in: folder)
            #expect(some.output.contains("2 windows in postgres"), "\(some.testDescription)")
            #expect(some.output.contains("1 window loaded in an older version, which `load` replaces: 2026-03-29"))
            let json = try await Command.run("status", "p.yml", "--into", "postgres", "--format", "json", in: folder)
            #expect(
                json.output.contains(#""into" : "postgres""#) || json.output.contains(#""into":"postgres""#),
                "\(json.testDescription)")
            #expect(json.output.contains("outdated"))
            let wrong = try await Command.run("status", "out", "--into", "postgres", in: folder)
            #expect(wrong.status == 2 && wrong.errors.contains("--into needs a pipeline file"), "\(wrong.testDescription)")
        }
    }

    /// The values of a metrics file, by their names without prefix and pipeline.
    private func metrics(in folder: TemporaryFolder) throws -> [String: String] {
        let lines = String(decoding: try folder.read("m.prom"), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            lines.map { line in
                let words = line.replacing("agentsight_export_", with: "").replacing("pipeline=\"days\"", with: "").split(
                    separator: " ")
                return (String(words[0]), String(words[1]))
            }, uniquingKeysWith: { first, _ in first })
    }

    @Test(
        "a run and a load write their metrics into one file, each keeping the other's, and a load that fails keeps its last success"
    )
    func metrics() async throws {
        try await withSampleService(.init()) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try FakePsql.write(to: folder)
                let first = try await Command.run(
                    "run", "p.yml", "--load", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(first.status == 0, "\(first.testDescription)")
                let both = try metrics(in: folder)
                #expect(both["last_run_exit_code{}"] == "0" && both["last_load_exit_code{}"] == "0")
                #expect(both["last_load_windows{,state=\"loaded\"}"] == "3" && both["last_load_windows{,state=\"failed\"}"] == "0")
                #expect(both["last_load_rows{}"] != "0")
                let success = try #require(both["last_load_success_timestamp_seconds{}"])

                try folder.write(#"{"lost": ["2026-03-29"]}"#, to: "fail.json")
                let failed = try await Command.run("load", "p.yml", "--force", "--metrics-file", "m.prom", in: folder)
                #expect(failed.status == 1, "\(failed.testDescription)")
                let after = try metrics(in: folder)
                #expect(after["last_load_exit_code{}"] == "1" && after["last_load_windows{,state=\"failed\"}"] == "1")
                #expect(after["last_load_success_timestamp_seconds{}"] == success)
                #expect(after["last_run_windows{,state=\"proved\"}"] == "3", "the run's metrics stay")

                let again = try await Command.run("run", "p.yml", "--metrics-file", "m.prom", in: folder, endpoint: endpoint)
                #expect(again.status == 0)
                let kept = try metrics(in: folder)
                #expect(kept["last_load_exit_code{}"] == "1" && kept["last_load_success_timestamp_seconds{}"] == success)
                #expect(kept["last_run_windows{,state=\"left_alone\"}"] == "3")

                try folder.write(#"{"identity": ["110022", "public", true]}"#, to: "fail.json")
                let wrong = try await Command.run("load", "p.yml", "--metrics-file", "m.prom", in: folder)
                #expect(wrong.status == 2)
                #expect(try metrics(in: folder)["last_load_exit_code{}"] == "2")
                try folder.write("{", to: "p.yml")
                let broken = try await Command.run("load", "p.yml", "--metrics-file", "m.prom", in: folder)
                #expect(broken.status == 2)
                let told = try metrics(in: folder)
                #expect(told["last_load_exit_code{}"] == "2" && told["last_load_success_timestamp_seconds{}"] == success)
                let dry = try await Command.run("load", "p.yml", "--dry-run", "--metrics-file", "m.prom", in: folder)
                #expect(dry.status == 2 && dry.errors.contains("leave out"), "\(dry.testDescription)")
            }
        }
    }

    @Test("a client that is killed before it answers is worth another try", arguments: ["postgres", "duckdb", "clickhouse"])
    func killed(_ system: String) async throws {
        try await withExport { folder, _ in
            try folder.write("#!/bin/sh\nkill -9 $$\n", to: "client")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: folder.url.appendingPathComponent("client").path)
            let outcome = try await Command.run("load", "p.yml", "--into", system, "--client", "./client", in: folder)
            #expect(outcome.status == 75, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("./client was killed"), "\(outcome.testDescription)")
        }
    }

    @Test("a server that is too old, and a schema that does not exist, are wrong")
    func server() async throws {
        try await withExport { folder, _ in
            try folder.write(#"{"identity": ["110022", "public", true]}"#, to: "fail.json")
            let old = try await Command.run("load", "p.yml", in: folder)
            #expect(old.status == 2)
            #expect(old.errors.contains("too old"), "\(old.testDescription)")
            try folder.write(#"{"identity": ["150004", "la\"ke", false]}"#, to: "fail.json")
            let schema = try await Command.run("load", "p.yml", "--namespace", "la\"ke", in: folder)
            #expect(schema.status == 2)
            #expect(schema.errors.contains(#"CREATE SCHEMA "la""ke";"#), "\(schema.testDescription)")
        }
    }

    @Test("run --load exports, and loads what changed; of both exit codes the worse one counts")
    func runAndLoad() async throws {
        try await withSampleService(.init()) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                try FakePsql.write(to: folder)
                let first = try await Command.run("run", "p.yml", "--load", in: folder, endpoint: endpoint)
                #expect(first.status == 0, "\(first.testDescription)")
                #expect(first.errors.contains("days: 3 windows loaded"), "\(first.testDescription)")
                let second = try await Command.run("run", "p.yml", "--load", in: folder, endpoint: endpoint)
                #expect(second.errors.contains("days: 3 windows unchanged"), "\(second.testDescription)")
                let refused = try await Command.run(
                    "run", "p.yml", "--load", "--force", in: folder, endpoint: endpoint, key: "ags_0000000000000000_000000")
                #expect(refused.status == 3, "\(refused.testDescription)")
                #expect(
                    !refused.errors.contains("in postgres"),
                    "an export that could not begin loads nothing: \(refused.testDescription)")
                try folder.write(#"{"identity": ["110022", "public", true]}"#, to: "fail.json")
                let wrong = try await Command.run("run", "p.yml", "--load", in: folder, endpoint: endpoint)
                #expect(wrong.status == 2, "\(wrong.testDescription)")
            }
        }
    }
}
