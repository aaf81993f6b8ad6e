import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import TestSupport
import Testing

@testable import ExportEngine

/// Windows that are compared with the service by counts.
@Suite struct CountLookTests {
    private func refreshing(_ plan: ExportPlan, _ look: LookKind = .counts) -> ExportPlan {
        var plan = plan
        plan.windowing.refresh = [RefreshTier(look: look)]
        return plan
    }

    /// A row that is not deleted, and its window.
    private func row(_ bench: JobBench, _ plan: ExportPlan, _ number: Int, where parameters: [(String, String)] = []) throws -> (
        id: Int, key: String
    ) {
        let ids = try bench.service.matchingIDs(parameters.map { .init(name: $0.0, value: $0.1) })
        let id = ids[min(ids.count - 1, number * ids.count / 20)]
        let text = String(decoding: try #require(bench.service.row(id: id, full: false)), as: UTF8.self)
        let started = try #require(text.components(separatedBy: "\"started_at\":\"").last?.components(separatedBy: "\"").first)
        let instant = try #require(Instant(iso8601: started))
        return (id, try #require(plan.windows.first { $0.range.contains(instant) }?.key))
    }

    private func written(_ bench: JobBench, _ plan: ExportPlan, by run: String) throws -> [String] {
        try bench.writers(plan).filter { $0.value == run }.keys.sorted()
    }

    @Test("a window has the sums that the service counts, for each predicate that concerns its outputs")
    func sums() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            var sums: [CountPredicate: Int] = [:]
            for window in plan.windows {
                let manifest = try #require(try bench.folder.manifest(ofWindow: window.key)?.sums)
                #expect(manifest[.isNotDeleted] == nil, "the query asks for no deleted rows")
                for predicate in CountPredicate.allCases { sums[predicate, default: 0] += manifest[predicate] ?? 0 }
            }
            for predicate in CountPredicate.allCases where predicate != .isNotDeleted {
                let matching = try bench.service.matchingIDs([.init(name: predicate.filter.rawValue, value: predicate.value)])
                #expect(sums[predicate] == matching.count, "\(predicate)")
            }
        }
    }

    @Test(
        "windows of which nothing changed take a request for each measure and a few that find out what bounds mean",
        arguments: [SampleService.Bounds.inclusive, .exclusive])
    func nothing(bounds: SampleService.Bounds) async throws {
        var configuration = SampleService.Configuration()
        configuration.bounds = bounds
        try await JobBench.with(configuration) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let before = bench.service.statistics.requests
            let result = try await bench.run("second", refreshing(plan))
            #expect(result.record.exitCode == 0 && result.record.summary.looks == ["counts": 18])
            #expect(result.record.summary.differing == 0 && result.record.summary.committed == 0)
            #expect(bench.service.statistics.requests - before <= 8 + 4 + 2)
            let looks = try bench.folder.looks()
            #expect(looks.windows.count == 18 && looks.windows.values.allSatisfy { $0.looked["counts"] != nil })
            #expect(looks.measures?.allSatisfy { $0.state == .agreed } == true)
            #expect(looks.state(of: .matching(.hasFeedback), at: plan.source.endpoint) == .agreed)
        }
    }

    @Test("at 400 windows nothing changed takes twenty requests at most, and a window that differs as many as halvings lead to it")
    func cost() async throws {
        try await JobBench.with(rows: 1200, days: 200) { bench in
            var plan = bench.plan(days: 200)
            plan.windowing.every = .hour
            plan.windows = plan.windows.flatMap { day in
                let noon = day.range.end.advanced(by: .seconds(-43_200))
                return [TimeRange(start: day.range.start, end: noon), TimeRange(start: noon, end: day.range.end)].enumerated().map {
                    Window(key: "\(day.key)T\($0 == 0 ? "00" : "12")", range: $1, paths: ["\(day.key)-\($0)"])
                }
            }
            _ = try await bench.run("first", plan)
            func requests(_ run: String) async throws -> Int {
                let before = bench.service.statistics.requests
                let result = try await bench.run(run, refreshing(plan))
                #expect(result.record.exitCode == 0 && result.record.summary.looks == ["counts": 400], "\(result.record.summary)")
                return bench.service.statistics.requests - before
            }
            let nothing = try await requests("nothing")
            #expect(nothing <= 20, "\(nothing)")
            let marked = try row(bench, plan, 13, where: [("is_marked", "false")])
            bench.service.mutate(.setMarked(id: marked.id, true))
            let one = try await requests("one")
            #expect(try written(bench, plan, by: "one") == [marked.key])
            // The export of the window takes one.
            #expect(one <= nothing + 9 + 2 + 1, "\(one), \(nothing)")
        }
    }

    @Test("a look at counts exports exactly the windows whose counts differ, and none that differs in what it does not see")
    func kinds() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            // So that a lean look costs more than counts.
            plan.fetch.pageSize = 2
            _ = try await bench.run("first", plan)
            var expected: Set<String> = []
            let marked = try row(bench, plan, 2, where: [("is_marked", "false")])
            bench.service.mutate(.setMarked(id: marked.id, true))
            expected.insert(marked.key)
            let silent = try row(bench, plan, 11, where: [("has_feedback", "false")])
            bench.service.mutate(.addFeedback(id: silent.id, sentiment: "positive"))
            expected.insert(silent.key)
            // One that was marked would cancel the other mark out.
            let deleted = try row(bench, plan, 16, where: [("is_marked", "false"), ("has_feedback", "false")])
            bench.service.mutate(.softDelete(id: deleted.id))
            expected.insert(deleted.key)
            let renamed = try row(bench, plan, 6)
            bench.service.mutate(.setName(id: renamed.id, "not seen"))
            let result = try await bench.run("second", refreshing(plan))
            #expect(result.record.exitCode == 0)
            #expect(try Set(written(bench, plan, by: "second")) == expected)
            #expect(result.record.summary.differing == expected.count)
            let third = try await bench.run("third", refreshing(plan))
            #expect(third.record.summary.committed == 0 && third.record.summary.differing == 0)
            #expect(third.record.summary.looks == ["counts": 18])
            let lean = try await bench.run("lean", refreshing(plan, .lean))
            #expect(lean.record.summary.committed == (expected.contains(renamed.key) ? 0 : 1))
            #expect(try bench.folder.looks().measures?.allSatisfy { $0.state == .agreed } == true)
        }
    }

    @Test("where a lean look takes the place of counts, what it does not see is counted all the same")
    func unseenByLean() async throws {
        try await JobBench.with(rows: 900) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            _ = try await bench.run("counts", refreshing(plan))
            // Shows that the service has lists, which make a lean look cheap.
            _ = try await bench.run("lean", refreshing(plan, .lean))
            let opinion = try row(bench, plan, 3, where: [("feedback_sentiment", "positive")])
            bench.service.mutate(.changeFeedback(id: opinion.id, sentiment: "negative"))
            let marked = try row(bench, plan, 4, where: [("is_marked", "false")])
            bench.service.mutate(.setMarked(id: marked.id, true))
            let result = try await bench.run("second", refreshing(plan))
            #expect(try Set(written(bench, plan, by: "second")) == [opinion.key, marked.key])
            // The part of the span in which the sentiments differ is looked at whole.
            #expect(result.record.summary.looks == ["full": 4, "lean": 14])
            #expect(try await bench.run("third", refreshing(plan)).record.summary.committed == 0)
        }
    }

    @Test("deleted rows are counted where the query asks for them", arguments: [SampleService.Bounds.inclusive, .exclusive])
    func deleted(bounds: SampleService.Bounds) async throws {
        var configuration = SampleService.Configuration()
        configuration.bounds = bounds
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan()
            plan.filters.values[.includeDeleted] = "true"
            _ = try await bench.run("first", plan)
            #expect(try bench.folder.manifest(ofWindow: plan.windows[5].key)?.sums?[.isNotDeleted] != nil)
            let deleted = try row(bench, plan, 9)
            bench.service.mutate(.softDelete(id: deleted.id))
            _ = try await bench.run("second", refreshing(plan))
            #expect(try written(bench, plan, by: "second") == [deleted.key])
        }
    }

    @Test("what an output excludes is neither summed up nor asked for, and the rest is")
    func excluded() async throws {
        let asked = Mutex<Set<String>>([])
        var configuration = SampleService.Configuration()
        configuration.onListRequest = { parameters, _ in
            asked.withLock { $0.formUnion(parameters.map { "\($0.name)=\($0.value)" }) }
        }
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan()
            plan.outputs[0].privacy = Privacy(exclude: [["is_marked"], ["messages", "content"], ["feedbacks", "sentiment"]])
            _ = try await bench.run("first", plan)
            let manifest = try #require(try bench.folder.manifest(ofWindow: plan.windows[5].key))
            #expect(manifest.digests != nil && manifest.sums?[.isMarked] == nil && manifest.sums?[.isNegative] == nil)
            #expect(manifest.sums?[.hasMessages] != nil && manifest.sums?[.hasFeedback] != nil && manifest.sums?[.hasAction] != nil)
            let silent = try row(bench, plan, 11, where: [("has_feedback", "false")])
            bench.service.mutate(.addFeedback(id: silent.id, sentiment: "positive"))
            let second = try await bench.run("second", refreshing(plan))
            #expect(second.record.summary.looks?["counts"] == 18, "\(second.record.summary)")
            #expect(try written(bench, plan, by: "second") == [silent.key])
            let predicates = asked.withLock { $0 }
            #expect(predicates.contains("has_feedback=true") && !predicates.contains("is_marked=true"))
            #expect(!predicates.contains("feedback_sentiment=negative"))
        }
    }

    @Test(
        "a predicate that the service ignores exports one window, once, and is compared no more",
        arguments: ["has_action", "feedback_sentiment"])
    func ignored(parameter: String) async throws {
        var configuration = SampleService.Configuration()
        configuration.ignoredParameters = [parameter]
        try await JobBench.with(configuration) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let second = try await bench.run("second", refreshing(plan))
            let windows = try written(bench, plan, by: "second")
            #expect(second.record.exitCode == 0 && (second.record.summary.differing ?? 0) <= 3)
            let looks = try bench.folder.looks()
            let unused = (looks.measures ?? []).filter { $0.state == .unused }.map(\.measure)
            #expect(!unused.isEmpty && unused.allSatisfy { $0.hasPrefix(parameter) }, "\(unused)")
            #expect(looks.windows.values.filter { $0.looked["counts"] != nil }.count < 9, "nothing is known of the others")
            #expect((second.record.summary.looks?["counts"] ?? 0) < 9, "the others were not compared")
            let third = try await bench.run("third", refreshing(plan))
            #expect(third.record.summary.committed == 0 && third.record.summary.looks == ["counts": 18])
            #expect(try written(bench, plan, by: "second") == windows)
            #expect(try bench.folder.looks().measures?.contains { $0.measure == "is_marked=true" && $0.state == .agreed } == true)
        }
    }

    @Test("a predicate that rows show to be ignored is put out of use at once")
    func contradicted() async throws {
        var configuration = SampleService.Configuration()
        configuration.ignoredParameters = ["is_marked"]
        configuration.defaultOrder = .id
        try await JobBench.with(configuration) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let second = try await bench.run("second", refreshing(plan))
            #expect(second.record.exitCode == 0)
            #expect(try bench.folder.looks().state(of: .matching(.isMarked), at: plan.source.endpoint) == .unused)
        }
    }

    @Test("a difference that stays as it was after its export exports no window again, and puts its measure out of use")
    func persists() async throws {
        var configuration = SampleService.Configuration()
        configuration.misreadParameters = ["has_action": "false"]
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan()
            (plan.fetch.pageSize, plan.fetch.unpaginated) = (2, .never)
            _ = try await bench.run("first", plan)
            // As if the deployment had counted by it before.
            var records = LookRecords()
            records.note(.matching(.hasAction), .agreed, at: plan.source.endpoint, .now)
            try bench.folder.store(records)
            let second = try await bench.run("second", refreshing(plan))
            let differing = try #require(second.record.summary.differing)
            #expect(differing > 1 && second.record.summary.committed == differing)
            let looks = try bench.folder.looks()
            #expect(looks.state(of: .matching(.hasAction), at: plan.source.endpoint) == .unused)
            #expect(looks.measures?.filter { $0.state == .unused }.count == 1)
            #expect(looks.windows.values.allSatisfy { $0.difference == nil })
            let third = try await bench.run("third", refreshing(plan))
            #expect(third.record.summary.committed == 0 && third.record.summary.looks == ["counts": 18])
        }
    }

    @Test("another shard's run, which has not looked itself, finds that a measure still differs after its export")
    func persistsInShards() async throws {
        var configuration = SampleService.Configuration()
        configuration.misreadParameters = ["has_action": "false"]
        try await JobBench.with(configuration) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let window = try #require(
                try plan.windows.first {
                    let sums = try bench.folder.manifest(ofWindow: $0.key)?.sums
                    return Share.shard(1, of: 2).covers($0.key) && sums?[.hasAction] != sums.map { $0.rows - ($0[.hasAction] ?? 0) }
                })
            let sums = try #require(try bench.folder.manifest(ofWindow: window.key)?.sums)
            let inExport = try #require(sums[.hasAction])
            var records = LookRecords()
            let counts = [CountDifference(.matching(.hasAction), onServer: sums.rows - inExport, inExport: inExport)]
            records.looked(
                at: window.key, .counts, .now,
                found: .init(look: .counts, foundAt: .now, came: 0, went: 0, changed: 1, fingerprint: "x", counts: counts))
            try bench.folder.store(records)
            #expect(try await bench.run("shard-1", plan, share: .shard(1, of: 2)).record.summary.committed == 1)
            #expect(try bench.folder.looks().state(of: .matching(.hasAction), at: plan.source.endpoint) == .unused)
        }
    }

    @Test("where rows are kept, they are counted by all predicates, whatever the outputs hold")
    func keptRows() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            (plan.fetch.pageSize, plan.fetch.unpaginated) = (2, .never)
            plan.outputs[0].columns = [.column(Column(path: ["id"]))]
            #expect(CountPredicate.summed(by: plan).isEmpty)
            plan.keepsRows = true
            #expect(CountPredicate.summed(by: plan) == Set(CountPredicate.allCases).subtracting([.isNotDeleted]))
            _ = try await bench.run("first", plan)
            let changed = try row(bench, plan, 9, where: [("is_marked", "false")])
            bench.service.mutate(.setMarked(id: changed.id, true))
            let second = try await bench.run("second", refreshing(plan))
            #expect(second.record.summary.looks == ["counts": 18])
            #expect(try written(bench, plan, by: "second") == [changed.key])
        }
    }

    @Test("windows without sums are looked at row by row; where no row shows what bounds mean, all are")
    func withoutSums() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            for window in plan.windows.prefix(4) {
                var manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
                manifest.sums = nil
                let content = try StateFile.encode(manifest)
                try Data(content).write(to: URL(fileURLWithPath: "\(bench.folder.name)/_agentsight/windows/\(window.key).json"))
            }
            let second = try await bench.run("second", refreshing(plan))
            #expect(second.record.summary.looks == ["counts": 14, "lean": 4] && second.record.summary.differing == 0)
        }
    }

    @Test(
        "once it is known that the service has lists, a lean look at few rows costs less than counts, and is made instead",
        arguments: [true, false])
    func lists(hasLists: Bool) async throws {
        var configuration = SampleService.Configuration()
        configuration.hasLists = hasLists
        try await JobBench.with(configuration, rows: 900) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            #expect(try await bench.run("counts", refreshing(plan)).record.summary.looks == ["counts": 18])
            _ = try await bench.run("lean", refreshing(plan, .lean))
            #expect(try bench.folder.looks().lists == [plan.source.endpoint: hasLists])
            let next = try await bench.run("next", refreshing(plan))
            #expect(next.record.summary.looks == [hasLists ? "lean" : "counts": 18])
        }
    }

    @Test("the first of several shards counts for all, and what it finds of the others' windows is due for them")
    func shards() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let id = try #require(
                try (0..<20).map { try row(bench, plan, $0, where: [("is_marked", "false")]) }.first {
                    Share.shard(1, of: 2).covers($0.key)
                })
            bench.service.mutate(.setMarked(id: id.id, true))
            let looks = try await bench.run("shard-0", refreshing(plan), share: .shard(0, of: 2))
            #expect(looks.record.summary.looked == 18 && looks.record.summary.committed == 0)
            let states = try await WindowLook(of: plan, in: bench.folder).states()
            #expect(states.first { $0.state == .again }?.reason.contains("with is_marked=true") == true)
            let done = try await bench.run("shard-1", refreshing(plan), share: .shard(1, of: 2))
            #expect(done.record.summary.committed == 1)
            #expect(try written(bench, plan, by: "shard-1") == [id.key])
            let after = try await bench.run("after", refreshing(plan), share: .shard(0, of: 2))
            #expect(after.record.summary.differing == 0)
        }
    }

    @Test(
        "night after night of changes, counts agree in the end, and no window is exported that nothing happened to",
        arguments: 1...4)
    func nights(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var configuration = SampleService.Configuration()
        configuration.bounds = seed % 2 == 0 ? .inclusive : .exclusive
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan()
            plan.fetch.pageSize = 2
            _ = try await bench.run("night-0", plan)
            let all = try bench.service.matchingIDs([.init(name: "include_deleted", value: "true")])
            for night in 1...5 {
                var touched: Set<String> = []
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    let id = all.randomElement(using: &random) ?? 1
                    let mutations: [Mutation] = [
                        .setName(id: id, "name \(night)"), .softDelete(id: id), .undelete(id: id),
                        .setMarked(id: id, Bool.random(using: &random)), .addFeedback(id: id, sentiment: "neutral"),
                    ]
                    if let mutation = mutations.randomElement(using: &random) { bench.service.mutate(mutation) }
                    let started = try #require(startOf(id, bench))
                    touched.formUnion(plan.windows.filter { $0.range.contains(started) }.map(\.key))
                }
                // What cancelled a change of a window that was exported for another one is left for the next look.
                for look in 1...4 {
                    let run = "night-\(night)-\(look)"
                    let result = try await bench.run(run, refreshing(plan))
                    #expect(result.record.exitCode == 0, "seed \(seed), \(run)")
                    #expect(try Set(written(bench, plan, by: run)).isSubset(of: touched), "seed \(seed), \(run)")
                    if result.record.summary.differing == 0 { break }
                    #expect(look < 4, "seed \(seed), night \(night)")
                }
                var sums: [CountMeasure: Int] = [:]
                for window in plan.windows {
                    let manifest = try bench.folder.manifest(ofWindow: window.key)
                    for measure in CountLook.measures(of: plan, LookRecords()) {
                        sums[measure, default: 0] += manifest?.sums?[measure] ?? 0
                    }
                }
                for (measure, sum) in sums {
                    let parameters = measure.name.split(separator: "=").map(String.init)
                    let matching = try bench.service.matchingIDs(
                        parameters.count == 2 ? [.init(name: parameters[0], value: parameters[1])] : [])
                    #expect(matching.count == sum, "seed \(seed), night \(night), \(measure)")
                }
            }
            #expect(try bench.folder.looks().measures?.contains { $0.state == .unused } != true)
        }
    }

    /// When a row began, whether it is deleted or not.
    private func startOf(_ id: Int, _ bench: JobBench) -> Instant? {
        guard let row = bench.service.row(id: id, full: false) else { return nil }
        let text = String(decoding: row, as: UTF8.self)
        return text.components(separatedBy: "\"started_at\":\"").last?.components(separatedBy: "\"").first.flatMap {
            Instant(iso8601: $0)
        }
    }

    @Test("the windows of each agent are counted by its own key")
    func agents() async throws {
        var configuration = SampleService.Configuration()
        let keys = ["eu": "ags_0123456789abcdef0123456789abcdef_000001", "us": "ags_0123456789abcdef0123456789abcdef_000002"]
        for (number, key) in keys.values.sorted().enumerated() {
            configuration.keys[key] = .granted
            configuration.agents[key] = number + 1
        }
        try await JobBench.with(configuration) { bench in
            let plan = bench.plan(agents: ["eu", "us"])
            let access = JobBench.Access(keys: keys)
            _ = try await bench.run("first", plan, access: access)
            let id = try bench.service.matchingIDs([.init(name: "is_marked", value: "false")])[30]
            bench.service.mutate(.setMarked(id: id, true))
            let second = try await bench.run("second", refreshing(plan), access: access)
            #expect(second.record.exitCode == 0 && second.record.summary.looks?["counts"] == 36, "\(second.record)")
            #expect(try written(bench, plan, by: "second").count == 1)
        }
    }

    @Test("a run that was killed after its commit has not forgotten what it was for")
    func killed() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let changed = try row(bench, plan, 9, where: [("is_marked", "false")])
            bench.service.mutate(.setMarked(id: changed.id, true))
            let states = try await WindowLook(of: refreshing(plan), in: bench.folder).states()
            try await JobBench.Access().withClients(of: plan) { [folder = bench.folder] clients in
                let refresh = Refresh(plan: plan, destination: folder, clients: clients, run: "r", now: { .now }, report: { _ in })
                try await folder.withLock(holder: "a test", share: .whole) {
                    let found = try await refresh.look(at: states)
                    #expect(Array(found.differing.keys) == [changed.key])
                }
            }
            // Before the export: it is due for whoever runs next, without another look.
            let second = try await bench.run("second", plan)
            #expect(second.record.summary.committed == 1)
            #expect(try written(bench, plan, by: "second") == [changed.key])
            let third = try await bench.run("third", refreshing(plan))
            #expect(third.record.summary.committed == 0 && third.record.summary.differing == 0)
        }
    }

    @Test("verify compares by counts, and names what the service counts otherwise")
    func verify() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let changed = try row(bench, plan, 9, where: [("is_marked", "false")])
            bench.service.mutate(.setMarked(id: changed.id, true))
            try await JobBench.Access().withClients(of: plan) { [folder = bench.folder] clients in
                var comparisons: [WindowComparison] = []
                let measures = try await ServerCheck(of: plan, in: folder, from: clients[0], look: .counts).run {
                    comparisons.append($0)
                }
                #expect(comparisons.map(\.window) == plan.windows.map(\.key) && comparisons.allSatisfy { $0.compared.isOfCounts })
                #expect(comparisons.filter(\.differs).map(\.window) == [changed.key])
                let words = comparisons.flatMap(\.problems).map(\.words)
                #expect(words.count == 1 && words[0].contains("with is_marked=true"), "\(words)")
                #expect(measures.contains(.rows) && measures.contains(.matching(.isMarked)))
            }
        }
    }
}
