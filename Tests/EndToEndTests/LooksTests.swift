import Foundation
import SampleAPI
import Testing

/// Looks at committed windows, on the command line.
@Suite struct LooksTests {
    private static let pipeline = """
        version: 1
        name: days
        window: { from: 2026-03-20, to: 2026-04-09, every: day }
        destination: out
        outputs: [{ path: "rows/{date}.ndjson.gz" }]
        """

    /// Exports twenty days of the imitation.
    private func withExport(
        rows: Int = 400, _ configuration: SampleService.Configuration = .init(), place: [String] = [],
        environment: [String: String] = [:], _ body: (Bench) async throws -> Void
    ) async throws {
        try await withSampleService(configuration, dataset: SampleDataset(rows: rows)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let bench = Bench(folder: folder, endpoint: endpoint, service: service, place: place, environment: environment)
                let first = try await bench.run("run", "p.yml")
                #expect(first.status == 0, "\(first.testDescription)")
                try await body(bench)
            }
        }
    }

    private struct Bench {
        let folder: TemporaryFolder
        let endpoint: String
        let service: SampleService
        let place: [String]
        let environment: [String: String]

        func run(_ arguments: String...) async throws -> Command.Outcome {
            try await Command.run(
                arguments + place, in: folder, endpoint: endpoint, key: Sample.key, environment: environment)
        }

        func json(_ arguments: String...) async throws -> [String: Any] {
            let outcome = try await Command.run(
                arguments + ["--format", "json"] + place, in: folder, endpoint: endpoint, key: Sample.key,
                environment: environment)
            return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
        }

        /// Marks a row that was not marked, and gives the day of its window.
        func mark(_ number: Int) throws -> String {
            let id = try service.matchingIDs([.init(name: "is_marked", value: "false")])[number]
            service.mutate(.setMarked(id: id, true))
            let text = String(decoding: try #require(service.row(id: id, full: false)), as: UTF8.self)
            let started = try #require(text.firstMatch(of: /"started_at":"(\d{4}-\d\d-\d\d)/))
            return String(started.1)
        }
    }

    @Test("a look at counts exports what differs, in a folder, and its messages say that counts were compared")
    func folder() async throws {
        try await withExport { bench in
            try await counts(bench)
        }
    }

    @Test("a look at counts exports what differs, in a bucket")
    func bucket() async throws {
        try await MockStore.with { endpoint, _ in
            let environment = [
                "AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_ENDPOINT_URL_S3": endpoint,
            ]
            try await withExport(place: ["--set", "destination=s3://bucket/looks"], environment: environment) { bench in
                try await counts(bench)
            }
        }
    }

    private func counts(_ bench: Bench) async throws {
        let same = try await bench.run("verify", "p.yml", "--server", "--look", "counts")
        #expect(same.status == 0, "\(same.testDescription)")
        #expect(
            same.output.contains("20 windows compared with the service in a counts look; counts agree (rows, "), "\(same.output)")
        #expect(same.output.contains("edits of names, texts, metadata and feedback"))
        let day = try bench.mark(100)
        let differs = try await bench.json("verify", "p.yml", "--server", "--look", "counts")
        let windows = try #require(differs["windows"] as? [[String: Any]])
        #expect(windows.count == 20 && windows.allSatisfy { $0["compared"] as? String == "counts" })
        let other = try #require(windows.first { $0["window"] as? String == day })
        let counts = try #require(other["counts"] as? [[String: Any]])
        #expect(counts.count == 1 && counts[0]["measure"] as? String == "is_marked=true" && other["changed"] as? Int == 1)
        let text = try await bench.run("verify", "p.yml", "--server", "--look", "counts")
        #expect(text.status == 4 && text.output.contains("\(day): the service counts "), "\(text.testDescription)")
        #expect(text.output.contains("--refresh --look counts exports the windows that differ"), "\(text.output)")
        #expect(!text.output.contains("counts agree"))
        let refreshed = try await bench.run("run", "p.yml", "--refresh", "--look", "counts")
        #expect(refreshed.status == 0, "\(refreshed.testDescription)")
        #expect(refreshed.errors.contains("20 committed windows compared with the service: 1 different (20 in a counts look)"))
        #expect(refreshed.errors.contains("counts of 19 windows agree (rows, "), "\(refreshed.errors)")
        #expect(refreshed.errors.contains("  \(day)  proved"), "\(refreshed.errors)")
        #expect(try await bench.run("verify", "p.yml", "--server").status == 0)
        let status = try await bench.json("status", "p.yml")
        let looks = try #require(status["looks"] as? [[String: Any]])
        #expect(looks.count == 20 && looks.allSatisfy { $0["look"] as? String == "counts" && $0["differs"] as? Bool == false })
        let words = try await bench.run("status", "p.yml").output
        #expect(words.contains("20 windows last in a counts look, "), "\(words)")
    }

    @Test("a window that lists a row twice counts as not compared")
    func listedTwice() async throws {
        try await withExport { bench in
            let id = try bench.service.matchingIDs([
                .init(name: "started_at_after", value: "2026-03-24T00:00:00Z"),
                .init(name: "started_at_before", value: "2026-03-25T00:00:00Z"),
            ])[0]
            bench.service.mutate(.listAgain(id: id, startedAt: 1_774_310_400_000_001))
            let verified = try await bench.run("verify", "p.yml", "--server")
            #expect(verified.status == 4, "\(verified.testDescription)")
            #expect(
                verified.output.contains("19 windows compared with the service in a lean look, 1 could not be compared"),
                "\(verified.output)")
            let json = try await bench.json("verify", "p.yml", "--server")
            let windows = try #require(json["windows"] as? [[String: Any]])
            #expect(windows.filter { $0["compared"] as? String == "none" }.map { $0["window"] as? String } == ["2026-03-24"])
            let refreshed = try await bench.run("run", "p.yml", "--refresh")
            #expect(refreshed.errors.contains("19 committed windows compared with the service: "), "\(refreshed.errors)")
            #expect(refreshed.errors.contains(", 1 could not be compared"), "\(refreshed.errors)")
        }
    }

    @Test("without digests, because id is excluded, no fields are compared: run, validate and plan say so; kept rows cure it")
    func onlyIDs() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                let tiers = "[{ within: 3650d, every: run, look: lean }]"
                let excluding = Self.pipeline.replacing("ndjson.gz\" }", with: "ndjson.gz\", exclude: [id] }")
                    .replacing("every: day }", with: "every: day, refresh: \(tiers) }")
                let warning = """
                    window.refresh compares no fields, because the output excludes or hashes id. keep_rows: with_excluded, or an \
                    output with rows as they came, makes it compare fields.
                    """
                try folder.write(excluding, to: "p.yml")
                try folder.write(excluding.replacing("out\n", with: "kept\nkeep_rows: with_excluded\n"), to: "kept.yml")
                for command in ["validate", "plan"] {
                    let warned = try await Command.run(command, "p.yml", in: folder, endpoint: endpoint)
                    #expect(warned.status == 0 && warned.errors.contains(warning), "\(warned.testDescription)")
                    let silent = try await Command.run(command, "kept.yml", in: folder, endpoint: endpoint)
                    #expect(silent.status == 0 && !silent.errors.contains("no fields"), "\(silent.testDescription)")
                    let counts = try await Command.run(
                        command, "p.yml", "--set", "window.refresh=[{ every: run, look: counts }]", in: folder, endpoint: endpoint)
                    #expect(counts.status == 0 && !counts.errors.contains("no fields"), "\(counts.testDescription)")
                }
                for name in ["p.yml", "kept.yml"] {
                    let first = try await Command.run("run", name, in: folder, endpoint: endpoint)
                    #expect(first.status == 0, "\(first.testDescription)")
                }
                let id = try #require(
                    try service.matchingIDs([
                        .init(name: "started_at_after", value: "2026-03-25T00:00:00Z"),
                        .init(name: "started_at_before", value: "2026-03-26T00:00:00Z"),
                    ]).first)
                service.mutate(.setName(id: id, "renamed"))
                let blind = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(
                    blind.errors.contains("with the service: 0 different (20 in a lean look, 20 of them only by ids)"),
                    "\(blind.testDescription)")
                let seeing = try await Command.run("run", "kept.yml", in: folder, endpoint: endpoint)
                #expect(seeing.errors.contains("with the service: 1 different (20 in a lean look)"), "\(seeing.testDescription)")
            }
        }
    }

    @Test("changes of excluded fields are no differences, those of others and of hashed ones are")
    func privateFields() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                let outputs = """
                    outputs:
                      - { path: "rows/{date}.ndjson.gz", exclude: [name, messages.content, metadata.note], hash: [device] }
                      - { path: "m/{date}.csv.gz", table: messages, format: csv, columns: [id, sender], exclude: [content] }
                    """
                var pipeline = Self.pipeline.replacing("out\n", with: "out\nhash_key: ${MY_HASH_KEY}\n")
                pipeline.replaceSubrange(pipeline.range(of: "outputs:")!.lowerBound..., with: outputs)
                try folder.write(pipeline, to: "p.yml")
                let environment = ["MY_HASH_KEY": "a key of hashes that has 32 letters or more"]
                func run(_ arguments: String...) async throws -> Command.Outcome {
                    try await Command.run(arguments, in: folder, endpoint: endpoint, key: Sample.key, environment: environment)
                }
                let first = try await run("run", "p.yml")
                #expect(first.status == 0, "\(first.testDescription)")
                let ids = try service.matchingIDs([
                    .init(name: "started_at_after", value: "2026-03-25T00:00:00Z"), .init(name: "has_messages", value: "true"),
                    .init(name: "started_at_before", value: "2026-03-26T00:00:00Z"), .init(name: "is_marked", value: "false"),
                ])
                let id = try #require(ids.first)
                for change in [
                    Mutation.setName(id: id, "renamed"), .editMessage(id: id), .setMetadata(id: id, key: "note", value: "private"),
                ] { service.mutate(change) }
                for look in ["lean", "full"] {
                    let same = try await run("verify", "p.yml", "--server", "--look", look)
                    #expect(same.status == 0, "\(same.testDescription)")
                    #expect(same.output.contains("20 windows compared with the service in a \(look) look"), "\(same.output)")
                    #expect(!same.output.contains("only by ids"), "\(same.output)")
                }
                for (change, look) in [
                    (Mutation.setDevice(id: id, "another"), "lean"), (.setMarked(id: id, true), "lean"),
                    (.setMetadata(id: id, key: "open", value: "seen"), "lean"),
                    (.setMessageMetadata(id: id, value: "seen"), "full"),
                ] {
                    service.mutate(change)
                    let seen = try await run("run", "p.yml", "--refresh", "--look", look)
                    #expect(seen.errors.contains("with the service: 1 different"), "\(change): \(seen.testDescription)")
                    #expect(try await run("verify", "p.yml", "--server", "--look", "full").status == 0, "\(change)")
                }
            }
        }
    }

    @Test(
        "digests leave out what an output excludes from now on, whether its window is only rendered or also patched",
        arguments: [false, true])
    func renderedDigests(isChanged: Bool) async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                let keeping = Self.pipeline.replacing("out\n", with: "out\nkeep_rows: with_excluded\n")
                let excluding = Self.pipeline.replacing("ndjson.gz\" }", with: "ndjson.gz\", exclude: [name] }")
                try folder.write(keeping, to: "p.yml")
                func digests(_ name: String) throws -> [[UInt8]] {
                    try folder.files(below: "\(name)/_agentsight/digests").sorted { $0.key < $1.key }.map { Array($0.value) }
                }
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                let whole = try digests("out")
                let id = try #require(
                    try service.matchingIDs([.init(name: "started_at_after", value: "2026-03-25T00:00:00Z")]).first)
                if isChanged { service.mutate(.setMarked(id: id, true)) }
                // The kept rows are rendered for an output that excludes a field.
                try folder.write(excluding, to: "p.yml")
                let options = isChanged ? ["--refresh", "--look", "full"] : []
                let rendered = try await Command.run(["run", "p.yml"] + options, in: folder, endpoint: endpoint, key: Sample.key)
                #expect(rendered.status == 0 && rendered.errors.contains("rendered"), "\(rendered.testDescription)")
                try folder.write(excluding.replacing("out\n", with: "fresh\n"), to: "fresh.yml")
                #expect(try await Command.run("run", "fresh.yml", in: folder, endpoint: endpoint).status == 0)
                #expect(try digests("out") == digests("fresh"))
                #expect(try digests("out") != whole)
                service.mutate(.setName(id: id, "renamed"))
                let verified = try await Command.run(
                    "verify", "p.yml", "--server", "--look", "full", in: folder, endpoint: endpoint)
                #expect(verified.status == 0, "\(verified.testDescription)")
            }
        }
    }

    @Test("a key that a new release adds is named by full looks, by a run once, and is no difference")
    func newKeys() async throws {
        try await withExport { bench in
            bench.service.mutate(.addKey("sentiment_score"))
            let words = "the service's rows have keys that windows exported before lack: sentiment_score; "
            for isFirst in [true, false] {
                let verified = try await bench.run("verify", "p.yml", "--server", "--look", "full")
                #expect(verified.status == 0, "\(verified.testDescription)")
                let note = "note: \(words)agentsight-export run p.yml --force exports them"
                #expect(verified.output.components(separatedBy: note).count == 2, "\(verified.output)")
                let run = try await bench.run("run", "p.yml", "--refresh", "--look", "full")
                #expect(run.status == 0, "\(run.testDescription)")
                #expect(run.errors.contains("days: \(words)`run --force` exports them") == isFirst, "\(run.errors)")
                #expect(run.errors.contains("20 committed windows compared with the service: 0 different"), "\(run.errors)")
            }
            let json = try await bench.json("verify", "p.yml", "--server", "--look", "full")
            #expect(json["ok"] as? Bool == true && json["new_keys"] as? [String] == ["sentiment_score"])
            let lean = try await bench.json("verify", "p.yml", "--server")
            #expect(lean["ok"] as? Bool == true && lean["new_keys"] == nil)
        }
    }

    @Test("what counts do not see is not said of windows that a lean look compared")
    func leanInsteadOfCounts() async throws {
        try await withExport { bench in
            // Once the service is known to have lists without pages, a lean look costs less than counts.
            #expect(try await bench.run("run", "p.yml", "--refresh").status == 0)
            let verified = try await bench.run("verify", "p.yml", "--server", "--look", "counts")
            #expect(verified.status == 0, "\(verified.testDescription)")
            #expect(verified.output.contains("20 of them in a lean look, because"), "\(verified.output)")
            #expect(
                verified.output.contains(
                    "; texts and metadata of messages, edits of feedback, and fields that the reference does not list are not compared"
                ))
            #expect(!verified.output.contains("edits of names"), "\(verified.output)")
        }
    }

    @Test("verify names the windows that counts left to a full look, and claims nothing about them that was not compared")
    func fullInsteadOfCounts() async throws {
        try await withExport(rows: 1200) { bench in
            for look in ["counts", "lean"] { #expect(try await bench.run("run", "p.yml", "--refresh", "--look", look).status == 0) }
            let ids = try bench.service.matchingIDs([.init(name: "feedback_sentiment", value: "positive")])
            bench.service.mutate(.changeFeedback(id: ids[ids.count / 2], sentiment: "negative"))
            let verified = try await bench.run("verify", "p.yml", "--server", "--look", "counts")
            #expect(verified.status == 4, "\(verified.testDescription)")
            let json = try await bench.json("verify", "p.yml", "--server", "--look", "counts")
            let windows = try #require(json["windows"] as? [[String: Any]])
            func count(_ compared: String) -> Int { windows.count { $0["compared"] as? String == compared } }
            let (full, lean) = (count("full"), count("lean"))
            #expect(full > 0 && full + lean == 20, "\(windows)")
            #expect(
                verified.output.contains("\(full) of them in a full look, because a count differs that lean rows do not show"),
                "\(verified.output)")
            #expect(verified.output.contains("\(lean) of them in a lean look, because"), "\(verified.output)")
            #expect(
                verified.output.contains(
                    "; not compared in a lean look: texts and metadata of messages, edits of feedback, and fields that"),
                "\(verified.output)")
            #expect(!verified.output.contains("are not compared"), "\(verified.output)")
        }
    }

    @Test("verify says why no fields are compared: the service contradicted itself, and not that the export has none")
    func contradictions() async throws {
        var configuration = SampleService.Configuration()
        configuration.otherLeanNames = 3
        try await withExport(configuration) { bench in
            #expect(try await bench.run("run", "p.yml", "--refresh").status == 0)
            let verified = try await bench.run("verify", "p.yml", "--server")
            #expect(verified.status == 0, "\(verified.testDescription)")
            #expect(
                verified.output.contains(
                    "(20 of them only by ids, because rows at this endpoint still differed after they were exported again)"),
                "\(verified.output)")
        }
    }

    @Test("windows whose outputs have changed are looked at and rendered in one run, and verify claims no less than it compared")
    func changedOutputs() async throws {
        try await withExport { bench in
            let day = try bench.mark(100)
            let more = Self.pipeline.replacing("ndjson.gz\" }", with: "ndjson.gz\" }, { format: csv, path: \"csv/{date}.csv.gz\" }")
            try bench.folder.write(more, to: "p.yml")
            let verified = try await bench.run("verify", "p.yml", "--server")
            #expect(verified.status == 4 && verified.output.contains("20 windows compared with the service"), "\(verified.output)")
            #expect(verified.output.contains("note: 20 windows exported with an earlier version of the pipeline file\n"))
            let other = try await bench.run("verify", "p.yml", "--server", "--set", "filters.device=mobile")
            #expect(
                other.output.contains(
                    "note: 20 windows exported with an earlier version of the pipeline file; not compared with the service\n"),
                "\(other.output)")
            let planned = try await bench.run("plan", "p.yml", "--set", "window.refresh=[{ every: run, look: lean }]")
            #expect(
                planned.output.contains("20 windows, 0 to export, 20 to render from stored rows, 20 to compare with the service"),
                "\(planned.output)")
            let run = try await bench.run("run", "p.yml", "--refresh")
            #expect(run.status == 0, "\(run.testDescription)")
            #expect(run.errors.contains("20 windows: 20 committed (19 rendered)"), "\(run.errors)")
            #expect(run.errors.contains("20 committed windows compared with the service: 1 different"), "\(run.errors)")
            #expect(run.errors.contains("  \(day)  proved"), "\(run.errors)")
            #expect(try await bench.run("verify", "p.yml", "--server").status == 0)
        }
    }

    @Test("a shard other than the first says that it does not look; a unit looks at its windows")
    func shares() async throws {
        try await withExport { bench in
            let day = try bench.mark(100)
            let shard = try await bench.run("run", "p.yml", "--refresh", "--shard", "1/2")
            let warning = "--refresh has no effect with this shard: shard 0 compares the windows of all shards"
            #expect(shard.status == 0 && shard.errors.contains(warning), "\(shard.testDescription)")
            let unit = try await bench.run("run", "p.yml", "--refresh", "--unit", day)
            #expect(unit.status == 0 && !unit.errors.contains(warning), "\(unit.testDescription)")
            #expect(unit.errors.contains("1 committed window compared with the service: 1 different"), "\(unit.errors)")
            let first = try await bench.run("run", "p.yml", "--refresh", "--shard", "0/2")
            #expect(!first.errors.contains(warning) && first.errors.contains(": 0 different"), "\(first.testDescription)")
        }
    }

    @Test("a window whose stored rows are damaged is exported again in a bucket, too, where its outputs change")
    func damagedInBucket() async throws {
        try await MockStore.with { endpoint, store in
            let environment = [
                "AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_ENDPOINT_URL_S3": endpoint,
            ]
            try await withExport(place: ["--set", "destination=s3://bucket/looks"], environment: environment) { bench in
                let damaged = store.withState { state -> Int in
                    let keys = state.objects.keys.filter { $0.hasSuffix("rows/2026-03-25.ndjson.gz") }
                    for key in keys {
                        let place = (state.objects[key]?.content.count ?? 0) / 2
                        state.objects[key]?.content[place] ^= 1
                    }
                    return keys.count
                }
                #expect(damaged == 1)
                let moved = Self.pipeline.replacing("rows/{date}.ndjson.gz", with: "moved/{date}.ndjson.gz")
                try bench.folder.write(moved, to: "p.yml")
                let run = try await bench.run("run", "p.yml")
                #expect(run.status == 0, "\(run.testDescription)")
                #expect(run.errors.contains("window 2026-03-25: it cannot be rendered: "), "\(run.errors)")
                #expect(run.errors.contains("20 windows: 20 committed (19 rendered)"), "\(run.errors)")
                #expect(try await bench.run("verify", "p.yml", "--server", "--look", "full").status == 0)
                let files = store.files(below: "looks").keys.filter { !$0.hasPrefix("_agentsight/") }
                #expect(files.count == 20 && files.allSatisfy { $0.hasPrefix("moved/") }, "\(files)")
            }
        }
    }

    @Test("plan shows the looks that are due, and with --counts what they cost, without sending a request for them")
    func plan() async throws {
        try await withExport { bench in
            let tiers = ["--set", "window.refresh=[{ within: 3650d, every: run, look: counts }]"]
            let planned = try await Command.run(
                ["plan", "p.yml", "--format", "json", "--counts"] + tiers, in: bench.folder, endpoint: bench.endpoint,
                key: Sample.key)
            let answer = try #require(try JSONSerialization.jsonObject(with: Data(planned.output.utf8)) as? [String: Any])
            let windows = try #require(answer["windows"] as? [[String: Any]])
            #expect(
                windows.count == 20 && windows.allSatisfy { $0["state"] as? String == "look" && $0["look"] as? String == "counts" })
            let looks = try #require(answer["looks"] as? [[String: Any]])
            #expect(looks.count == 1 && looks[0]["windows"] as? Int == 20 && looks[0]["requests"] as? Int == 12, "\(looks)")
            let before = bench.service.statistics.requests
            let run = try await Command.run(["run", "p.yml"] + tiers, in: bench.folder, endpoint: bench.endpoint, key: Sample.key)
            #expect(run.status == 0 && bench.service.statistics.requests - before <= 12 + 2, "\(run.testDescription)")
            let text = try await Command.run(
                ["plan", "p.yml", "--counts"] + tiers, in: bench.folder, endpoint: bench.endpoint, key: Sample.key)
            #expect(text.output.contains("20 to compare with the service in about 12 requests"), "\(text.output)")
        }
    }

    @Test("what counts cannot tell is refused before anything is sent")
    func refused() async throws {
        try await withExport { bench in
            let before = bench.service.statistics.requests
            let deleted = ["--set", "filters.only_deleted=true"]
            for arguments in [
                ["run", "p.yml", "--refresh", "--look", "counts"], ["verify", "p.yml", "--server", "--look", "counts"],
            ] {
                let outcome = try await Command.run(
                    arguments + deleted, in: bench.folder, endpoint: bench.endpoint, key: Sample.key)
                #expect(outcome.status == 2, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("the service does not count deleted rows alone"), "\(outcome.errors)")
            }
            let other = try await bench.run("run", "p.yml", "--refresh", "--look", "rows")
            #expect(other.status != 0 && other.errors.contains("counts|lean|full"), "\(other.testDescription)")
            #expect(bench.service.statistics.requests == before)
        }
    }

    @Test("what the first shard finds of another's windows shows in status and plan until that has exported it")
    func shards() async throws {
        try await withExport { bench in
            for number in stride(from: 0, to: 200, by: 10) { _ = try bench.mark(number) }
            let first = try await bench.run("run", "p.yml", "--shard", "0/2", "--refresh", "--look", "lean")
            #expect(first.status == 0 && first.errors.contains("20 committed windows compared"), "\(first.testDescription)")
            let status = try await bench.json("status", "p.yml")
            let looks = try #require(status["looks"] as? [[String: Any]])
            let differing = looks.filter { $0["differs"] as? Bool == true }
            #expect(!differing.isEmpty && differing.count < 20)
            #expect((status["windows"] as? [String: Any])?["again"] as? Int == differing.count)
            let text = try await bench.run("status", "p.yml").output
            #expect(text.contains("that a look found different, and that the next run exports again: "), "\(text)")
            let report = try await bench.run("report", "p.yml", "-o", "-").output
            #expect(report.contains("last compared on ") && report.contains("in a lean look"))
            let plan = try await bench.run("plan", "p.yml").output
            #expect(plan.contains("a lean look on ") && plan.contains("\(differing.count) to export"), "\(plan)")
            #expect(try await bench.run("run", "p.yml", "--shard", "1/2").status == 0)
            let after = try #require(try await bench.json("status", "p.yml")["looks"] as? [[String: Any]])
            #expect(after.allSatisfy { $0["differs"] as? Bool == false })
        }
    }

    @Test(
        "a run that is killed anywhere between its looks and its exports loses no difference, and exports none twice",
        arguments: [2, 8, 14, 17, 20, 22, 24])
    func killed(after requests: Int) async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = .milliseconds(5)
        try await withExport(configuration) { bench in
            let days = try Set([10, 60, 120, 200].map(bench.mark))
            let before = bench.service.statistics.requests
            _ = try await Command.run(
                ["run", "p.yml", "--refresh", "--look", "counts", "--set", "fetch.concurrency=1"], in: bench.folder,
                endpoint: bench.endpoint, key: Sample.key, signal: SIGKILL,
                when: { [service = bench.service] in service.statistics.requests - before >= requests })
            let next = try await bench.run("run", "p.yml", "--refresh", "--look", "counts")
            #expect(next.status == 0, "\(next.testDescription)")
            let verified = try await bench.run("verify", "p.yml", "--server")
            #expect(verified.status == 0, "\(verified.testDescription)")
            let last = try await bench.run("run", "p.yml", "--refresh", "--look", "counts")
            #expect(last.errors.contains("20 committed windows compared with the service: 0 different"), "\(last.errors)")
            #expect(!last.errors.contains("proved"), "\(last.errors)")
            #expect(!days.isEmpty)
        }
    }
}
