import ExportCore
import ExportFormats
import ExportStore
import Foundation
import SampleAPI
import Synchronization
import TestSupport
import Testing

@testable import ExportEngine

/// Windows whose outputs change: written anew from the rows that stand there.
@Suite struct RenderingTests {
    private static let csv = Output(
        table: .conversations, format: .csv, compression: .gzip(level: 6), path: "csv/{date}",
        columns: [.column(.init(name: "id", path: ["id"], type: nil)), .every(path: ["metadata"]), .rest], dialect: .warehouse)
    private static let messages = Output(
        table: .messages, format: .ndjson, compression: .none, path: "messages/{date}", columns: nil, dialect: .warehouse)

    /// The plan with other outputs.
    private func plan(_ bench: JobBench, _ outputs: [Output]) -> ExportPlan {
        var plan = bench.plan()
        plan.outputs = outputs
        plan.windows = plan.windows.map { window in
            window.with(paths: outputs.map { $0.path.replacingExactly("{date}", with: window.key) })
        }
        return plan
    }

    /// All files of a destination but its state, by their paths.
    private func files(_ folder: FolderDestination) async throws -> [String: Data] {
        var files: [String: Data] = [:]
        try await folder.forEachFile {
            files[$0] = try Data(contentsOf: URL(fileURLWithPath: "\(folder.name)/\($0)"))
        } unreadable: {
            _, error in
            throw error
        }
        return files
    }

    private func inode(_ path: String, _ bench: JobBench) throws -> NSNumber? {
        try FileManager.default.attributesOfItem(atPath: "\(bench.folder.name)/\(path)")[.systemFileNumber] as? NSNumber
    }

    @Test(
        "outputs added, changed, moved, turned round and dropped in turn: no request, no key, and the bytes of an export with the same columns"
    )
    func inTurn() async throws {
        // Of the old generation, which names no key that the rows do not have.
        try await JobBench.with(.init(generation: .old)) { bench in
            let rows = bench.plan().outputs[0]
            var (gzip, moved, narrow) = (rows, rows, Self.csv)
            gzip.compression = .gzip(level: 9)
            moved.path = "moved/{date}"
            narrow.columns?.removeLast()
            let steps: [[Output]] = [
                [rows, Self.csv], [rows, Self.csv, Self.messages], [rows, narrow], [gzip, narrow, Self.messages], [narrow, rows],
                [moved, Self.csv], [rows],
            ]
            #expect(try await bench.run("first", plan(bench, [rows])).record.exitCode == 0)
            for (number, outputs) in steps.enumerated() {
                let plan = plan(bench, outputs)
                let access = JobBench.Access(hasKey: false)
                let before = number < 3 ? try inode("2026-03-25", bench) : nil
                let requests = bench.service.statistics.requests
                let result = try await bench.run("step \(number)", plan, access: access)
                #expect(result.failure == nil && result.record.exitCode == 0 && access.timesOpened == 0)
                #expect(result.record.summary.rendered == 18 && result.record.summary.committed == 18)
                #expect(result.record.summary.skipped == 0 && result.record.summary.requests == 0)
                #expect(bench.service.statistics.requests == requests)
                if let before { #expect(try inode("2026-03-25", bench) == before, "the file with the rows is not touched") }
                #expect(try await bench.run("again", plan, access: access).isIdle)
                try await check(bench, plan, "step \(number)")
            }
        }
    }

    /// Compares a destination with an export of the plan into an empty one that has the same columns, and verifies it.
    private func check(_ bench: JobBench, _ plan: ExportPlan, _ comment: Comment) async throws {
        let full = FolderDestination(path: bench.folder.name + "-full")
        defer { try? FileManager.default.removeItem(atPath: full.name) }
        let columns = try bench.folder.columns()
        if !columns.columns.isEmpty { try full.store(columns) }
        #expect(try await bench.run("full", plan, in: full).record.exitCode == 0)
        #expect(try await files(bench.folder) == files(full), comment)
        #expect(try full.columns() == columns, comment)
        var problems: [String] = []
        _ = try await Verification(of: bench.folder, pipeline: plan.pipeline).run { problems.append("\($0)") }
        #expect(problems.isEmpty, comment)
        for window in plan.windows {
            let manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
            #expect(try manifest.fingerprint == plan.fingerprint && manifest.fingerprints == plan.fingerprints, comment)
            #expect(manifest.files.map(\.path) == window.paths, comment)
            let expected = try full.manifest(ofWindow: window.key)
            #expect(manifest.files == expected?.files, comment)
        }
    }

    @Test("rows that are kept make up for an output that has them; without keep_rows they go")
    func keptRows() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            var plan = plan(bench, [Self.csv])
            plan.keepsRows = true
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            let place = "_agentsight/rows/2026-03-25.ndjson.gz"
            #expect(try bench.folder.manifest(ofWindow: "2026-03-25")?.files.map(\.path) == ["csv/2026-03-25", place])
            let before = try inode(place, bench)
            plan.outputs[0].dialect = .spreadsheet
            let access = JobBench.Access(hasKey: false)
            #expect(try await bench.run("second", plan, access: access).record.summary.rendered == 18)
            #expect(try inode(place, bench) == before)
            #expect(try await bench.run("third", plan, access: access).isIdle)
            plan.keepsRows = false
            #expect(try await bench.run("fourth", plan, access: access).record.summary.rendered == 18)
            #expect(!FileManager.default.fileExists(atPath: "\(bench.folder.name)/_agentsight/rows"))
            try await check(bench, plan, "rows are kept no longer")
        }
    }

    private func refreshing(_ plan: ExportPlan) -> ExportPlan {
        var plan = plan
        plan.windowing.refresh = [RefreshTier(look: .lean)]
        return plan
    }

    @Test("a file that is gone is written from the rows that stand there; where these are gone, too, the window is exported")
    func missing() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let plan = plan(bench, [bench.plan().outputs[0], Self.messages])
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            let file = "\(bench.folder.name)/messages/2026-03-25"
            try FileManager.default.removeItem(atPath: file)
            let before = try inode("2026-03-25", bench)
            let access = JobBench.Access(hasKey: false)
            let second = try await bench.run("second", plan, access: access)
            #expect(second.failure == nil && second.record.summary.rendered == 1 && second.record.summary.skipped == 17)
            #expect(try inode("2026-03-25", bench) == before, "the file with the rows is not touched")
            try await check(bench, plan, "a file was gone")
            for path in ["2026-03-25", "messages/2026-03-25"] {
                try FileManager.default.removeItem(atPath: "\(bench.folder.name)/\(path)")
            }
            let third = try await bench.run("third", plan)
            #expect(third.record.exitCode == 0 && third.record.summary.committed == 1 && third.record.summary.rendered == nil)
            try await check(bench, plan, "both were gone")
            // The other file is seen to be gone first, and the rows when it is to be written.
            let turned = self.plan(bench, [Self.messages, bench.plan().outputs[0]])
            _ = try await bench.run("turned", turned)
            for path in ["2026-03-25", "messages/2026-03-25"] {
                try FileManager.default.removeItem(atPath: "\(bench.folder.name)/\(path)")
            }
            let fourth = try await bench.run("fourth", turned)
            #expect(fourth.record.exitCode == 0 && fourth.record.summary.committed == 1 && fourth.record.summary.rendered == nil)
            try await check(bench, turned, "both were gone, in the other order")
        }
    }

    @Test("a run that looks at windows whose outputs have changed exports those that differ, and renders the others")
    func looks() async throws {
        try await JobBench.with { bench in
            let rows = bench.plan().outputs[0]
            #expect(try await bench.run("first", plan(bench, [rows])).record.exitCode == 0)
            let ids = try bench.service.matchingIDs([.init(name: "started_at_after", value: "2026-03-25T00:00:00Z")])
            bench.service.mutate(.setName(id: try #require(ids.last), "renamed"))
            let plan = plan(bench, [rows, Self.messages])
            let second = try await bench.run("second", refreshing(plan))
            #expect(second.record.exitCode == 0 && second.record.summary.looked == 18 && second.record.summary.differing == 1)
            #expect(second.record.summary.rendered == 17 && second.record.summary.committed == 18)
            try await check(bench, plan, "looked at and rendered")
            #expect(try await bench.run("third", refreshing(plan)).record.summary.committed == 0)
        }
    }

    @Test("rows that are not to be kept any more go, where a tier looks at each run, too; digests cover what the outputs hold")
    func keptNoLonger() async throws {
        try await JobBench.with(rows: 900) { bench in
            var plan = plan(bench, [Self.csv])
            plan.outputs[0].columns = ["id", "name"].map { .column(Column(path: [$0])) }
            plan.keepsRows = true
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            plan.keepsRows = false
            let id = try #require(try bench.service.matchingIDs([]).last)
            bench.service.mutate(.setName(id: id, "changed meanwhile"))
            let second = try await bench.run("second", refreshing(plan))
            #expect(second.record.summary.looked == 18 && second.record.summary.rendered == 17)
            #expect(second.record.summary.committed == 18)
            #expect(!FileManager.default.fileExists(atPath: "\(bench.folder.name)/_agentsight/rows"))
            try await check(bench, plan, "rows are kept no longer")
            let full = FolderDestination(path: bench.folder.name + "-full")
            defer { try? FileManager.default.removeItem(atPath: full.name) }
            #expect(try await bench.run("full", plan, in: full).record.exitCode == 0)
            for window in plan.windows {
                #expect(try bench.folder.manifest(ofWindow: window.key)?.digests == full.manifest(ofWindow: window.key)?.digests)
            }
            bench.service.mutate(.setDevice(id: id, "another"))
            #expect(try await bench.run("third", refreshing(plan)).record.summary.differing == 0)
            bench.service.mutate(.setName(id: id, "renamed"))
            #expect(try await bench.run("fourth", refreshing(plan)).record.summary.differing == 1)
        }
    }

    @Test("a window whose rows are not what was written is exported again, with the key, and the others are rendered")
    func damaged() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let rows = bench.plan().outputs[0]
            #expect(try await bench.run("first", plan(bench, [rows])).record.exitCode == 0)
            let damaged = URL(fileURLWithPath: "\(bench.folder.name)/2026-03-25")
            var content = try Data(contentsOf: damaged)
            content[content.count / 2] ^= 1
            try content.write(to: damaged)
            let plan = plan(bench, [rows, Self.messages])
            let noKey = try await bench.run("no key", plan, access: JobBench.Access(hasKey: false))
            #expect(noKey.failure is JobBench.Access.NoKey, "the service has to be asked")
            #expect(try bench.writers(plan).values.count { $0 == "no key" } == 17, "the others are rendered all the same")
            let requests = bench.service.statistics.requests
            let result = try await bench.run("second", plan)
            #expect(result.record.exitCode == 0 && result.record.summary.committed == 1 && result.record.summary.rendered == nil)
            #expect(bench.service.statistics.requests - requests < 10)
            // Its file with the rows was damaged, and is written anew.
            try await check(bench, plan, "exported again")
        }
    }

    @Test("where windows are to be exported, too, both happen in one run, and the record counts them")
    func both() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let rows = bench.plan().outputs[0]
            var plan = plan(bench, [rows])
            plan.windows.removeSubrange(10...)
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            plan = self.plan(bench, [rows, Self.csv])
            let record = try await bench.run("second", plan).record
            #expect(record.exitCode == 0 && record.summary.windows == 18 && record.summary.skipped == 0)
            #expect(record.summary.committed == 18 && record.summary.rendered == 10)
            #expect(try bench.folder.runRecord(named: "second") == record)
            try await check(bench, plan, "rendered and exported")
        }
    }

    @Test(
        "a type that a later window widens is the type of that column in every window of the run",
        arguments: [Output.Format.parquet, .csv])
    func widenedType(format: Output.Format) async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let output = Output(
                table: .conversations, format: format, compression: .none, path: "{date}", columns: Self.csv.columns,
                dialect: .warehouse)
            let plan = plan(bench, [output])
            let last = try #require(plan.windows.last).key
            let earlier = try bench.service.matchingIDs([.init(name: "started_at_before", value: "\(last)T23:59:59Z")])
            let id = try #require(earlier.last)
            bench.service.mutate(.setMetadata(id: id, key: "visits", value: "many"))
            #expect(try await bench.run("first", plan).record.exitCode == 0)
            for window in plan.windows {
                let file = try #require(try bench.folder.manifest(ofWindow: window.key)?.files.first)
                let place = try #require(file.columns?.firstIndex(of: "metadata__visits"))
                #expect(file.types?[place] == "string", "\(window.key)")
            }
            try await check(bench, plan, "one type")
        }
    }

    @Test("when a run ends, the windows that it wrote have the columns that it discovered, and older ones are not touched")
    func completion() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            for outputs in [[bench.plan().outputs[0], Self.csv], [Self.csv]] {
                try? FileManager.default.removeItem(atPath: bench.folder.name)
                var plan = plan(bench, outputs)
                let all = plan.windows
                plan.windows.removeSubrange(6...)
                #expect(try await bench.run("first", plan).record.exitCode == 0)
                let old = try await files(bench.folder)
                plan.windows = all
                #expect(try await bench.run("second", plan).record.exitCode == 0)
                let new = try await files(bench.folder)
                #expect(old.allSatisfy { new[$0.key] == $0.value }, "older windows")
                let names = try outputs.last?.layout(detail: .full, bench.folder.columns())?.columns.map(\.name)
                for window in all.dropFirst(6) {
                    let manifest = try #require(try bench.folder.manifest(ofWindow: window.key))
                    #expect(manifest.files.last?.columns == names && manifest.run == "second")
                    #expect(manifest.files.map(\.path) == window.paths, "rows were kept until the end alone")
                }
                #expect(try await bench.run("third", plan, access: .init(hasKey: false)).isIdle)
            }
        }
    }

    @Test(
        """
        a run that is interrupted before its windows have their columns leaves that to the next, which comes to the same bytes, \
        without a key where all windows stand
        """, arguments: [false, true])
    func interruptedCompletion(standsAll: Bool) async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let plan = plan(bench, [bench.plan().outputs[0], Self.csv])
            let last = standsAll ? plan.windows.count + 1 : 8
            let cut = cut(bench, after: last, by: StoreError.lockLost(path: "cut"))
            let first = try await bench.run("first", plan, in: cut)
            #expect(first.report?.summary.committed == min(last, plan.windows.count) && first.record.exitCode == 9)
            let second = try await bench.run("second", plan, access: .init(hasKey: !standsAll))
            #expect(second.record.exitCode == 0)
            #expect(try await bench.run("third", plan, access: .init(hasKey: false)).isIdle)
            try await check(bench, plan, "interrupted")
            let full = FolderDestination(path: bench.folder.name + "-whole")
            defer { try? FileManager.default.removeItem(atPath: full.name) }
            #expect(try await bench.run("whole", plan, in: full).record.exitCode == 0)
            #expect(try await files(bench.folder) == files(full))
        }
    }

    /// The bench's folder, which takes so many commits, and throws this before the next one.
    private func cut(_ bench: JobBench, after last: Int, by error: any Error) -> CountingDestination {
        let commits = Mutex(0)
        return CountingDestination(
            bench.folder,
            beforeCommit: {
                let number = commits.withLock { number in
                    number += 1
                    return number
                }
                if number > last { throw error }
            })
    }

    @Test("a run that is interrupted while it gives its windows their columns leaves a record of what it committed")
    func recordOfInterruptedCompletion() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let plan = plan(bench, [bench.plan().outputs[0], Self.csv])
            let cut = cut(bench, after: plan.windows.count + 1, by: CancellationError())
            let result = try await bench.run("first", plan, in: cut)
            #expect(result.failure is CancellationError && result.unwritten == nil)
            let record = try #require(try await bench.folder.readableRunRecord(named: "first"))
            #expect(record == result.record && record.exitCode == 9)
            #expect(record.summary.committed == plan.windows.count)
        }
    }

    @Test("a commit that a killed run had decided is completed without a key or a request, and its window is not exported again")
    func decidedCommit() async throws {
        try await JobBench.with { bench in
            let plan = bench.plan()
            _ = try await bench.run("first", plan)
            let key = plan.windows[9].key
            let before = try await files(bench.folder)
            // As where a run was killed once it had removed the old manifest, and before the new one had its place.
            let state = URL(fileURLWithPath: bench.folder.name).appendingPathComponent("_agentsight")
            let staged = state.appendingPathComponent("staging/\(key)")
            try FileManager.default.createDirectory(at: staged, withIntermediateDirectories: true)
            try FileManager.default.moveItem(
                at: state.appendingPathComponent("windows/\(key).json"), to: staged.appendingPathComponent("manifest.json"))
            let second = try await bench.run("second", plan, access: .init(hasKey: false))
            #expect(second.isIdle && second.record.exitCode == 0)
            #expect(try await files(bench.folder) == before)
            #expect(try bench.writers(plan)[key] == "first")
        }
    }

    @Test("a window that cannot be given its columns fails by name, as often as it is tried, until it can")
    func failedCompletion() async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let plan = plan(bench, [bench.plan().outputs[0], Self.csv])
            let cut = cut(bench, after: plan.windows.count + 1, by: StoreError.lockLost(path: "cut"))
            #expect(try await bench.run("first", plan, in: cut).record.exitCode == 9)
            var complete = Set(try await completed(bench, plan))
            let window = try #require(
                plan.windows.first { window in
                    try !complete.contains(window.key) && (bench.folder.manifest(ofWindow: window.key)?.proof.distinctIDs ?? 0) > 0
                })
            let rows = URL(fileURLWithPath: "\(bench.folder.name)/\(window.paths[0])")
            let content = try Data(contentsOf: rows)
            var damaged = content
            damaged[damaged.count / 2] ^= 1
            try damaged.write(to: rows)
            for name in ["second", "third"] {
                let run = try await bench.run(name, plan, access: .init(hasKey: false))
                #expect(run.record.exitCode == 1)
                let failures = try #require(run.report?.failures)
                #expect(failures.map(\.window) == [window.key])
                #expect(failures[0].reason.hasPrefix("it lacks columns that were found after it: "))
                #expect(try bench.folder.columns().incompleteRuns == ["first"])
            }
            try content.write(to: rows)
            #expect(try await bench.run("fourth", plan, access: .init(hasKey: false)).record.exitCode == 0)
            #expect(try bench.folder.columns().incompleteRuns == nil)
            complete = Set(try await completed(bench, plan))
            #expect(complete.count == plan.windows.count)
            let full = FolderDestination(path: bench.folder.name + "-whole")
            defer { try? FileManager.default.removeItem(atPath: full.name) }
            #expect(try await bench.run("whole", plan, in: full).record.exitCode == 0)
            #expect(try await files(bench.folder) == files(full))
        }
    }

    /// Windows that have rows and all columns of the destination.
    private func completed(_ bench: JobBench, _ plan: ExportPlan) async throws -> [String] {
        let all = try bench.folder.columns().columns.count
        return try plan.windows.map(\.key).filter { try bench.folder.manifest(ofWindow: $0)?.discoveredColumns == all }
    }

    @Test(
        "shards and agents render what is theirs without a key, and all comes to what one run renders",
        arguments: [false, true])
    func shared(hasAgents: Bool) async throws {
        try await JobBench.with(.init(generation: .old)) { bench in
            let rows = bench.plan().outputs[0]
            func agents(_ plan: ExportPlan) -> ExportPlan {
                guard hasAgents else { return plan }
                var plan = plan
                plan.agents = bench.plan(agents: ["a"]).agents + bench.plan(agents: ["b"]).agents
                plan.windows = ["a", "b"].flatMap { (name: String) in
                    plan.windows.map { window in
                        Window(
                            key: window.key, agent: name, range: window.range, paths: window.paths.map { "\(name)/\($0)" })
                    }
                }
                return plan
            }
            let access = JobBench.Access(hasKey: false)
            #expect(try await bench.run("first", agents(plan(bench, [rows]))).record.exitCode == 0)
            let plan = agents(plan(bench, [rows, Self.csv]))
            for share in hasAgents ? [Share.whole] : [.shard(0, of: 2), .shard(1, of: 2)] {
                let result = try await bench.run("\(share)", plan, share: share, access: access)
                #expect(result.failure == nil && result.record.exitCode == 0)
            }
            #expect(access.timesOpened == 0)
            try await check(bench, plan, "shared")
        }
    }
}
