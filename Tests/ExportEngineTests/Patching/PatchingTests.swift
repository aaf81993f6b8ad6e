import Crypto
import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import TestSupport
import Testing

@testable import ExportEngine

/// Windows of which a look found only some rows to differ: these are fetched, and the others taken from the rows that are there.
@Suite struct PatchingTests {
    private func plan(_ bench: JobBench, days: Int = 18, csv: Bool = false, look: LookKind = .lean) -> ExportPlan {
        var plan = bench.plan(days: days, csv: csv)
        plan.fetch.pageSize = 20
        plan.windowing.refresh = [RefreshTier(look: look)]
        return plan
    }

    /// The rows of all windows as they came.
    private func contents(_ folder: FolderDestination, _ plan: ExportPlan) throws -> [String: Data] {
        try files(folder, plan.windows.map { $0.paths[0] })
    }

    private func files(_ folder: FolderDestination, _ paths: [String]) throws -> [String: Data] {
        try Dictionary(
            uniqueKeysWithValues: paths.map {
                ($0, try Data(contentsOf: URL(fileURLWithPath: "\(folder.name)/\($0)")))
            })
    }

    /// Exports all anew, and says what it cost.
    private func fresh(
        _ bench: JobBench, _ plan: ExportPlan
    ) async throws -> (contents: [String: Data], requests: Int, bytes: Int) {
        let fresh = FolderDestination(path: bench.folder.name + "-fresh-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: fresh.name) }
        var plan = plan
        plan.windowing.refresh = []
        let before = bench.service.statistics
        let result = try await bench.run("fresh", plan, in: fresh)
        #expect(result.record.exitCode == 0)
        let after = bench.service.statistics
        return (try contents(fresh, plan), after.requests - before.requests, after.bodyBytes - before.bodyBytes)
    }

    /// The rows of each window, in the order of time.
    private func ids(_ bench: JobBench, _ plan: ExportPlan) throws -> [[Int]] {
        try plan.windows.map { window in
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(bench.folder.name)/\(window.paths[0])"))
            return content.split(separator: UInt8(ascii: "\n")).compactMap { line in
                Int(String(decoding: line.prefix(40), as: UTF8.self).drop { !$0.isNumber }.prefix { $0.isNumber })
            }
        }
    }

    private func manifests(_ bench: JobBench, _ plan: ExportPlan) throws -> [Manifest] {
        try plan.windows.map { try #require(try bench.folder.manifest(ofWindow: $0.key)) }
    }

    @Test("changes spread evenly over the rows cost a seventh of the bytes of exporting all again, and no more requests")
    func spread() async throws {
        try await JobBench.with(rows: 2000, days: 16, minimumRowBytes: 7000) { bench in
            let plan = plan(bench)
            _ = try await bench.run("first", plan)
            let all = try ids(bench, plan).flatMap(\.self)
            for place in stride(from: 100, to: all.count, by: 200) {
                bench.service.mutate(.setName(id: all[place], "renamed"))
            }
            let before = bench.service.statistics
            let result = try await bench.run("second", plan)
            let after = bench.service.statistics
            #expect(result.record.exitCode == 0 && result.record.summary.patched ?? 0 >= 8)
            #expect(result.record.summary.patched == result.record.summary.committed)
            let whole = try await fresh(bench, plan)
            #expect(try contents(bench.folder, plan) == whole.contents)
            #expect(after.requests - before.requests <= whole.requests, "\(whole.requests)")
            let bytes = after.bodyBytes - before.bodyBytes
            #expect(bytes * 7 <= whole.bytes, "\(bytes) of \(whole.bytes)")
            for manifest in try manifests(bench, plan) {
                #expect(manifest.status == .proved && (manifest.patch == nil) == (manifest.proof.walk == "ranges"))
                guard let patch = manifest.patch else { continue }
                #expect(manifest.proof.walk == "patch" && patch.look == .lean && patch.fetched < 10)
                #expect(manifest.proof.countBefore == manifest.proof.distinctIDs)
                #expect(manifest.proof.countAfter == manifest.proof.distinctIDs && manifest.exportedAt != nil)
            }
            let third = try await bench.run("third", plan)
            #expect(third.record.summary.differing == 0 && third.record.summary.committed == 0)
        }
    }

    @Test("changes side by side cost no more than exporting the windows that they are in")
    func clustered() async throws {
        try await JobBench.with(rows: 2000, days: 16, minimumRowBytes: 7000) { bench in
            let plan = plan(bench)
            _ = try await bench.run("first", plan)
            let day = try #require(try ids(bench, plan).first { $0.count > 60 })
            for id in day[20..<35] { bench.service.mutate(.setMarked(id: id, true)) }
            for id in day[20..<35] { bench.service.mutate(.setName(id: id, "renamed")) }
            let looks = bench.service.statistics
            _ = try await JobBench.Access().withClients(of: plan) { [folder = bench.folder, plan] clients in
                try await ServerCheck(of: plan, in: folder, from: clients[0]).run { _ in }
            }
            let look = bench.service.statistics.requests - looks.requests
            let before = bench.service.statistics
            let result = try await bench.run("second", plan)
            let requests = bench.service.statistics.requests - before.requests
            #expect(result.record.summary.patched == 1 && result.record.summary.committed == 1)
            #expect(requests <= look + WindowCounts.requests(forRows: day.count, pageSize: 20), "\(requests), \(look)")
            #expect(try contents(bench.folder, plan) == (try await fresh(bench, plan)).contents)
        }
    }

    @Test(
        "whatever comes, goes and changes, a patched window is a full export of that moment, with columns that were found and kept rows",
        arguments: 1...3, [LookKind.lean, .full])
    func kinds(seed: UInt64, look: LookKind) async throws {
        var random = SeededRandom(seed: seed)
        var configuration = SampleService.Configuration()
        configuration.ordering = random.below(3) == 0 ? .ignored : .honoured
        configuration.bounds = random.below(3) == 0 ? .exclusive : .inclusive
        configuration.hasLists = random.below(3) != 0
        try await JobBench.with(configuration, rows: 800) { bench in
            var plan = plan(bench, csv: true, look: look)
            plan.keepsRows = random.below(2) == 0
            if random.below(3) == 0 { plan.filters = Filters(values: [.includeDeleted: "true"]) }
            let name = "\(seed)"
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            var patched = 0
            for round in 0..<2 {
                let rows = try ids(bench, plan)
                for day in rows where !day.isEmpty {
                    for _ in 0..<random.below(3) {
                        let id = day[random.below(day.count)]
                        let text = String(decoding: bench.service.row(id: id, full: false) ?? [], as: UTF8.self)
                        let started = try #require(text.firstMatch(of: /"started_at":"([^"]+)"/)).1
                        let instant = try #require(Instant(iso8601: String(started)))
                        let mutations: [Mutation] = [
                            .setName(id: id, "n\(round)"), .setMarked(id: id, random.below(2) == 0), .softDelete(id: id),
                            .undelete(id: id), .setMetadata(id: id, key: "key\(random.below(9))", value: "v\(round)"),
                            .addFeedback(id: id, sentiment: "positive"), .removeFeedbacks(id: id),
                            .insert(startedAt: instant.microseconds),
                            .insert(startedAt: instant.microseconds + Int64(random.below(100_000_000))),
                            .insert(startedAt: (instant.microseconds / 86_400_000_000) * 86_400_000_000),
                            .insert(startedAt: (instant.microseconds / 86_400_000_000) * 86_400_000_000 - 1),
                        ]
                        bench.service.mutate(mutations[random.below(mutations.count)])
                    }
                }
                let result = try await bench.run("round-\(round)", plan)
                #expect(result.record.exitCode == 0, "seed \(name), \(result.record.reason ?? "")")
                patched += result.record.summary.patched ?? 0
                #expect(try contents(bench.folder, plan) == (try await fresh(bench, plan)).contents, "seed \(name), round \(round)")
            }
            #expect(patched > 0, "seed \(name)")
            #expect(try await bench.run("last", plan).record.summary.differing == 0, "seed \(name)")
            var problems: [VerifyProblem] = []
            _ = try await Verification(of: bench.folder, pipeline: "p").run { problems.append($0) }
            #expect(problems.isEmpty, "\(problems)")
            // Windows that were written in the last round have all columns.
            let last = try plan.windows.filter { try bench.folder.manifest(ofWindow: $0.key)?.run == "round-1" }.flatMap(\.paths)
            let before = try files(bench.folder, last)
            var forced = plan
            forced.windowing.again = .all(reason: "asked for")
            #expect(try await bench.run("forced", forced).record.exitCode == 0)
            #expect(try files(bench.folder, last) == before, "seed \(name)")
        }
    }

    /// Changes a row in the middle of one large window, and lets something happen before each request of the second run.
    private func patching(
        _ disturb: (JobBench, ExportPlan, _ day: [Int]) throws -> Void = { _, _, _ in },
        duringFetch mutation: ((_ day: [Int]) -> Mutation)? = nil,
        _ check: (JobResult, Manifest, _ day: [Int]) throws -> Void
    ) async throws {
        let change = Mutex<(Mutation, SampleService)?>(nil)
        var configuration = SampleService.Configuration()
        configuration.onListRequest = { parameters, _ in
            // What the look asks for is lean, and so is the count.
            guard !parameters.contains(where: { $0.name == "full" && $0.value == "false" }) else { return }
            if let (mutation, service) = change.withLock({ $0.take() }) { service.mutate(mutation) }
        }
        try await JobBench.with(configuration, rows: 2500) { bench in
            let plan = plan(bench, days: 14)
            _ = try await bench.run("first", plan)
            let days = try ids(bench, plan)
            let place = try #require(days.firstIndex { $0.count > 60 })
            bench.service.mutate(.setName(id: days[place][30], "renamed"))
            try disturb(bench, plan, days[place])
            if let mutation { change.withLock { $0 = (mutation(days[place]), bench.service) } }
            let result = try await bench.run("second", plan)
            #expect(change.withLock { $0 == nil })
            #expect(result.record.exitCode == 0, "\(result.record.reason ?? "")")
            #expect(try contents(bench.folder, plan) == (try await fresh(bench, plan)).contents)
            try check(result, try manifests(bench, plan)[place], days[place])
        }
    }

    @Test("the window is exported whole where its digests or its rows are not those that were written")
    func damage() async throws {
        try await patching { result, manifest, _ in #expect(manifest.patch?.fetched == 1 && result.record.summary.patched == 1) }
        for damage in ["rows", "digests"] {
            try await patching { bench, plan, day in
                let window = plan.windows[try #require(try ids(bench, plan).firstIndex(of: day))]
                let manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
                let path = damage == "rows" ? manifest.files[0].path : manifest.digests?.path
                let file = URL(fileURLWithPath: "\(bench.folder.name)/\(path ?? "")")
                var content = try Data(contentsOf: file)
                // Of a name of the first row, or the last digest.
                let place =
                    damage == "rows" ? try #require(content.firstRange(of: Data(#""name":""#.utf8))).upperBound : content.count - 1
                content[place] ^= 1
                try content.write(to: file)
            } _: { result, manifest, day in
                #expect(manifest.patch == nil && manifest.run == "second", "\(damage)")
                #expect(manifest.proof.walk == "ranges" && manifest.exportedAt == nil, "\(damage)")
            }
        }
    }

    @Test("a window is not patched where its digests tell of what an output excludes now")
    func privacy() async throws {
        try await JobBench.with(rows: 2000, days: 16) { bench in
            let plan = plan(bench)
            _ = try await bench.run("first", plan)
            let place = try #require(try ids(bench, plan).firstIndex { $0.count > 60 })
            bench.service.mutate(.setName(id: try ids(bench, plan)[place][20], "renamed"))
            let window = plan.windows[place]
            let manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
            let patch = try await JobBench.Access().withClients(of: plan) { [folder = bench.folder, plan] clients in
                try await ServiceLook(plan: plan, destination: folder, client: clients[0], look: .lean).run(at: manifest).patch
            }
            for isPrivate in [false, true] {
                var changed = plan
                if isPrivate { changed.outputs[0].privacy.exclude = [["name"]] }
                let patching = WindowPatching(
                    plan: changed, destination: bench.folder, patches: [window.key: try #require(patch)])
                let prepared = try await patching.prepare(window, fingerprint: manifest.fingerprint, discoveries: [])
                #expect((prepared == nil) == isPrivate)
            }
        }
    }

    @Test("the window is exported whole where the rows that are there are not those of its digests")
    func replaced() async throws {
        try await patching { bench, plan, day in
            let place = try #require(try ids(bench, plan).firstIndex(of: day))
            let manifest = try #require(try bench.folder.manifest(ofWindow: plan.windows[place].key))
            let file = URL(fileURLWithPath: "\(bench.folder.name)/\(manifest.files[0].path)")
            var content = try Data(contentsOf: file)
            // A 2 in the place of a 3.
            content[try #require(content.firstRange(of: Data(#""environment_id":3"#.utf8))).upperBound - 1] ^= 1
            try content.write(to: file)
            // The manifest knows the file as it is now, and has no checksum of its own, like those of older versions.
            let state = URL(fileURLWithPath: "\(bench.folder.name)/_agentsight/windows/\(manifest.window.key).json")
            let text = String(decoding: try Data(contentsOf: state), as: UTF8.self)
            let changed = text.replacingOccurrences(
                of: manifest.files[0].sha256, with: SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
            ).replacing(/"checksum" : "[^"]*",?/, with: "")
            #expect(changed != text)
            try Data(changed.utf8).write(to: state)
        } _: { _, manifest, _ in
            #expect(manifest.patch == nil && manifest.run == "second" && manifest.proof.walk == "ranges")
        }
    }

    @Test("the window is exported whole where more of its rows differ than a patch is worth")
    func tooMany() async throws {
        try await patching { bench, _, day in
            for place in stride(from: 0, to: day.count, by: 7) { bench.service.mutate(.setName(id: day[place], "renamed")) }
        } _: { result, manifest, _ in
            #expect(result.record.summary.committed == 1 && result.record.summary.patched == nil)
            #expect(manifest.patch == nil && manifest.run == "second")
        }
    }

    @Test("the window is exported whole where a row that the look saw is gone when it is fetched")
    func gone() async throws {
        try await patching(duringFetch: { .softDelete(id: $0[30]) }) { _, manifest, day in
            #expect(manifest.run == "second" && manifest.proof.distinctIDs == day.count - 1)
            #expect(manifest.patch == nil && manifest.proof.walk == "ranges")
        }
    }

    @Test("a row that goes where nothing is fetched is found by the count, and its range is fetched")
    func wentMeanwhile() async throws {
        try await patching(duringFetch: { .softDelete(id: $0[$0.count - 1]) }) { _, manifest, day in
            #expect(manifest.run == "second" && manifest.proof.distinctIDs == day.count - 1 && manifest.status == .proved)
            #expect(manifest.proof.countBefore == day.count && manifest.proof.repaired > 0)
        }
    }

    @Test("a patch by a lean look keeps a full look due")
    func dueAgain() async throws {
        try await JobBench.with(rows: 2500) { bench in
            let plan = plan(bench, days: 14)
            _ = try await bench.run("first", plan)
            let day = try #require(try ids(bench, plan).first { $0.count > 60 })
            bench.service.mutate(.setName(id: day[30], "renamed"))
            #expect(day[40...].contains { bench.service.mutate(.editMessage(id: $0)) != nil })
            let first = try manifests(bench, plan).map(\.committedAt)
            #expect(try await bench.run("second", plan).record.summary.patched == 1)
            let patched = try #require(try manifests(bench, plan).first { $0.patch != nil })
            #expect(first.contains(try #require(patched.exportedAt)) && patched.committedAt > (patched.exportedAt ?? .now))
            var later = plan
            later.windowing.refresh = [RefreshTier(look: .full, lastBefore: patched.committedAt)]
            let states = try await WindowLook(of: later, in: bench.folder).states()
            #expect(states.first { $0.window.key == patched.window.key }?.need == .look(.full))
            let third = try await bench.run("third", later)
            #expect(third.record.summary.differing == 1 && third.record.summary.patched == 1)
            let full = try #require(try bench.folder.manifest(ofWindow: patched.window.key))
            #expect(full.patch?.look == .full && full.exportedAt == nil)
            #expect(try contents(bench.folder, plan) == (try await fresh(bench, plan)).contents)
        }
    }

    @Test("rendering a window is no look at it: what was due stays due")
    func rendered() async throws {
        try await JobBench.with { bench in
            var plan = bench.plan()
            _ = try await bench.run("first", plan)
            let first = try manifests(bench, plan).map(\.committedAt)
            plan = bench.plan(csv: true)
            #expect(try await bench.run("second", plan).record.summary.rendered == 18)
            #expect(try manifests(bench, plan).map(\.exportedAt) == first)
            plan.windowing.refresh = [RefreshTier(look: .lean, lastBefore: first.last?.later(by: 1))]
            #expect(try await WindowLook(of: plan, in: bench.folder).states().allSatisfy { $0.need == .look(.lean) })
        }
    }

    /// Renames a row in the middle of each window that has many.
    private func renameOneADay(_ bench: JobBench, _ plan: ExportPlan) throws -> Int {
        let days = try ids(bench, plan).filter { $0.count > 60 }
        for day in days { bench.service.mutate(.setName(id: day[30], "renamed")) }
        return days.count
    }

    @Test("windows that a run had no time to patch are looked at again and patched by the next one")
    func interrupted() async throws {
        struct Broken: Error {}
        try await JobBench.with(rows: 2500) { bench in
            let plan = plan(bench, days: 14)
            _ = try await bench.run("first", plan)
            let days = try renameOneADay(bench, plan)
            let commits = Mutex(0)
            let failing = CountingDestination(
                bench.folder,
                beforeCommit: {
                    commits.withLock { $0 += 1 }
                    if commits.withLock(\.self) > 3 { throw Broken() }
                })
            let broken = try await bench.run("second", plan, in: failing)
            #expect(broken.record.exitCode == 9 && broken.record.summary.patched == 3)
            let waiting = try await WindowLook(of: plan, in: bench.folder).states().filter { $0.state == .again }
            #expect(waiting.count == days - 3 && waiting.allSatisfy { $0.patchLook == .lean && $0.look == nil })
            // One of them has changed since.
            let place = try #require(plan.windows.firstIndex { $0.key == waiting.last?.window.key })
            let id = try #require(try ids(bench, plan)[place].first)
            bench.service.mutate(.setName(id: id, "renamed later"))
            let third = try await bench.run("third", plan)
            #expect(third.record.exitCode == 0 && third.record.summary.patched == days - 3)
            #expect(try contents(bench.folder, plan) == (try await fresh(bench, plan)).contents)
            #expect(try bench.folder.looks().windows.values.allSatisfy { $0.difference == nil })
        }
    }

    @Test("each of several shards patches its own windows, those that another one found to differ, too")
    func shards() async throws {
        try await JobBench.with(rows: 2500) { bench in
            let plan = plan(bench, days: 14, csv: true)
            _ = try await bench.run("first", plan)
            let days = try renameOneADay(bench, plan)
            var patched = 0
            for number in 0..<3 {
                let result = try await bench.run("shard-\(number)", plan, share: .shard(number, of: 3))
                #expect(result.record.exitCode == 0 && result.record.summary.patched == result.record.summary.committed)
                patched += result.record.summary.patched ?? 0
            }
            #expect(patched == days)
            #expect(try contents(bench.folder, plan) == (try await fresh(bench, plan)).contents)
            #expect(try await WindowLook(of: plan, in: bench.folder).states().allSatisfy { $0.need == .look(.lean) })
        }
    }
}
