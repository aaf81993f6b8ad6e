import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import TestSupport
import Testing

@testable import ExportEngine

/// Lists without pages, in lean looks and in exports.
@Suite struct UnpaginatedTests {
    /// Three windows of six days.
    private func plan(_ bench: JobBench) -> ExportPlan {
        var plan = bench.plan()
        plan.windows = stride(from: 0, to: 18, by: 6).map { first in
            let (start, end) = (plan.windows[first], plan.windows[first + 5])
            return Window(key: start.key, range: start.range.union(end.range), paths: start.paths)
        }
        return plan
    }

    private func looking(_ plan: ExportPlan, _ look: LookKind = .lean) -> ExportPlan {
        var plan = plan
        plan.windowing.refresh = [RefreshTier(look: look)]
        return plan
    }

    /// The requests of a run.
    private func requests(_ bench: JobBench, _ body: () async throws -> JobResult) async throws -> Int {
        let before = bench.service.statistics.requests
        #expect(try await body().record.exitCode == 0)
        return bench.service.statistics.requests - before
    }

    @Test("a lean look that reads lists takes a fifth of the requests of an export, or less, and sees what one by pages sees")
    func cost() async throws {
        try await JobBench.with(rows: 6000) { bench in
            let plan = plan(bench)
            _ = try await bench.run("first", plan)
            var again = plan
            again.windowing.again = .all(reason: "asked for")
            let export = try await requests(bench) { try await bench.run("again", again) }
            let look = try await requests(bench) { try await bench.run("look", looking(plan)) }
            #expect(look * 5 <= export, "\(look) of \(export)")
            let changed = try bench.service.matchingIDs([])[3000]
            bench.service.mutate(.setName(id: changed, "renamed"))
            var pages = plan
            pages.fetch.unpaginated = .never
            try await JobBench.Access().withClients(of: plan) { [folder = bench.folder, plan, pages] clients in
                var (lists, paged): ([WindowComparison], [WindowComparison]) = ([], [])
                try await ServerCheck(of: plan, in: folder, from: clients[0]).run { lists.append($0) }
                try await ServerCheck(of: pages, in: folder, from: clients[0]).run { paged.append($0) }
                #expect(lists == paged && lists.flatMap(\.changed) == [Int64(changed)])
            }
        }
    }

    @Test("verify reads small windows beside each other in one list: fewer requests than there are windows")
    func verification() async throws {
        try await JobBench.with(rows: 600) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let id = try bench.service.matchingIDs([])[300]
            bench.service.mutate(.setName(id: id, "renamed"))
            let before = bench.service.statistics.requests
            let found = Mutex<[WindowComparison]>([])
            _ = try await JobBench.Access().withClients(of: plan) { [folder = bench.folder, plan] clients in
                try await ServerCheck(of: plan, in: folder, from: clients[0]).run { one in found.withLock { $0.append(one) } }
            }
            #expect(bench.service.statistics.requests - before <= 3)
            #expect(found.withLock { $0.map(\.window) } == plan.windows.map(\.key))
            #expect(found.withLock { $0.flatMap(\.changed) } == [Int64(id)])
        }
    }

    @Test(
        "small windows beside each other are looked at in one list, and one by one where the service has none",
        arguments: [true, false])
    func together(hasLists: Bool) async throws {
        var configuration = SampleService.Configuration()
        configuration.hasLists = hasLists
        try await JobBench.with(configuration, rows: 900) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let changed = try bench.service.matchingIDs([])[400]
            bench.service.mutate(.setName(id: changed, "renamed"))
            let before = bench.service.statistics.requests
            let second = try await bench.run("second", looking(plan))
            #expect(second.record.summary.looks == ["lean": 18] && second.record.summary.differing == 1)
            #expect(second.record.summary.committed == 1)
            // Whose key it is, a page that counts, a list; and the export of a window.
            if hasLists { #expect(bench.service.statistics.requests - before <= 6) }
        }
    }

    @Test("windows with others between them are not read together")
    func apart() async throws {
        let asked = Mutex<[String]>([])
        var configuration = SampleService.Configuration()
        configuration.onListRequest = { parameters, _ in
            let after = parameters.first { $0.name == "started_at_after" }?.value
            let before = parameters.first { $0.name == "started_at_before" }?.value
            if let after, let before { asked.withLock { $0.append("\(after) \(before)") } }
        }
        try await JobBench.with(configuration) { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            asked.withLock { $0.removeAll() }
            var looking = looking(plan)
            looking.windows = [plan.windows[3], plan.windows[4], plan.windows[9]]
            let second = try await bench.run("second", looking)
            #expect(second.record.summary.looks == ["lean": 3] && second.record.summary.differing == 0)
            let middle = try #require(plan.windows[6].range.start)
            for span in asked.withLock(\.self) {
                let ends = span.split(separator: " ").compactMap { Instant(iso8601: String($0)) }
                #expect(ends.count == 2 && !(ends[0] < middle && middle < ends[1]), "\(span)")
            }
        }
    }

    @Test(
        "a service without lists, or with lists that are cut short or fail, is read by pages",
        arguments: ["older", "short", "slow"])
    func fallback(kind: String) async throws {
        var configuration = SampleService.Configuration()
        switch kind {
        case "older": configuration.hasLists = false
        case "short": configuration.listLimit = 150
        default: configuration.slowList = 150
        }
        try await JobBench.with(configuration, rows: 1500) { bench in
            let plan = plan(bench)
            _ = try await bench.run("first", plan)
            let changed = try bench.service.matchingIDs([])[700]
            bench.service.mutate(.setName(id: changed, "renamed"))
            let second = try await bench.run("second", looking(plan))
            #expect(second.record.exitCode == 0 && second.record.summary.differing == 1, "\(second.record)")
            #expect(second.record.summary.looks == ["lean": 3])
        }
    }

    @Test("never asks for no list; all exports whole rows by lists, to the last byte what pages give")
    func settings() async throws {
        let asked = Mutex(0)
        var configuration = SampleService.Configuration()
        configuration.onListRequest = { parameters, _ in
            if parameters.contains(where: { $0.name == "paginate" }) { asked.withLock { $0 += 1 } }
        }
        try await JobBench.with(configuration, rows: 1500) { bench in
            var plan = plan(bench)
            plan.fetch.unpaginated = .never
            let paged = try await requests(bench) { try await bench.run("first", plan) }
            _ = try await bench.run("look", looking(plan))
            #expect(asked.withLock(\.self) == 0)
            let other = FolderDestination(path: bench.folder.name + "-lists")
            defer { try? FileManager.default.removeItem(atPath: other.name) }
            plan.fetch.unpaginated = .all
            let listed = try await requests(bench) { try await bench.run("lists", plan, in: other) }
            #expect(asked.withLock(\.self) > 0 && listed * 2 <= paged, "\(listed) of \(paged)")
            for window in plan.windows {
                let files = try [bench.folder.name, other.name].map {
                    try Data(contentsOf: URL(fileURLWithPath: "\($0)/\(window.paths[0])"))
                }
                #expect(files[0] == files[1] && !files[0].isEmpty)
                let proof = try #require(try other.manifest(ofWindow: window.key))
                #expect(proof.status == .proved)
            }
        }
    }

    @Test("a list that fails is asked for once more, and then in halves, whatever fetch.retries allows")
    func retries() async throws {
        let asked = Mutex(0)
        var configuration = SampleService.Configuration()
        configuration.slowList = 10
        configuration.onListRequest = { parameters, _ in
            if parameters.contains(where: { $0.name == "paginate" }) { asked.withLock { $0 += 1 } }
        }
        try await JobBench.with(configuration, rows: 1500) { bench in
            var plan = plan(bench)
            plan.fetch.retries = 3
            _ = try await bench.run("first", plan)
            #expect(try await bench.run("look", looking(plan)).record.summary.looked == 3)
            // Of each window that has so many rows, all of it and two halves.
            #expect(asked.withLock(\.self) <= 12)
        }
    }

    @Test("whole rows that take too long in one list come in halves, or by pages", arguments: [10, 120, 300])
    func halves(slow: Int) async throws {
        var configuration = SampleService.Configuration()
        configuration.slowList = slow
        try await JobBench.with(configuration, rows: 1500) { bench in
            var plan = plan(bench)
            plan.fetch.unpaginated = .all
            let result = try await bench.run("first", plan)
            let rows = try bench.service.matchingIDs([]).count
            #expect(result.record.exitCode == 0 && result.record.summary.rows == rows)
            #expect(result.record.summary.unsettled == 0)
        }
    }
}
