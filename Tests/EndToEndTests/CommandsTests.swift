import Foundation
import SampleAPI
import TestSupport
import Testing

@Suite struct CommandsTests {
    @Test("a dump's file appears whole under its name, gzip by its ending, and --save writes a pipeline that says the same")
    func dump() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let outcome = try await Command.run(
                    "dump", "--filter", "device=mobile", "--from", "2024-01-01", "--format", "csv", "-o", "out.csv.gz", "--save",
                    "p.yml",
                    in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(try folder.files().keys.sorted() == ["out.csv.gz", "p.yml"])
                let dumped = try await folder.unzip("out.csv.gz")
                try folder.remove("out.csv.gz")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                #expect(try await folder.unzip("out.csv.gz") == dumped)
            }
        }
    }

    @Test("plan tells the state of every window and sends nothing; --counts asks")
    func plan() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(RunTests.pipeline, to: "p.yml")
                let before = try await Command.run("plan", "p.yml", "--format", "json", in: folder, endpoint: endpoint)
                #expect(before.status == 0, "\(before.testDescription)")
                #expect(service.statistics.requests == 0)
                #expect(try states(before) == Array(repeating: "due", count: 14))
                #expect(try folder.files().keys.sorted() == ["p.yml"])

                let counted = try await Command.run("plan", "p.yml", "--format", "json", "--counts", in: folder, endpoint: endpoint)
                let rows = try windows(counted).compactMap { $0["rows"] as? Int }
                // Rows on midnight are counted on both sides.
                #expect((366...386).contains(rows.reduce(0, +)))

                #expect(try await Command.run("run", "p.yml", "--to", "2026-03-30", in: folder, endpoint: endpoint).status == 0)
                let after = try await Command.run("plan", "p.yml", "--format", "json", in: folder, endpoint: endpoint)
                #expect(try states(after) == Array(repeating: "committed", count: 7) + Array(repeating: "due", count: 7))
                let days = try windows(after).map { ($0["start"] as? String ?? "", $0["end"] as? String ?? "") }
                #expect(days[6] == ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), "a day of 23 hours")
                let changed = try await Command.run(
                    "plan", "p.yml", "--format", "json", "--set", "filters.device=mobile", in: folder, endpoint: endpoint)
                #expect(try states(changed) == Array(repeating: "due", count: 14))
            }
        }
    }

    @Test("preview has the columns that the destination has, also of keys that the service names no more")
    func previewColumns() async throws {
        try await TemporaryFolder.with { folder in
            let output = "{ format: csv, path: a.csv, compression: none, columns: [id, metadata.*] }"
            try folder.write("{ version: 1, name: p, destination: out, outputs: [\(output)] }", to: "p.yml")
            try await withSampleService { endpoint, _ in
                let run = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(run.status == 0, "\(run.testDescription)")
            }
            let table = try String(decoding: folder.read("out/a.csv"), as: UTF8.self)
            let header = try #require(table.split(separator: "\n").first)
            #expect(header.contains("metadata__"))
            var configuration = SampleService.Configuration()
            configuration.absentRoutes = [.metadataKeys]
            try await withSampleService(configuration) { endpoint, _ in
                let preview = try await Command.run("preview", "p.yml", "--limit", "1", in: folder, endpoint: endpoint)
                #expect(preview.status == 0 && preview.output.hasPrefix("\(header)\n"), "\(preview.testDescription)")
            }
        }
    }

    @Test("a pipeline file is taken from a pipe, and - is standard input")
    func pipe() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(RunTests.pipeline, to: "p.yml")
            for name in ["/dev/stdin", "-"] {
                let outcome = try await Command.runScript("cat p.yml | $COMMAND validate \(name)", in: folder)
                #expect(outcome.output == "\(name): ok, 14 windows\n", "\(outcome.testDescription)")
            }
        }
    }

    @Test(
        "--log-format json holds for errors before a run too",
        arguments: [
            (["run", "absent.yml", "--log-format", "json"], "cannot read absent.yml: there is no such file."),
            (["run", "--log-format=json"], "Missing expected argument '<file>'"),
            (["run", "p.yml", "--log-format", "json"], "p.yml:1:33: error: unknown key"),
            (["rnu", "--log-format", "json"], "there is no command \"rnu\"; did you mean \"run\"?"),
        ])
    func jsonErrors(arguments: [String], message: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write("{ version: 1, destination: out, windw: {} }", to: "p.yml")
            let outcome = try await Command.run(arguments, in: folder, endpoint: nil, key: nil)
            #expect(outcome.status == 2 && outcome.output.isEmpty)
            let lines = try outcome.errors.split(separator: "\n").map {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
            #expect(lines.count == 1 && lines.first??["level"] as? String == "error", "\(outcome.testDescription)")
            #expect((lines.first??["message"] as? String)?.hasPrefix(message) == true, "\(outcome.testDescription)")
        }
    }

    private func windows(_ outcome: Command.Outcome) throws -> [[String: Any]] {
        let answer = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        #expect(answer?["pipeline"] as? String == "days")
        return answer?["windows"] as? [[String: Any]] ?? []
    }

    private func states(_ outcome: Command.Outcome) throws -> [String] {
        try windows(outcome).compactMap { $0["state"] as? String }
    }

    @Test("preview shows the first rows as they would be written, and one page of the service's own")
    func preview() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    "{ version: 1, destination: out, outputs: [{ format: csv, columns: [id], path: a.csv }] }", to: "p.yml")
                let all = try #require(Sample.cases().first { $0.isEmpty }).ids
                let first = try await Command.run("preview", "p.yml", "--limit", "3", in: folder, endpoint: endpoint)
                #expect(first.output == "id\n" + all.prefix(3).map { "\($0)\n" }.joined(), "\(first.testDescription)")
                let second = try await Command.run(
                    "preview", "p.yml", "--page", "2", "--page-size", "25", in: folder, endpoint: endpoint)
                #expect(second.output == "id\n" + all[25..<50].map { "\($0)\n" }.joined(), "\(second.testDescription)")
                #expect(try folder.files().keys.sorted() == ["p.yml"])
            }
        }
    }

    @Test("a key of metadata that the service does not name is warned of, with the one that is probably meant")
    func unnamedKeys() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    { version: 1, destination: out, filters: { metadata: { shp: x } }, outputs: [
                        { format: csv, columns: [id, metadata.custmer_tier, metadata.analysis, metadata.shop], path: a.csv.gz },
                        { table: messages, format: csv, columns: [id, metadata.tokens, metadata.whatever], path: b.csv.gz } ] }
                    """, to: "p.yml")
                let warnings = """
                    warning: metadata.shp: the service lists no such key of conversations; did you mean "shop"?
                    warning: metadata.custmer_tier: the service lists no such key of conversations; did you mean "customer_tier"?
                    warning: metadata.whatever: the service lists no such key of messages

                    """
                for arguments in [["preview", "p.yml"], ["plan", "p.yml", "--counts"]] {
                    let outcome = try await Command.run(arguments, in: folder, endpoint: endpoint, key: Sample.key)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                    #expect(outcome.errors.hasPrefix(warnings), "\(outcome.testDescription)")
                }
                let sent = service.statistics.requests
                #expect(try await Command.run("plan", "p.yml", in: folder, endpoint: endpoint).errors == "")
                #expect(service.statistics.requests == sent)
            }
        }
    }

    @Test("a deployment that names no keys of a table is not contradicted")
    func noKeysNamed() async throws {
        var silent = SampleService.Configuration()
        silent.absentRoutes = [.metadataKeys]
        try await withSampleService(silent) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    { version: 1, destination: out, outputs: [
                        { format: csv, columns: [id, metadata.shp], path: a.csv.gz },
                        { table: messages, format: csv, columns: [id, metadata.whatever], path: b.csv.gz } ] }
                    """, to: "p.yml")
                let outcome = try await Command.run("preview", "p.yml", in: folder, endpoint: endpoint)
                let warning = "warning: metadata.whatever: the service lists no such key of messages\n"
                #expect(outcome.errors == warning, "\(outcome.testDescription)")
            }
        }
    }

    @Test("probe finds out what a deployment does", arguments: Sample.Deployment.all)
    func probe(deployment: Sample.Deployment) async throws {
        try await withSampleService(deployment.configuration) { endpoint, service in
            try await TemporaryFolder.with { folder in
                let outcome = try await Command.run("probe", "--format", "json", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let answer = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
                #expect(answer["generation"] as? String == deployment.generation.rawValue)
                #expect(answer["ordering"] as? String == "\(deployment.ordering)")
                #expect(answer["started_at_after"] as? String == "\(deployment.bounds)")
                #expect(answer["started_at_before"] as? String == "\(deployment.bounds)")
                #expect(answer["largest_page"] as? Int == 100)
                #expect(answer["unknown_parameters"] as? String == "ignored")
                #expect((answer["agent_id"] == nil) == (deployment.generation == .old))
                #expect(service.statistics.requests < 10)
            }
        }
    }

    @Test("init writes a file that is valid, and never over another")
    func initialize() async throws {
        try await TemporaryFolder.with { folder in
            let first = try await Command.run("init", "p.yml", "--filter", "device=mobile", in: folder, key: nil)
            #expect(first.status == 0, "\(first.testDescription)")
            let text = try folder.read("p.yml")
            #expect(try await Command.run("validate", "p.yml", in: folder).status == 0)
            #expect(try await Command.run("init", "p.yml", in: folder).status == 2)
            #expect(try folder.read("p.yml") == text)
        }
    }

    @Test(
        "with a key, init's span begins with the first conversation, in the zone that is given; the files of its first days have rows",
        arguments: [
            (SampleService.Ordering.honoured, ["--timezone", "America/New_York"]), (.honoured, []), (.ignored, []),
        ])
    func initialSpan(ordering: SampleService.Ordering, options: [String]) async throws {
        var configuration = SampleService.Configuration()
        configuration.ordering = ordering
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let made = try await Command.run(["init", "p.yml"] + options, in: folder, endpoint: endpoint, key: Sample.key)
                #expect(made.status == 0, "\(made.testDescription)")
                let text = String(decoding: try folder.read("p.yml"), as: UTF8.self)
                let probe = try await Command.run("probe", "--format", "json", in: folder, endpoint: endpoint)
                let found = try JSONSerialization.jsonObject(with: Data(probe.output.utf8)) as? [String: Any] ?? [:]
                let all = try await Command.run(
                    "dump", "--columns", "started_at", "--format", "csv", in: folder, endpoint: endpoint)
                let instants = all.output.split(separator: "\n").dropFirst().sorted()
                let first = try #require(instants.first)
                if ordering == .honoured {
                    #expect((found["first_started_at"] as? String)?.prefix(19) == first.prefix(19))
                    #expect(text.contains("# inclusive; conversations exist from \(first.prefix(19))"), "\(text)")
                }
                let from = try #require(text.firstMatch(of: /\n  from: (\S+)  #/)?.output.1)
                let plan = try await Command.run("plan", "p.yml", "--counts", "--format", "json", in: folder, endpoint: endpoint)
                let answer = try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any] ?? [:]
                let windows = answer["windows"] as? [[String: Any]] ?? []
                #expect(windows.first?["key"] as? String == String(from))
                #expect(windows.compactMap { $0["rows"] as? Int }.reduce(0, +) >= instants.count, "no row is before the span")
                #expect((windows.first?["rows"] as? Int ?? 0) > 0, "the first window is not empty")
            }
        }
    }

    @Test("without a key, init says where to ask from when there are conversations; without any, it begins with yesterday")
    func initialSpanUnknown() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 0)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                #expect(try await Command.run("init", "p.yml", in: folder, endpoint: endpoint, key: nil).status == 0)
                let text = String(decoding: try folder.read("p.yml"), as: UTF8.self)
                #expect(
                    text.contains("\n  from: -30d  # inclusive; `agentsight-export probe` shows the dates of the conversations"),
                    "\(text)")
                #expect(service.statistics.requests == 0)
                #expect(try await Command.run("init", "q.yml", in: folder, endpoint: endpoint).status == 0)
                let empty = String(decoding: try folder.read("q.yml"), as: UTF8.self)
                #expect(empty.contains("\n  from: yesterday  # inclusive; there are no conversations yet\n"), "\(empty)")
                #expect(try await Command.run("validate", "p.yml", "q.yml", in: folder).status == 0)
            }
        }
    }

    @Test("the demo needs no file, and shows where the files lie")
    func demoAlone() async throws {
        try await TemporaryFolder.with { folder in
            let outcome = try await Command.run("demo", in: folder, key: nil)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(outcome.output.contains("demo-export/csv/conversations-2026-03-29.csv.gz"), "\(outcome.testDescription)")
            #expect(try await Command.run("verify", "demo-export", in: folder).status == 0)
        }
        let source = try String(
            contentsOf: Self.root.appendingPathComponent("Sources/AgentSightExport/DemoPipeline.swift"), encoding: .utf8)
        let file = try String(contentsOf: Self.root.appendingPathComponent("pipelines/demo.yml"), encoding: .utf8)
        let literal = try #require(source.split(separator: "\"\"\"").dropFirst().first)
        let text = literal.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().dropLast(2).map { $0.dropFirst(8) }
        #expect(text.joined(separator: "\n") + "\n" == file)
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("the demo takes a file, and shows where its files lie")
    func demo() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(RunTests.pipeline, to: "pipelines/demo.yml")
            let outcome = try await Command.run("demo", "pipelines/demo.yml", in: folder, key: nil)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(outcome.output.contains("out/conversations/dt=2026-03-29/conversations.ndjson.gz"))
            #expect(try folder.files(below: "out/conversations").count == 14)
        }
    }

    @Test(
        "a stream of several windows has one header, and every row as many cells; keys behind it are in the rest column, and told")
    func stream() async throws {
        try await withSampleService(dataset: SampleDataset(rows: 1500, seed: 3)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                // The first windows are empty.
                try folder.write(
                    """
                    version: 1
                    window: { from: 2026-03-20, to: 2026-04-10, every: day }
                    destination: out
                    outputs: [{ format: csv, compression: none, path: '{date}.csv' }]
                    """, to: "p.yml")
                let span = ["--stdout", "--set", "source.detail=lean"]
                let outcome = try await Command.run(["run", "p.yml"] + span, in: folder, endpoint: endpoint, key: Sample.key)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let rows = CSVReader.records(in: outcome.output)
                #expect(rows.count == 1 + (try service.matchingIDs([]).count))
                #expect(Set(rows.map(\.count)).count == 1)
                // Of one window it is what a folder has.
                let first = ["--to", "2026-03-24"]
                let streamed = try await Command.run(
                    ["run", "p.yml"] + span + first, in: folder, endpoint: endpoint, key: Sample.key)
                let lean = ["--set", "source.detail=lean"]
                #expect(
                    try await Command.run(["run", "p.yml"] + lean + first, in: folder, endpoint: endpoint, key: Sample.key)
                        .status == 0)
                #expect(try streamed.output == String(decoding: folder.read("out/2026-03-23.csv"), as: UTF8.self))
                // A day whose keys are others than those of the days behind it.
                let late = try await Command.run(
                    ["run", "p.yml", "--from", "2026-04-05"] + span, in: folder, endpoint: endpoint, key: Sample.key)
                #expect(late.status == 0, "\(late.testDescription)")
                #expect(Set(CSVReader.records(in: late.output).map(\.count)).count == 1)
            }
        }
    }

    @Test(
        "the throttled key waits: no row is lost, and nothing comes inside a Retry-After period",
        arguments: [1, 8])
    func throttled(concurrency: Int) async throws {
        var configuration = SampleService.Configuration()
        configuration.rateLimit = RateLimit(perSecond: 2)
        // Beside other tests a 429 may be on its way for long. `make integration` is strict.
        configuration.rateLimit?.grace = .milliseconds(400)
        try await withSampleService(configuration, dataset: SampleDataset(rows: 1500)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write("{ version: 1, destination: out, outputs: [{ columns: [id] }] }", to: "p.yml")
                let outcome = try await Command.run(
                    "run", "p.yml", "--stdout", "--set", "fetch.concurrency=\(concurrency)", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let ids = outcome.output.split(separator: "\n")
                #expect(try ids.count == service.matchingIDs([]).count)
                #expect(Set(ids).count == ids.count)
                let seen = service.statistics
                #expect(concurrency == 1 || seen.throttled > 0)
                // What was under way when a refusal came cannot be called back: in each pause all the others at most.
                #expect(seen.insideRetryAfter <= (concurrency - 1) * seen.retryAfterPeriods)
            }
        }
    }
}
