import ExportCore
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import Testing

@testable import ExportEngine

/// Exports that no command runs.
@Suite struct ExportJobTests {
    @Test("a job writes each row once, with manifests and one record; a second one is idle, asks nothing and needs no key")
    func alone() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            let result = try await bench.run("first", plan)
            #expect(result.failure == nil && result.unwritten == nil && !result.isIdle && !result.isInterrupted)
            var (ids, bytes) = ([Int](), 0)
            for window in plan.windows {
                let content = try Data(contentsOf: URL(fileURLWithPath: "\(bench.folder.name)/\(window.paths[0])"))
                let rows = try content.split(separator: UInt8(ascii: "\n")).map { line in
                    let text = String(decoding: line, as: UTF8.self).replacing("1E400", with: "1E300")
                    let row = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
                    return try #require(row?["id"] as? Int)
                }
                let manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
                #expect(manifest.status == .proved && manifest.run == "first" && manifest.pipeline == "p", "\(window.key)")
                #expect(manifest.fingerprint == (try plan.fingerprint) && manifest.window.range == window.range)
                #expect(manifest.proof.distinctIDs == rows.count && manifest.files.map(\.path) == window.paths)
                #expect(manifest.files.map(\.rows) == [rows.count] && manifest.files.map(\.bytes) == [content.count])
                ids += rows
                bytes += content.count
            }
            #expect(ids == (try bench.service.matchingIDs([])))
            let record = result.record
            #expect(record.exitCode == 0 && record.reason == nil && record.agents == nil && record.startedAt <= record.endedAt)
            #expect(record.summary.windows == 18 && record.summary.committed == 18 && record.summary.skipped == 0)
            #expect(record.summary.rows == ids.count && record.summary.bytes == bytes && record.summary.requests >= 18)
            #expect(try bench.folder.runRecord(named: "first") == record)

            let requests = bench.service.statistics.requests
            let access = JobBench.Access(hasKey: false)
            let second = try await bench.run("second", plan, access: access)
            #expect(second.isIdle && second.record.exitCode == 0 && second.record.summary.skipped == 18)
            #expect(second.record.summary.tableRows == ["conversations": 0])
            #expect(bench.service.statistics.requests == requests && access.timesOpened == 0)
            #expect(try bench.folder.runNames() == ["first"])
        }
    }

    @Test("without a key nothing is begun: no folder is made, and the record says why")
    func noKey() async throws {
        try await JobBench.with { bench in
            let result = try await bench.run("first", bench.plan(), access: JobBench.Access(hasKey: false))
            #expect(result.failure is JobBench.Access.NoKey && result.report == nil && !result.isIdle)
            #expect(result.record.exitCode == 9 && result.record.reason == "NoKey()" && result.record.run == "first")
            #expect(!FileManager.default.fileExists(atPath: bench.folder.name))
        }
    }

    @Test("windows that another run commits between the first look and the lock are not exported again")
    func secondLook() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            var part = plan
            part.windows.removeSubrange(5...)
            let destination = CountingDestination(bench.folder) { [part] in
                let other = try await bench.run("other", part)
                #expect(other.record.exitCode == 0)
            }
            let result = try await bench.run("mine", plan, in: destination)
            #expect(result.record.summary.committed == 13 && result.record.summary.skipped == 5 && result.record.exitCode == 0)
            let writers = try bench.writers(plan)
            #expect(plan.windows.prefix(5).allSatisfy { writers[$0.key] == "other" }, "\(writers)")
            #expect(plan.windows.dropFirst(5).allSatisfy { writers[$0.key] == "mine" }, "\(writers)")
            #expect(try bench.folder.runNames() == ["mine", "other"])
        }
    }

    @Test(
        "each window is looked at once, and those alone once more, under the lock, that were not committed",
        arguments: [nil, 0, 1])
    func looks(shard: Int?) async throws {
        // Of the old generation, which does not name the keys: columns are found in the windows.
        try await JobBench.with(.init(generation: .old)) { bench in
            let plan = bench.plan(csv: shard != nil)
            var committed = 0
            for shard in shard == nil ? [Share.whole] : [.shard(0, of: 2), .shard(1, of: 2)] {
                let record = try await bench.run("\(shard)", plan, share: shard).record
                #expect(record.exitCode == 0)
                committed += record.summary.committed
            }
            #expect(committed == plan.windows.count, "the first, which settles the columns, too")
            let share = shard.map { Share.shard($0, of: 2) } ?? .whole
            let lost = try #require(plan.windows.first { share.covers($0.key) && $0.key > "2026-03-25" })
            try FileManager.default.removeItem(atPath: "\(bench.folder.name)/_agentsight/windows/\(lost.key).json")
            let destination = CountingDestination(bench.folder)
            let result = try await bench.run("again", plan, share: share, in: destination)
            #expect(result.record.summary.committed == 1 && result.record.exitCode == 0)
            let reads = destination.takeReads()
            for window in plan.windows where share.covers(window.key) && window.key != lost.key {
                #expect(reads[window.key] == 1, "\(window.key)")
            }
            // Of a shared run, once more where columns are completed.
            #expect(reads[lost.key] == (shard == nil ? 2 : 3))
            #expect(try bench.writers(plan).values.count { $0 == "again" } == 1)
        }
    }

    @Test(
        "an idle run over 100 windows reads each manifest once, whether it is alone, of a shard or of two agents",
        arguments: ["alone", "shard", "agents"])
    func idle(kind: String) async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let plan =
                switch kind {
                case "agents": bench.plan(days: 50, csv: true, agents: ["a", "b"])
                default: bench.plan(days: 100, csv: kind == "shard")
                }
            for share in kind == "shard" ? [Share.shard(0, of: 2), .shard(1, of: 2)] : [.whole] {
                #expect(try await bench.run("\(share)", plan, share: share).record.exitCode == 0)
            }
            let (destination, access) = (CountingDestination(bench.folder), JobBench.Access())
            let result = try await bench.run(
                "idle", plan, share: kind == "shard" ? .shard(0, of: 2) : .whole, access: access, in: destination)
            #expect(result.isIdle && access.timesOpened == 0)
            let reads = destination.takeReads()
            #expect(reads.count == 100 && Set(reads.values) == [1], "\(reads.filter { $0.value != 1 })")
            let look = try await WindowLook(of: plan, in: destination).states()
            #expect(look.allSatisfy { $0.need == .nothing } && Set(destination.takeReads().values) == [1])
        }
    }

    @Test("a destination that another pipeline has taken until the lock was free is left alone, with no record in it")
    func taken() async throws {
        for isShared in [false, true] {
            try await JobBench.with { bench in
                var plan = bench.plan(days: 5, csv: isShared)
                plan.pipeline = "other"
                let destination = CountingDestination(bench.folder) { [plan] in
                    let theirs = try await bench.run("theirs", plan)
                    #expect(theirs.record.exitCode == 0)
                }
                let mine = bench.plan(csv: isShared)
                let result = try await bench.run("mine", mine, share: isShared ? .shard(0, of: 2) : .whole, in: destination)
                #expect(result.failure as? StoreError == .otherPipeline(path: bench.folder.name, name: "other"))
                #expect(result.record.exitCode == 9 && result.report == nil && result.record.reason?.contains("other") == true)
                #expect(try bench.folder.runNames() == ["theirs"])
                #expect(try Set(bench.writers(mine).values) == ["theirs"])
            }
        }
    }

    @Test("one record is told and kept, with the reason, whether windows fail or a destination does; of agents each has its own")
    func reasons() async throws {
        var configuration = SampleService.Configuration()
        let isDown = Mutex(false)
        configuration.cannedResponse = { _, _ in
            isDown.withLock(\.self) ? CannedResponse(status: 400, body: Array("{}".utf8)) : nil
        }
        try await JobBench.with(configuration) { bench in
            #expect(try await bench.run("good", bench.plan(days: 2, agents: ["a", "b"])).record.exitCode == 0)
            isDown.withLock { $0 = true }
            let failed = try await bench.run("failed", bench.plan(days: 3, agents: ["a", "b"]))
            #expect(failed.failure == nil && failed.record.reason?.contains("agent a: ") == true)
            let agents = try #require(failed.record.agents)
            #expect(agents.map(\.name) == ["a", "b"] && agents.allSatisfy { $0.exitCode == 9 && $0.reason != nil })
            #expect(try bench.folder.runRecord(named: "failed") == failed.record)
        }
        try await JobBench.with { bench in
            #expect(try await bench.run("good", bench.plan(days: 2, csv: true)).record.exitCode == 0)
            let columns = "\(bench.folder.name)/_agentsight/columns.json"
            try Data("{".utf8).write(to: URL(fileURLWithPath: columns))
            let damaged = try await bench.run("damaged", bench.plan(days: 3, csv: true))
            #expect(damaged.failure as? StoreError == .unreadableColumns(path: columns))
            #expect(damaged.record.reason?.contains("columns.json") == true && damaged.record.exitCode == 9)
            #expect(try bench.folder.runRecord(named: "damaged") == damaged.record)
        }
    }

    @Test("where the columns cannot be completed, the record that was kept says so, too")
    func completion() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let plan = bench.plan(csv: true)
            #expect(try await bench.run("first", plan, share: .shard(0, of: 2)).record.exitCode == 0)
            // The rows that the windows are written once more from.
            let rows = "\(bench.folder.name)/rows"
            let kept = try FileManager.default.contentsOfDirectory(atPath: rows).sorted()
            for name in kept { try Data("no rows".utf8).write(to: URL(fileURLWithPath: "\(rows)/\(name)")) }
            let last = try await bench.run("last", plan, share: .shard(1, of: 2))
            guard case .changed = last.failure as? StoreError else {
                Issue.record("\(String(describing: last.failure)), of \(kept)")
                return
            }
            #expect(last.report?.isComplete == true && last.unwritten == nil)
            #expect(last.record.exitCode == 9 && last.record.summary.committed > 0 && last.record.reason?.isEmpty == false)
            #expect(try bench.folder.runRecord(named: "last") == last.record)
        }
    }

    @Test("a job that is cancelled tells what it has committed, and its record says that it was interrupted")
    func cancelled() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([12: .stallBeforeAnswer(.seconds(600))])
        let (came, continuation) = AsyncStream.makeStream(of: Void.self)
        configuration.beforeResponse = { number, _ in if number == 12 { continuation.yield() } }
        try await JobBench.with(configuration) { bench in
            var plan = bench.plan()
            plan.fetch.concurrency = 1
            let result = try await withThrowingTaskGroup(of: JobResult.self) { [plan] group in
                group.addTask { try await bench.run("mine", plan) }
                for await _ in came { break }
                group.cancelAll()
                return try await group.next()
            }
            let record = try #require(result?.record)
            #expect(result?.isInterrupted == true && record.reason == "interrupted" && record.exitCode == 9)
            #expect(record.summary.committed == (try bench.folder.windowKeys().count) && record.summary.committed > 0)
            #expect(try bench.folder.runRecord(named: "mine") == record)
        }
    }
}
