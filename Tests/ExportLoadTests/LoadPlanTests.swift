import ExportCore
import ExportStore
import ExportWarehouse
import Foundation
import TestSupport
import Testing

@testable import ExportLoad

@Suite struct LoadPlanTests {
    private func job(_ options: LoadOptions = LoadOptions()) throws -> LoadJob {
        let plan = ExportPlan.sample([.sample(.conversations, columns: nil), .sample(.messages, columns: nil)])
        return try LoadJob(
            of: plan, layouts: [nil, nil], in: FolderDestination(path: "nowhere") { _ in },
            into: LoadTarget(system: .postgres, client: ClientCommand("psql")), options: options, temporaryFolder: "/tmp")
    }

    private func window(
        _ day: Int, status: Manifest.Status = .proved, content: String = "c", pipeline: String = "p"
    ) throws -> CommittedWindow {
        let start = try #require(Instant(iso8601: "2026-11-0\(day)T00:00:00Z"))
        let end = try #require(Instant(iso8601: "2026-11-0\(day + 1)T00:00:00Z"))
        let window = Window(key: "2026-11-0\(day)", range: TimeRange(start: start, end: end), paths: [])
        var manifest = Manifest.sample(
            window, status: status, files: [.sample("c/\(day)"), .sample("m/\(day)", table: .messages)])
        manifest.pipeline = pipeline
        for index in manifest.files.indices { manifest.files[index].contentSHA256 = "\(content)\(index)" }
        return CommittedWindow(key: window.key, manifest: manifest)
    }

    private func ledger(_ key: String, _ table: String, content: String, start: String, end: String) throws -> String {
        #"["\#(Window.parts(ofKey: key).agent ?? "")", "\#(key)", "\#(start)", "\#(end)", "\#(table)", "\#(content)", 1]"#
    }

    private func loaded(_ day: Int, content: String = "c") throws -> [String] {
        try ["conversations", "messages"].enumerated().map { index, table in
            try ledger(
                "2026-11-0\(day)", table, content: "\(content)\(index)", start: "2026-11-0\(day) 00:00:00+00",
                end: "2026-11-0\(day + 1) 00:00:00+00")
        }
    }

    private func states(_ results: [WindowResult]) -> [String] {
        results.map { "\($0.key) \($0.table) \($0.state.rawValue)" }
    }

    @Test("windows that the ledger has in their present form are left alone, and the others are loaded")
    func differing() throws {
        let plan = try job().plan(
            [window(1), window(2), window(3, content: "new")], Ledger(loaded(1) + loaded(3).prefix(2)))
        #expect(states(plan.settled) == ["2026-11-01 conversations unchanged", "2026-11-01 messages unchanged"])
        #expect(plan.windows.map(\.key.window) == ["2026-11-02", "2026-11-03"])
    }

    @Test("the status of a window is what the ledger says of it, table by table")
    func status() throws {
        let found = try job().status(
            of: [window(3, content: "new"), window(1), window(2)], Ledger(loaded(1) + loaded(3) + loaded(4).prefix(1)), lacking: [])
        #expect(
            found.map { "\($0.key.suffix(1)) \($0.table) \($0.state.rawValue)" } == [
                "1 conversations loaded", "1 messages loaded", "2 conversations not_loaded", "2 messages not_loaded",
                "3 conversations outdated", "3 messages outdated", "4 conversations orphaned",
            ])
        let lacking = try job().status(of: [window(1)], Ledger(loaded(1)), lacking: ["messages"])
        #expect(lacking.map(\.state) == [.loaded, .notLoaded], "a table that is gone has nothing, whatever the ledger says")
    }

    @Test("of a window of which one table differs, that table alone is loaded")
    func oneTable() throws {
        let tables = try job().plan([window(1)], Ledger(loaded(1).prefix(1).map { $0 })).windows
        guard case .load(_, let places, _)? = tables.first?.work else {
            Issue.record("\(tables)")
            return
        }
        #expect(places == [1])
    }

    @Test("with --force every window is loaded")
    func forced() throws {
        var options = LoadOptions()
        options.isForced = true
        #expect(try job(options).plan([window(1)], Ledger(loaded(1))).windows.count == 1)
    }

    @Test("a window that is not proved is loaded only where that is allowed")
    func unsettled() throws {
        let plan = try job().plan([window(1, status: .unsettled)], Ledger())
        #expect(plan.windows.isEmpty)
        #expect(plan.settled.map(\.state) == [.unsettled, .unsettled])
        var options = LoadOptions()
        options.allowsUnsettled = true
        #expect(try job(options).plan([window(1, status: .unsettled)], Ledger()).windows.count == 1)
    }

    @Test("a window that the destination no longer has is told, and removed where that is asked for")
    func orphans() throws {
        let plan = try job().plan([window(1)], Ledger(loaded(1) + loaded(5)))
        #expect(plan.windows.isEmpty)
        #expect(states(plan.settled.suffix(2)) == ["2026-11-05 conversations orphaned", "2026-11-05 messages orphaned"])
        var options = LoadOptions()
        options.prunes = true
        let pruned = try job(options).plan([window(1)], Ledger(loaded(1) + loaded(5))).windows
        #expect(pruned.map(\.key.window) == ["2026-11-05"])
        #expect(states(pruned[0].results(try job().tables)) == ["2026-11-05 conversations pruned", "2026-11-05 messages pruned"])
    }

    @Test("a window whose commit is not at its end is no orphan, and nothing takes it out of the warehouse")
    func unfinished() throws {
        var options = LoadOptions()
        options.prunes = true
        let ledger = try Ledger(loaded(1) + loaded(5) + loaded(6))
        let left = try job(options).plan([window(1)], ledger, UnfinishedWindows(left: [Array("2026-11-05".utf8)]))
        #expect(left.windows.map(\.key.window) == ["2026-11-06"])
        #expect(states(left.settled.suffix(2)) == ["2026-11-05 conversations unchanged", "2026-11-05 messages unchanged"])
        let found = try job().status(of: [window(1)], ledger, UnfinishedWindows(left: [Array("2026-11-05".utf8)])).map(\.state)
        #expect(found == [.loaded, .loaded, .outdated, .outdated, .orphaned, .orphaned])
        for unfinished in [UnfinishedWindows(isRunAtWork: true), UnfinishedWindows(left: nil)] {
            let plan = try job(options).plan([window(1)], ledger, unfinished)
            #expect(plan.windows.isEmpty)
            #expect(plan.settled.map(\.state) == [WindowResult.State](repeating: .unchanged, count: 6))
        }
    }

    @Test("windows in a table that the pipeline no longer has are told, and removed where that is asked for")
    func formerTable() throws {
        let statements = try #require(WarehouseSystem.postgres.loadStatements(schema: "lake"))
        var there = statements.catalogTable
        there.add("id", type: "bigint", isRequired: true)
        for column in LoadTable.LoadColumn.allCases { there.add(column.rawValue, type: "text", isRequired: true) }
        let former = try #require(statements.former(.feedbacks, named: "feedbacks", having: there))
        #expect(former.id?.name == "id")
        #expect(statements.former(.feedbacks, named: "feedbacks", having: nil)?.name == nil, "a table that is gone holds nothing")
        let row = try ledger(
            "2026-11-01", "feedbacks", content: "x", start: "2026-11-01 00:00:00+00", end: "2026-11-02 00:00:00+00")
        let entries = try Ledger(loaded(1) + [row])
        let told = try job().plan([window(1)], entries, former: [former]).settled
        #expect(states(told.suffix(1)) == ["2026-11-01 feedbacks orphaned"])
        #expect(told.last?.reason?.contains("the pipeline no longer has this table") == true)
        var options = LoadOptions()
        options.prunes = true
        let pruned = try job(options).plan([window(1)], entries, former: [former]).windows
        #expect(pruned.flatMap { states($0.results([])) } == ["2026-11-01 feedbacks pruned"])
        let found = try job().status(of: [window(1)], entries, former: ["feedbacks"])
        #expect(found.map(\.state) == [.loaded, .loaded, .orphaned] && found.map(\.isOfFormerTable) == [false, false, true])
    }

    @Test("a window replaces older ones that its span covers, and no others")
    func covered() throws {
        let part = try ledger(
            "2026-11-02T05", "conversations", content: "x", start: "2026-11-02 05:00:00+00", end: "2026-11-02 06:00:00+00")
        let beyond = try ledger(
            "2026-W45", "conversations", content: "x", start: "2026-11-02 00:00:00+00", end: "2026-11-09 00:00:00+00")
        let agent = try ledger(
            "a@2026-11-02T05", "conversations", content: "x", start: "2026-11-02 05:00:00+00", end: "2026-11-02 06:00:00+00")
        let plan = try job().plan([window(2)], Ledger([part, beyond, agent]))
        #expect(plan.windows.map(\.covered) == [["2026-11-02T05"]])
        #expect(states(plan.settled) == ["2026-W45 conversations orphaned", "a@2026-11-02T05 conversations orphaned"])
    }

    @Test("a window of another pipeline fails")
    func otherPipeline() throws {
        let plan = try job().plan([window(1, pipeline: "other")], Ledger())
        #expect(plan.windows.isEmpty)
        #expect(plan.settled.map(\.state) == [.failed, .failed])
    }

    @Test("an entry of another agent than its window's is none, and two entries of a window are of no export")
    func strangeEntries() throws {
        let ghost = try loaded(1).map { $0.replacing("[\"\"", with: "[\"ghost\"") }
        #expect(try job().plan([window(1)], Ledger(loaded(1) + ghost)).windows.isEmpty)
        #expect(try job().plan([window(1)], Ledger(ghost)).windows.count == 1)
        #expect(try job().plan([window(1)], Ledger(loaded(1) + loaded(1))).windows.count == 1)
    }

    @Test("an answer that is no ledger is refused")
    func unreadable() {
        #expect(throws: LoadError.unreadableAnswer) { try Ledger(["NOTICE: hello"]) }
        #expect(throws: LoadError.unreadableAnswer) { try Ledger([#"["a", 1]"#]) }
    }
}
