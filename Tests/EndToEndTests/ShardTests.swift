import Foundation
import SampleAPI
import Synchronization
import Testing

/// What was asked for, in the order in which the requests came.
private final class Asked: Sendable {
    struct Span: Sendable {
        /// Whose key it came with.
        let key: String
        /// As the request has it; the first instant behind.
        let end: String
    }

    private let spans = Mutex<[Span]>([])

    func add(_ span: Span) { spans.withLock { $0.append(span) } }

    /// Since it was asked last.
    func take() -> [Span] {
        spans.withLock { spans in
            defer { spans = [] }
            return spans
        }
    }
}

/// Several runs, each a part of the windows, make what a single one makes.
@Suite struct ShardTests {
    private static func pipeline(_ destination: String, outputs: String? = nil) -> String {
        """
        version: 1
        name: days
        window: { from: 2026-03-20, to: 2026-04-10, every: day }
        destination: \(destination)
        outputs: \(outputs ?? "[{}, { format: csv }, { table: messages, format: csv }, { path: 'flat/{date}.ndjson', compression: none, flatten: [metadata] }]")
        """
    }

    private static let dataset = SampleDataset(rows: 1500, seed: 3)

    /// Of each shard one of its own, by which its requests are known.
    private static let keys = (0..<4).map { "ags_0123456789abcdef0123456789abcdef_00000\($0)" }

    private struct Bench {
        let folder: TemporaryFolder
        let endpoint: String
        let service: SampleService
        /// The first instant behind each request for a list, in the order in which they came.
        let asked: Asked

        func run(_ arguments: String...) async throws -> Command.Outcome {
            try await Command.run(["run", "four.yml"] + arguments, in: folder, endpoint: endpoint, key: Sample.key)
        }

        /// What the single run made.
        var single: [String: Data] { get throws { try Self.told(folder.files(below: "one")) } }
        var shared: [String: Data] { get throws { try Self.told(folder.files(below: "four")) } }

        func expectSame() throws {
            let (mine, theirs) = try (shared, single)
            #expect(Set(mine.keys) == Set(theirs.keys))
            for (path, content) in theirs { #expect(mine[path] == content, "\(path)") }
        }

        /// All but what tells of runs, and of which a run it was.
        private static func told(_ files: [String: Data]) -> [String: Data] {
            files.filter { !$0.key.hasPrefix("_agentsight/runs/") && !$0.key.hasPrefix("_agentsight/windows/") }
        }

        /// Puts a copy of a destination in the place of another.
        func keep(_ name: String, as other: String) throws {
            let (from, to) = (folder.url.appendingPathComponent(name), folder.url.appendingPathComponent(other))
            if FileManager.default.fileExists(atPath: to.path) { try FileManager.default.removeItem(at: to) }
            try FileManager.default.copyItem(at: from, to: to)
        }

        /// The ends of the windows that are committed, in order.
        func windows(of name: String) throws -> [String] {
            try folder.files(below: "\(name)/_agentsight/windows").values.map { content in
                let manifest = try JSONSerialization.jsonObject(with: content) as? [String: Any]
                return try #require((manifest?["window"] as? [String: Any])?["end"] as? String)
            }.sorted()
        }
    }

    private func withBench(
        _ dataset: SampleDataset = dataset, latency: Duration = .zero, outputs: String? = nil, _ body: (Bench) async throws -> Void
    ) async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = latency
        let asked = Asked()
        for key in Self.keys { configuration.keys[key] = .granted }
        configuration.onListRequest = { parameters, authorization in
            asked.add(
                .init(key: authorization ?? "", end: parameters.first { $0.name == "started_at_before" }?.value ?? "of no window"))
        }
        try await withSampleService(configuration, dataset: dataset) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline("one", outputs: outputs), to: "one.yml")
                try folder.write(Self.pipeline("four", outputs: outputs), to: "four.yml")
                let one = try await Command.run("run", "one.yml", in: folder, endpoint: endpoint)
                #expect(one.status == 0, "\(one.testDescription)")
                try await body(Bench(folder: folder, endpoint: endpoint, service: service, asked: asked))
            }
        }
    }

    @Test(
        "four at once, one of them killed and started again, make the same bytes; no window is fetched twice but the killed run's")
    func atOnce() async throws {
        try await withBench(latency: .milliseconds(5)) { bench in
            _ = bench.asked.take()
            let before = bench.service.statistics.requests
            @Sendable func run(_ shard: Int) async throws -> Command.Outcome {
                try await Command.run(
                    ["run", "four.yml", "--shard", "\(shard)/4"], in: bench.folder, endpoint: bench.endpoint, key: Self.keys[shard])
            }
            let outcomes = try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
                for shard in 0..<3 { group.addTask { try await run(shard) } }
                group.addTask {
                    try await Command.run(
                        ["run", "four.yml", "--shard", "3/4"], in: bench.folder, endpoint: bench.endpoint, key: Self.keys[3],
                        signal: SIGKILL,
                        when: { bench.service.statistics.requests >= before + 12 })
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.map(\.status).sorted() == [0, 0, 0, 128 + SIGKILL], "\(outcomes.map(\.testDescription))")
            let windows = try bench.windows(of: "one")
            let asked = bench.asked.take()
            let committed = try bench.windows(of: "four")
            // Each window was asked for by one of them alone; but the first one with rows, which determines the columns, is exported by
            // another if the run is killed that has begun it.
            let spans = Dictionary(grouping: asked) { span in windows.first { $0 >= span.end } ?? span.end }
            let askers = spans.mapValues { Set($0.map(\.key)) }
            let shared = askers.filter { $0.value.count > 1 }
            #expect(askers.keys.allSatisfy { windows.contains($0) })
            #expect(
                shared.count <= 1 && shared.allSatisfy { $0.value.count == 2 && $0.value.contains("Api-Key \(Self.keys[3])") },
                "\(shared)")
            let again = try await run(3)
            #expect(again.status == 0, "\(again.testDescription)")
            try bench.expectSame()
            // What the killed one had not committed was fetched again: all of it, and nothing else.
            let second = Set(bench.asked.take().map { span in windows.first { $0 >= span.end } ?? span.end })
            #expect(second == Set(windows).subtracting(committed))
            #expect(!second.isEmpty && second.count < windows.count / 2)
            let verified = try await Command.run("verify", "four.yml", in: bench.folder, endpoint: bench.endpoint)
            #expect(verified.status == 0, "\(verified.testDescription)")
            let status = try await Command.run("status", "four.yml", in: bench.folder, endpoint: bench.endpoint)
            #expect(status.output.contains("21 windows, proved"), "\(status.output)")
            let nothing = bench.service.statistics.requests
            for shard in 0..<4 { #expect(try await bench.run("--shard", "\(shard)/4").errors.contains("nothing to do")) }
            #expect(bench.service.statistics.requests == nothing)
        }
    }

    @Test("whichever shard comes first, files and columns are the same", arguments: [[3, 1, 0, 2], [2, 0, 3, 1], [1, 2, 3, 0]])
    func anyOrder(order: [Int]) async throws {
        try await withBench { bench in
            for shard in order {
                let outcome = try await bench.run("--shard", "\(shard)/4")
                #expect(outcome.status == 0, "\(outcome.testDescription)")
            }
            try bench.expectSame()
        }
    }

    @Test("of shards of two pipelines that begin at once on an empty destination, those of one alone are let in")
    func twoPipelines() async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = .milliseconds(20)
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                for name in ["p", "q"] {
                    try folder.write(
                        "{ version: 1, name: \(name), window: { from: 2026-03-20, to: 2026-04-10, every: day }, destination: out }",
                        to: "\(name).yml")
                }
                let outcomes = try await withThrowingTaskGroup(of: (String, Command.Outcome).self) { group in
                    for (file, shard) in [("p.yml", "0/2"), ("q.yml", "1/2")] {
                        group.addTask {
                            (file, try await Command.run("run", file, "--shard", shard, in: folder, endpoint: endpoint))
                        }
                    }
                    return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                // Both may see each other, and neither begin.
                #expect(outcomes.values.contains { $0.status == 2 }, "\(outcomes.mapValues(\.testDescription))")
                #expect(outcomes.values.allSatisfy { [0, 2].contains($0.status) }, "\(outcomes.mapValues(\.testDescription))")
                for (file, outcome) in outcomes where outcome.status == 2 {
                    let other = file == "p.yml" ? "“q”" : "“p”"
                    #expect(outcome.errors.contains(other), "\(outcome.testDescription)")
                }
                let names = try Set(
                    folder.files(below: "out/_agentsight/windows").values.map {
                        try (JSONSerialization.jsonObject(with: $0) as? [String: Any])?["pipeline"] as? String
                    })
                #expect(names.count <= 1)
            }
        }
    }

    @Test("units that plan names are exported alone, side by side; those that are done are not named any more")
    func units() async throws {
        try await withBench { bench in
            let units = try await self.units(bench)
            #expect(units.count == 21)
            let outcomes = try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
                for part in 0..<3 {
                    let own = units.enumerated().filter { $0.offset % 3 == part }.flatMap { ["--unit", $0.element] }
                    group.addTask {
                        try await Command.run(
                            ["run", "four.yml"] + own, in: bench.folder, endpoint: bench.endpoint, key: Sample.key)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes.map(\.testDescription))")
            try bench.expectSame()
            #expect(try await self.units(bench) == [])
            // One alone says what it leaves out.
            try bench.folder.remove("four/_agentsight/windows/\(units[0]).json")
            try bench.folder.remove("four/_agentsight/windows/\(units[1]).json")
            let one = try await Command.run(
                "run", "four.yml", "--unit", units[0], in: bench.folder, endpoint: bench.endpoint)
            #expect(
                one.status == 0
                    && one.errors.contains(
                        "1 other window of the pipeline not exported yet: a run without --unit exports all that is due"
                    ),
                "\(one.testDescription)")
            let last = try await Command.run(
                "run", "four.yml", "--unit", units[1], in: bench.folder, endpoint: bench.endpoint)
            #expect(last.status == 0 && !last.errors.contains("leaves out"), "\(last.testDescription)")
        }
    }

    private func units(_ bench: Bench) async throws -> [String] {
        let plan = try await Command.run("plan", "four.yml", "--format", "json", in: bench.folder, endpoint: bench.endpoint)
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(plan.output.utf8)) as? [String: Any])
        return try #require(answer["units"] as? [[String: Any]]).compactMap { $0["id"] as? String }
    }

    @Test("runs whose windows overlap exclude one another, and others do not")
    func exclusive() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([1: .stallBeforeAnswer(.seconds(600))])
        try await withSampleService(configuration, dataset: Self.dataset) { endpoint, service in
            try await TemporaryFolder.with { folder in
                // Rows as they came have no columns to settle.
                try folder.write(Self.pipeline("four", outputs: "[{}]"), to: "four.yml")
                @Sendable func run(_ arguments: [String]) async throws -> Command.Outcome {
                    try await Command.run(["run", "four.yml"] + arguments, in: folder, endpoint: endpoint, key: Sample.key)
                }
                let held = try await Command.run(
                    ["run", "four.yml", "--shard", "1/4", "--set", "fetch.concurrency=1", "--set", "fetch.timeout=10m"], in: folder,
                    endpoint: endpoint,
                    key: Sample.key, when: { service.statistics.requests >= 1 }
                ) { process in
                    for arguments in [["--shard", "1/4"], ["--shard", "0/3"], []] {
                        let refused = try await run(arguments)
                        #expect(refused.status == 75, "\(arguments) \(refused.testDescription)")
                        #expect(
                            refused.errors.contains("another run is writing to four: process \(process) on"),
                            "\(refused.testDescription)")
                    }
                    let beside = try await run(["--shard", "2/4"])
                    #expect(beside.status == 0, "\(beside.testDescription)")
                    let verified = try await Command.run("verify", "four", in: folder, endpoint: endpoint)
                    #expect(verified.status == 75, "\(verified.testDescription)")
                    let status = try await Command.run("status", "four", in: folder, endpoint: endpoint)
                    #expect(
                        status.output.contains("at work") && status.output.contains("process \(process) on"), "\(status.output)")
                    kill(process, SIGTERM)
                }
                #expect(held.status == 143, "\(held.testDescription)")
                #expect(try await run([]).status == 0)
                #expect(try folder.files(below: "four").keys.allSatisfy { !$0.contains("staging") && !$0.contains("lock") })
            }
        }
    }

    @Test(
        "whenever the last run dies, also while it completes the columns, the next one comes to the same bytes",
        .enabled(if: SystemCallFault.isPossible, "calls are put between by LD_PRELOAD, which Linux has"),
        arguments: [nil, "[{ format: csv }, { table: messages, format: csv }]"])
    func deaths(outputs: String?) async throws {
        try await withBench(SampleDataset(rows: 500, seed: 3), outputs: outputs) { bench in
            for shard in 0..<3 { #expect(try await bench.run("--shard", "\(shard)/4").status == 0) }
            try bench.keep("four", as: "before")
            // Renames of files are the steps of commits: first of its own windows, and then of the columns of all.
            let run = { (fault: SystemCallFault?) in
                try await Command.run(
                    ["run", "four.yml", "--shard", "3/4"], in: bench.folder, endpoint: bench.endpoint, fault: fault, below: "four")
            }
            let (undisturbed, journal) = try await run(nil)
            #expect(undisturbed.status == 0, "\(undisturbed.testDescription)")
            try bench.expectSame()
            let steps = try #require(journal.counts["rename"])
            #expect(steps > 40, "its windows and the columns of the others'")
            for step in [2, steps / 4, steps / 2, steps - 1, steps] {
                try bench.keep("before", as: "four")
                let outcome = try await run(SystemCallFault(call: "rename", number: step, effect: .kill)).outcome
                #expect(outcome.status == 128 + SIGKILL, "\(step) of \(steps): \(outcome.testDescription)")
                let last = try await bench.run("--shard", "3/4")
                #expect(last.status == 0, "\(step) of \(steps): \(last.testDescription)")
                try bench.expectSame()
            }
            let verified = try await Command.run("verify", "four.yml", in: bench.folder, endpoint: bench.endpoint)
            #expect(verified.status == 0, "\(verified.testDescription)")
        }
    }

    @Test("a run of all goes on where shards have left off, and one of a part of the span leaves the columns to it")
    func goesOn() async throws {
        try await withBench { bench in
            for shard in [2, 0] { #expect(try await bench.run("--shard", "\(shard)/4").status == 0) }
            let narrow = try await bench.run("--from", "2026-03-28", "--to", "2026-03-30")
            #expect(narrow.status == 0 && !narrow.errors.contains("adding the columns"), "\(narrow.testDescription)")
            let whole = try await bench.run()
            #expect(whole.status == 0 && whole.errors.contains("adding the columns"), "\(whole.testDescription)")
            try bench.expectSame()
        }
    }

    @Test("windows of an earlier declaration do not count as there: the columns are completed after the last of the new ones")
    func redeclared() async throws {
        try await withBench { bench in
            let declared = try bench.folder.read("four.yml")
            try bench.folder.write(Self.pipeline("four", outputs: "[{}]") + "\nfilters: { device: mobile }\n", to: "four.yml")
            #expect(try await bench.run().status == 0)
            try bench.folder.write(String(decoding: declared, as: UTF8.self), to: "four.yml")
            for shard in 0..<4 {
                let outcome = try await bench.run("--shard", "\(shard)/4")
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("adding the columns") == (shard == 3), "\(outcome.testDescription)")
            }
            try bench.expectSame()
        }
    }

    @Test("rows that something else has changed are not written once more")
    func damaged() async throws {
        try await withBench(
            outputs: "[{ compression: none, path: '{date}.ndjson' }, { format: csv, path: '{date}.csv' , compression: none }]"
        ) { bench in
            for shard in 0..<3 { #expect(try await bench.run("--shard", "\(shard)/4").status == 0) }
            let standing = try bench.folder.files(below: "four/_agentsight/windows").keys.sorted()
            let day = try #require(standing.last { $0 < "2026-04-06" }?.dropLast(5))
            let path = "four/\(day).ndjson"
            var content = try bench.folder.read(path)
            let place = try #require(content.firstRange(of: Data("\"id\":".utf8))).upperBound
            content[place] = content[place] == UInt8(ascii: "9") ? UInt8(ascii: "8") : UInt8(ascii: "9")
            try content.write(to: bench.folder.url.appendingPathComponent(path))
            let last = try await bench.run("--shard", "3/4")
            #expect(last.status == 1, "\(last.testDescription)")
            let words = """
                error: \(day).ndjson has been changed by something else. `verify` shows what is wrong; --force exports its window \
                again.
                """
            #expect(last.errors.split(separator: "\n").contains(words[...]), "\(last.errors)")
            // As it says.
            let end = "2026-04-10"
            #expect(try await bench.run("--from", String(day), "--to", end, "--force").status == 0)
            #expect(try await bench.run().status == 0)
            let verified = try await Command.run("verify", "four.yml", in: bench.folder, endpoint: bench.endpoint)
            #expect(verified.status == 0, "\(verified.testDescription)")
        }
    }

    @Test("parts on standard output have the destination's columns, all of them the same")
    func streams() async throws {
        try await withBench(outputs: "[{ format: csv, compression: none, path: '{date}.csv' }]") { bench in
            for shard in 0..<4 { #expect(try await bench.run("--shard", "\(shard)/4").status == 0) }
            var headers: Set<String> = []
            for unit in ["2026-03-24", "2026-04-02"] {
                let streamed = try await bench.run("--stdout", "--unit", unit)
                #expect(streamed.status == 0, "\(streamed.testDescription)")
                // Those that turned up behind the first window are columns by now: the file has them all, and the stream is the file.
                #expect(streamed.output == String(decoding: try bench.folder.read("four/\(unit).csv"), as: UTF8.self))
                headers.insert(String(streamed.output.prefix { $0 != "\n" }))
            }
            #expect(headers.count == 1 && headers.first?.contains("metadata__utm.source") == true, "\(headers)")
        }
    }
}
