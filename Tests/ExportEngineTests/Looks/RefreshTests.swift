import ExportCore
import ExportFormats
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import TestSupport
import Testing

@testable import ExportEngine

/// Windows that are compared with the service, and exported again where they differ.
@Suite struct RefreshTests {
    /// The ids of each window's rows.
    private func rows(_ bench: JobBench, _ plan: ExportPlan) throws -> [(window: Window, ids: [Int])] {
        try plan.windows.map { window in
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(bench.folder.name)/\(window.paths[0])"))
            let ids = content.split(separator: UInt8(ascii: "\n")).compactMap { line -> Int? in
                let digits = String(decoding: line.prefix(40), as: UTF8.self).drop { !$0.isNumber }.prefix { $0.isNumber }
                return Int(digits)
            }
            return (window, ids)
        }
    }

    private func refreshing(_ plan: ExportPlan, _ look: LookKind) -> ExportPlan {
        var plan = plan
        plan.windowing.refresh = [RefreshTier(look: look)]
        return plan
    }

    private func contents(_ folder: FolderDestination, _ plan: ExportPlan) throws -> [String: Data] {
        try Dictionary(
            uniqueKeysWithValues: plan.windows.flatMap(\.paths).map {
                ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder.name)/\($0)")))
            })
    }

    @Test("each window has digests of its rows and sums beside it, which its manifest names")
    func digests() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            var rows = 0
            for window in plan.windows {
                let manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
                let digests = try #require(try await Baseline.digests(of: manifest, from: bench.folder))
                #expect(digests.rows.count == manifest.proof.distinctIDs && manifest.sums?.rows == manifest.proof.distinctIDs)
                #expect(manifest.digests?.path == "_agentsight/digests/\(window.key).digests")
                rows += digests.rows.count
            }
            #expect(rows == (try bench.service.matchingIDs([]).count))
            #expect(try bench.folder.unknownStateFiles() == [])
        }
    }

    @Test("a window that was exported again with other signatures of links is left alone, to the last byte")
    func volatile() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            _ = try await bench.run("first", plan)
            let before = try contents(bench.folder, plan)
            bench.service.mutate(.signLinks(seed: 5))
            plan.windowing.again = .all(reason: "asked for")
            let second = try await bench.run("second", plan)
            #expect(second.record.summary.committed == 18)
            #expect(try contents(bench.folder, plan) == before)
            #expect(try bench.writers(plan).values.allSatisfy { $0 == "first" })
        }
    }

    @Test(
        "a look exports exactly the windows that differ in what it sees, and leaves the others alone",
        arguments: [LookKind.lean, .full])
    func kinds(look: LookKind) async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let windows = try rows(bench, plan).filter { !$0.ids.isEmpty }
            let changes: [(Mutation, isSeenByLean: Bool)] = [
                (.setName(id: windows[0].ids[0], "renamed"), true), (.setMarked(id: windows[1].ids[0], true), true),
                (.setMarked(id: windows[1].ids[0], false), true), (.softDelete(id: windows[2].ids[0]), true),
                (.setMetadata(id: windows[3].ids[0], key: "k", value: "v"), true),
                (.addFeedback(id: windows[4].ids[0], sentiment: "negative"), true),
                (.insert(startedAt: (windows[5].window.range.start?.microseconds ?? 0) + 1), true),
            ]
            for (mutation, _) in changes { bench.service.mutate(mutation) }
            let edited = try #require(windows[6...].first { bench.service.mutate(.editMessage(id: $0.ids[0])) != nil })
            bench.service.mutate(.signLinks(seed: 8))
            var expected = Set([0, 1, 2, 3, 4, 5].map { windows[$0].window.key })
            // What was marked and unmarked again may be as it was.
            expected.remove(windows[1].window.key)
            if look == .full { expected.insert(edited.window.key) }
            let result = try await bench.run("second", refreshing(plan, look))
            #expect(result.record.exitCode == 0)
            let writers = try bench.writers(plan).filter { $0.value == "second" }
            #expect(Set(writers.keys).subtracting([windows[1].window.key]) == expected)
            #expect(result.record.summary.looked == 18 && (result.record.summary.differing ?? 0) == writers.count)
            let third = try await bench.run("third", refreshing(plan, look))
            #expect(third.record.summary.differing == 0 && third.record.summary.committed == 0)
            #expect(try bench.folder.looks().windows.values.allSatisfy { $0.difference == nil && $0.looked[look.rawValue] != nil })
        }
    }

    @Test("windows without digests are compared with the rows that stand there as they came, and differ where the service does")
    func withoutDigests() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            try FileManager.default.removeItem(atPath: "\(bench.folder.name)/_agentsight/digests")
            let changed = try #require(try rows(bench, plan).first { !$0.ids.isEmpty })
            bench.service.mutate(.setName(id: changed.ids[0], "renamed"))
            _ = try await bench.run("second", refreshing(plan, .lean))
            #expect(try bench.writers(plan).filter { $0.value == "second" }.keys.sorted() == [changed.window.key])
        }
    }

    @Test("a difference that was found, and not exported, is due for the next run; records that cannot be read count for nothing")
    func remembered() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let key = plan.windows[5].key
            var records = LookRecords()
            records.looked(
                at: key, .lean, .now,
                found: .init(look: .lean, foundAt: .now, came: 1, went: 0, changed: 2, fingerprint: "x"))
            try bench.folder.store(records)
            let states = try await WindowLook(of: plan, in: bench.folder).states()
            #expect(states.filter { $0.state == .again }.map(\.window.key) == [key])
            #expect(states[5].reason.contains("1 row came, 2 rows changed"))
            _ = try await bench.run("second", plan)
            #expect(try await WindowLook(of: plan, in: bench.folder).states().allSatisfy { $0.state == .committed })
            let record = try #require(try bench.folder.looks().windows[key])
            #expect(record.difference == nil && record.exported == nil, "nothing shows that it remained")
            for content in ["{", #"{"format":99}"#] {
                try Data(content.utf8).write(to: URL(fileURLWithPath: "\(bench.folder.name)/_agentsight/looks.json"))
                #expect(try bench.folder.looks() == LookRecords())
            }
            _ = try await bench.run("third", refreshing(plan, .lean))
            #expect(try bench.folder.looks().windows.count == 18)
        }
    }

    @Test("digests that were changed are not compared with: the rows that stand there as they came are")
    func damagedDigests() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let key = plan.windows[5].key
            let file = "\(bench.folder.name)/_agentsight/digests/\(key).digests"
            var content = try Data(contentsOf: URL(fileURLWithPath: file))
            content[content.count - 9] ^= 1
            try content.write(to: URL(fileURLWithPath: file))
            let manifest = try #require(try bench.folder.manifest(ofWindow: key))
            #expect(try await Baseline.digests(of: manifest, from: bench.folder) == nil)
            var problems: [VerifyProblem] = []
            _ = try await Verification(of: bench.folder, pipeline: "p").run { problems.append($0) }
            #expect(problems.map(\.fault) == [.digests] && problems.map(\.window) == [key])
            let second = try await bench.run("second", refreshing(plan, .full))
            #expect(second.record.summary.differing == 0)
        }
    }

    @Test("fields that differ although nothing has changed export a window once, and are compared no more")
    func converges() async throws {
        var configuration = SampleService.Configuration()
        configuration.otherLeanNames = 7
        try await JobBench.with(configuration) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let second = try await bench.run("second", refreshing(plan, .lean))
            let differing = try #require(second.record.summary.differing)
            #expect(differing > 0 && second.record.summary.committed == differing)
            let settled = try bench.folder.looks()
            for window in plan.windows {
                let record = try #require(settled.windows[window.key])
                let rows = try bench.folder.manifest(ofWindow: window.key)?.rowsIdentity
                #expect(record.difference == nil && (record.exported == nil || record.exportedRows == rows))
            }
            #expect(settled.windows.values.count { $0.exported != nil } == differing)
            #expect(
                settled.comparesOnlyIDs(.lean, at: plan.source.endpoint)
                    && !settled.comparesOnlyIDs(.full, at: plan.source.endpoint))
            #expect(settled.disagreements.count == 1)
            // Names are compared no more, rows that come are.
            let last = try #require(try rows(bench, plan).last { !$0.ids.isEmpty })
            bench.service.mutate(.setName(id: last.ids[0], "renamed"))
            let third = try await bench.run("third", refreshing(plan, .lean))
            #expect(third.record.summary.looked == 18 && third.record.summary.differing == 0)
            bench.service.mutate(.insert(startedAt: (last.window.range.start?.microseconds ?? 0) + 1))
            let fourth = try await bench.run("fourth", refreshing(plan, .lean))
            #expect(fourth.record.summary.differing == 1 && fourth.record.summary.committed == 1)
            let comparisons = Mutex<[WindowComparison]>([])
            try await JobBench.Access().withClients(of: plan) { [folder = bench.folder] clients in
                _ = try await ServerCheck(of: plan, in: folder, from: clients[0]).run { comparison in
                    comparisons.withLock { $0.append(comparison) }
                }
            }
            #expect(comparisons.withLock { $0.allSatisfy { $0.compared == .ids && $0.leavesOutFields } })
        }
    }

    @Test(
        "fields that rows without transcripts lack or show otherwise are found by asking one row in both forms, and others are compared",
        arguments: [true, false], [FetchSettings.Unpaginated.lean, .never])
    func unshared(isMissing: Bool, lists: FetchSettings.Unpaginated) async throws {
        var configuration = SampleService.Configuration()
        if isMissing { configuration.fieldsNotLean = ["metadata", "geo_location"] } else { configuration.otherLeanNames = 1 }
        let fields = isMissing ? ["geo_location", "metadata"] : ["name"]
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan()
            // Without lists, windows are compared side by side.
            plan.fetch.unpaginated = lists
            _ = try await bench.run("first", plan)
            let told = Mutex<[[String]]>([])
            let second = try await bench.run("second", refreshing(plan, .lean)) { event in
                if case .fieldsUnshared(let names) = event { told.withLock { $0.append(names) } }
            }
            // Too few rows show nothing, if they are compared before the others.
            let few = lists == .never ? try rows(bench, plan).count { (1..<4).contains($0.ids.count) } : 0
            #expect(few < 9 && second.record.summary.looked == 18 && (0...few).contains(second.record.summary.differing ?? -1))
            #expect(second.record.summary.committed <= few)
            let looks = try bench.folder.looks()
            #expect(looks.unshared == [plan.source.endpoint: fields] && looks.disagreements.isEmpty)
            // The other fields are compared, and what was found is not asked for again.
            _ = try mark(bench)
            let third = try await bench.run("third", refreshing(plan, .lean)) { event in
                if case .fieldsUnshared(let names) = event { told.withLock { $0.append(names) } }
            }
            #expect(third.record.summary.differing == 1 && third.record.summary.committed == 1)
            #expect(told.withLock(\.self) == [fields])
            #expect(try await bench.run("fourth", refreshing(plan, .lean)).record.summary.differing == 0)
        }
    }

    @Test("where no rows stand as they came, digests that cover such fields are not compared, and windows not exported for them")
    func unsharedWithoutRows() async throws {
        var configuration = SampleService.Configuration()
        configuration.fieldsNotLean = ["name"]
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan(csv: true)
            plan.outputs[0].columns = ["id", "name"].map { .column(.init(name: $0, path: [$0], type: nil)) }
            _ = try await bench.run("first", plan)
            let comparisons = Mutex<[WindowComparison]>([])
            try await JobBench.Access().withClients(of: plan) { [folder = bench.folder, plan] clients in
                _ = try await ServerCheck(of: plan, in: folder, from: clients[0]).run { comparison in
                    comparisons.withLock { $0.append(comparison) }
                }
            }
            let left = comparisons.withLock { $0.filter { $0.fieldsLeftOut == ["name"] } }
            #expect(!left.isEmpty && left.allSatisfy { $0.compared == .ids && !$0.differs })
            let second = try await bench.run("second", refreshing(plan, .lean))
            #expect(second.record.summary.differing == 0 && second.record.summary.committed == 0)
        }
    }

    /// Marks a row that was not marked.
    private func mark(_ bench: JobBench, number: Int = 0) throws -> Int {
        let ids = try bench.service.matchingIDs([.init(name: "is_marked", value: "false")])
        let id = ids[ids.count - 1 - number]
        bench.service.mutate(.setMarked(id: id, true))
        return id
    }

    private func isUsed(_ look: LookKind, _ bench: JobBench) throws -> Bool {
        let looks = try bench.folder.looks()
        return looks.disagreements.isEmpty && looks.measures?.contains { $0.state == .unused } != true
    }

    @Test(
        "a difference that was gone when its window was exported is exported once it is there again",
        arguments: [LookKind.lean, .counts])
    func goneMeanwhile(look: LookKind) async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            plan.fetch.pageSize = 2
            _ = try await bench.run("first", plan)
            let id = try mark(bench)
            let states = try await WindowLook(of: refreshing(plan, look), in: bench.folder).states()
            try await JobBench.Access().withClients(of: plan) { [folder = bench.folder, plan] clients in
                let refresh = Refresh(plan: plan, destination: folder, clients: clients, run: "r", now: { .now }, report: { _ in })
                try await folder.withLock(holder: "a test", share: .whole) {
                    let found = try await refresh.look(at: states)
                    #expect(found.differing.count == 1)
                }
            }
            bench.service.mutate(.setMarked(id: id, false))
            #expect(try await bench.run("second", plan).record.summary.committed == 1)
            bench.service.mutate(.setMarked(id: id, true))
            let third = try await bench.run("third", refreshing(plan, look))
            #expect(third.record.summary.committed == 1 && third.record.summary.differing == 1)
            #expect(try isUsed(look, bench))
            let verified = try await bench.run("fourth", refreshing(plan, .full))
            #expect(verified.record.summary.differing == 0)
        }
    }

    @Test(
        "a row that changes back between a look and the export that follows puts nothing out of use",
        arguments: [LookKind.lean, .counts])
    func flips(look: LookKind) async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            plan.fetch.pageSize = 2
            _ = try await bench.run("first", plan)
            let id = try mark(bench)
            let second = try await bench.run("second", refreshing(plan, look)) { event in
                if case .started = event { bench.service.mutate(.setMarked(id: id, false)) }
            }
            #expect(second.record.summary.differing == 1 && second.record.exitCode == 0)
            #expect(try isUsed(look, bench))
            for (number, run) in ["third", "fourth"].enumerated() {
                _ = try mark(bench, number: 10 * number)
                let result = try await bench.run(run, refreshing(plan, look))
                #expect(result.record.summary.committed == 1 && result.record.summary.differing == 1, "\(run)")
            }
        }
    }

    @Test(
        "a difference that is found after a window was committed outlives the run that committed it, due before or not",
        arguments: [false, true])
    func foundAfterCommit(wasDue: Bool) async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            var forced = plan
            forced.windowing.again = .all(reason: "asked for")
            if wasDue {
                var records = LookRecords()
                for window in plan.windows {
                    let difference = LookRecords.Difference(
                        look: .lean, foundAt: .now, came: 0, went: 0, changed: 1, fingerprint: "w")
                    records.looked(at: window.key, .lean, difference.foundAt, found: difference)
                }
                try bench.folder.store(records)
            }
            let found = Mutex<(key: String, difference: LookRecords.Difference)?>(nil)
            let result = try await bench.run("shard-1", forced, share: .shard(1, of: 2)) { [folder = bench.folder] event in
                guard case .committed(let manifest) = event, found.withLock({ $0 == nil }) else { return }
                // As the first shard does, which looks at the windows of all.
                let difference = LookRecords.Difference(
                    look: .lean, foundAt: .now, came: 0, went: 0, changed: 1, fingerprint: "x")
                #expect(throws: Never.self) {
                    var records = try folder.looks()
                    records.looked(at: manifest.window.key, .lean, difference.foundAt, found: difference)
                    try folder.store(records)
                }
                found.withLock { $0 = (manifest.window.key, difference) }
            }
            #expect(result.record.exitCode == 0)
            let (key, difference) = try #require(found.withLock { $0 })
            let record = try #require(try bench.folder.looks().windows[key])
            #expect(record.difference == difference && record.exported == nil)
            let keys = Mutex<[String]>([])
            let next = try await bench.run("next", plan, share: .shard(1, of: 2)) { event in
                if case .committed(let manifest) = event { keys.withLock { $0.append(manifest.window.key) } }
            }
            #expect(next.record.summary.committed == 1 && keys.withLock(\.self) == [key])
            #expect(try bench.folder.looks().windows[key]?.difference == nil)
        }
    }

    @Test("where the looks of one agent fail, those of the others are made, and that agent is not complete")
    func failingAgent() async throws {
        var configuration = SampleService.Configuration()
        let keys = ["eu": "ags_0123456789abcdef0123456789abcdef_000001", "us": "ags_0123456789abcdef0123456789abcdef_000002"]
        for (number, key) in keys.values.sorted().enumerated() {
            configuration.keys[key] = .granted
            configuration.agents[key] = number + 1
        }
        let failures = Mutex(0)
        configuration.cannedResponse = { _, route in
            guard route == .conversations else { return nil }
            let fails = failures.withLock { left in
                defer { left = max(0, left - 1) }
                return left > 0
            }
            return fails ? CannedResponse(status: 500, body: []) : nil
        }
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan(agents: ["eu", "us"])
            (plan.fetch.retries, plan.fetch.unpaginated, plan.fetch.concurrency) = (0, .never, 1)
            let access = JobBench.Access(keys: keys)
            _ = try await bench.run("first", plan, access: access)
            let theirs = plan.windows.filter { $0.agent == "us" }
            let window = try #require(
                theirs.first { (try? bench.folder.manifest(ofWindow: $0.key)?.proof.distinctIDs ?? 0) ?? 0 > 0 })
            let row = try String(contentsOfFile: "\(bench.folder.name)/\(window.paths[0])", encoding: .utf8).prefix(40)
            let id = try #require(Int(row.drop { !$0.isNumber }.prefix { $0.isNumber }))
            bench.service.mutate(.setName(id: id, "renamed"))
            failures.withLock { $0 = 1 }
            let second = try await bench.run("second", refreshing(plan, .lean), access: access)
            #expect(second.record.summary.looked == 18 && second.record.summary.differing == 1)
            #expect(try bench.writers(plan).filter { $0.value == "second" }.keys.sorted() == [window.key])
            let agents = try #require(second.report?.agents)
            #expect(agents.map(\.name) == ["eu", "us"] && agents.map { $0.report.reason == nil } == [false, true])
            let third = try await bench.run("third", refreshing(plan, .lean), access: access)
            #expect(third.record.summary.looked == 36 && third.report?.agents.allSatisfy { $0.report.reason == nil } == true)
        }
    }

    @Test("a run of single units looks at its own windows")
    func units() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let changed = try rows(bench, plan).filter { !$0.ids.isEmpty }
            for window in changed.prefix(2) { bench.service.mutate(.setName(id: window.ids[0], "renamed")) }
            let key = changed[1].window.key
            let unit = try await bench.run("unit", refreshing(plan, .lean), share: .units([key]))
            #expect(unit.record.summary.looked == 1 && unit.record.summary.committed == 1)
            #expect(try bench.writers(plan).filter { $0.value == "unit" }.keys.sorted() == [key])
        }
    }

    @Test("a window that could not be compared does not count as compared")
    func notCompared() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let twice = try #require(try rows(bench, plan).first { !$0.ids.isEmpty })
            let start = try #require(twice.window.range.start)
            bench.service.mutate(.listAgain(id: twice.ids[0], startedAt: start.microseconds + 1))
            let second = try await bench.run("second", refreshing(plan, .lean))
            #expect(second.record.summary.looked == 17 && second.record.summary.looks == ["lean": 17])
        }
    }

    @Test("a key that a new release adds makes no window differ; full looks tell of it once, until it is exported")
    func newKeys() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            _ = try await bench.run("first", plan)
            bench.service.mutate(.addKey("sentiment_score"))
            let told = Mutex<[[String]]>([])
            for (name, look) in [("second", LookKind.lean), ("third", .full), ("fourth", .full)] {
                let result = try await bench.run(name, refreshing(plan, look)) { event in
                    if case .keysNotExported(let names) = event { told.withLock { $0.append(names) } }
                }
                #expect(result.record.exitCode == 0 && result.record.summary.looked == 18)
                #expect(result.record.summary.differing == 0 && result.record.summary.committed == 0)
                #expect(told.withLock(\.self) == (look == .full ? [["sentiment_score"]] : []))
            }
            #expect(try bench.folder.looks().keys == [plan.source.endpoint: ["sentiment_score"]])
            func newKeys(_ plan: ExportPlan) async throws -> Set<String> {
                try await JobBench.Access().withClients(of: plan) { [folder = bench.folder] clients in
                    var names: Set<String> = []
                    try await ServerCheck(of: plan, in: folder, from: clients[0], look: .full).run { names.formUnion($0.newKeys) }
                    return names
                }
            }
            #expect(try await newKeys(plan) == ["sentiment_score"])
            plan.windowing.again = .all(reason: "asked for")
            _ = try await bench.run("forced", plan)
            #expect(try await newKeys(plan).isEmpty)
        }
    }

    @Test("one difference never exports a window twice")
    func once() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let changed = try #require(try rows(bench, plan).first { !$0.ids.isEmpty })
            bench.service.mutate(.setName(id: changed.ids[0], "renamed"))
            let states = try await WindowLook(of: refreshing(plan, .lean), in: bench.folder).states()
            #expect(states.allSatisfy { $0.need == .look(.lean) })
            try await JobBench.Access().withClients(of: plan) { [folder = bench.folder] clients in
                let refresh = Refresh(plan: plan, destination: folder, clients: clients, run: "r", now: { .now }, report: { _ in })
                try await folder.withLock(holder: "a test", share: .whole) {
                    let found = try await refresh.look(at: states)
                    #expect(
                        found.looked == [.lean: 18] && found.failures.isEmpty && Array(found.differing.keys) == [changed.window.key]
                    )
                    // As if the export had come to what was there before.
                    var records = try folder.looks()
                    let difference = try #require(records.windows[changed.window.key]?.difference)
                    #expect((difference.came, difference.went, difference.changed) == (0, 0, 1))
                    records.windows[changed.window.key]?.exported = difference.fingerprint
                    records.windows[changed.window.key]?.difference = nil
                    try folder.store(records)
                }
            }
            let second = try await bench.run("second", refreshing(plan, .lean))
            #expect(second.record.summary.committed == 0 && second.record.summary.differing == 0)
            // As if other rows stood there since.
            var records = try bench.folder.looks()
            records.windows[changed.window.key]?.exportedRows = "those of another export"
            try bench.folder.store(records)
            let exported = try await bench.run("exported", refreshing(plan, .lean))
            #expect(exported.record.summary.committed == 1 && exported.record.summary.differing == 1)
            bench.service.mutate(.setName(id: changed.ids[0], "renamed again"))
            let third = try await bench.run("third", refreshing(plan, .lean))
            #expect(third.record.summary.committed == 1 && third.record.summary.differing == 1)
        }
    }

    @Test("a difference that is there again after another export is exported again", arguments: [LookKind.lean, .counts])
    func again(look: LookKind) async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            plan.fetch.pageSize = 2
            _ = try await bench.run("first", plan)
            let id = try #require(try bench.service.matchingIDs([.init(name: "is_marked", value: "false")]).last)
            bench.service.mutate(.setMarked(id: id, true))
            let second = try await bench.run("second", refreshing(plan, look))
            #expect(second.record.summary.committed == 1)
            bench.service.mutate(.setMarked(id: id, false))
            var forced = plan
            forced.windowing.again = .all(reason: "asked for")
            _ = try await bench.run("forced", forced)
            bench.service.mutate(.setMarked(id: id, true))
            let third = try await bench.run("third", refreshing(plan, look))
            #expect(third.record.summary.committed == 1 && third.record.summary.differing == 1)
            #expect(try bench.folder.looks().measures?.contains { $0.state == .unused } != true)
        }
    }

    @Test("the first of several shards looks for all; what it finds of the others' windows is due for them")
    func shards() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let theirs = try #require(
                try rows(bench, plan).first { !$0.ids.isEmpty && Share.shard(1, of: 2).covers($0.window.key) })
            bench.service.mutate(.setName(id: theirs.ids[0], "renamed"))
            let before = bench.service.statistics.requests
            _ = try await bench.run("shard-1", refreshing(plan, .lean), share: .shard(1, of: 2))
            #expect(bench.service.statistics.requests == before, "it does not look")
            let looks = try await bench.run("shard-0", refreshing(plan, .lean), share: .shard(0, of: 2))
            #expect(looks.record.summary.looked == 18 && looks.record.summary.committed == 0)
            let done = try await bench.run("shard-1-again", refreshing(plan, .lean), share: .shard(1, of: 2))
            #expect(done.record.summary.committed == 1)
            #expect(try bench.writers(plan).filter { $0.value == "shard-1-again" }.keys.sorted() == [theirs.window.key])
        }
    }

    @Test("after nights of changes, a dataset that was refreshed with full looks is a full export of that moment", arguments: 1...4)
    func nights(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("night-0", plan)
            let all = try bench.service.matchingIDs([.init(name: "include_deleted", value: "true")])
            for night in 1...5 {
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    let id = all.randomElement(using: &random) ?? 1
                    let mutations: [Mutation] = [
                        .setName(id: id, "name \(night)"), .softDelete(id: id), .undelete(id: id),
                        .setMarked(id: id, Bool.random(using: &random)),
                        .addFeedback(id: id, sentiment: "neutral"), .editMessage(id: id), .setDevice(id: id, "kiosk"),
                        .setMetadata(id: id, key: "status", value: "\(night)"),
                        .insert(startedAt: (JobBench.firstDay + Int64.random(in: 0..<18 * 86_400, using: &random)) * 1_000_000 + 7),
                    ]
                    if let mutation = mutations.randomElement(using: &random) { bench.service.mutate(mutation) }
                }
                let result = try await bench.run("night-\(night)", refreshing(plan, .full))
                #expect(result.record.exitCode == 0, "seed \(seed), night \(night)")
            }
            let fresh = FolderDestination(path: bench.folder.name + "-fresh")
            defer { try? FileManager.default.removeItem(atPath: fresh.name) }
            _ = try await bench.run("fresh", plan, in: fresh)
            #expect(try contents(fresh, plan) == contents(bench.folder, plan), "seed \(seed)")
            #expect(try bench.folder.looks().disagreements.isEmpty)
        }
    }
}
