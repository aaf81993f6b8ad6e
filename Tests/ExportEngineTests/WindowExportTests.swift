import ExportStore
import Foundation
import Testing

@testable import ExportCore
@testable import ExportEngine

@Suite struct WindowExportTests {
    /// A walk that does as it is told.
    private struct ScriptedWalk: WindowWalk {
        var responses: [[WalkStep]]
        var countBefore: Int? { 2 }
        var ordering: OrderingSupport { .honoured }
        var presumedOutcome: WalkOutcome? { nil }
        var outcome: WalkOutcome?
        var excess: WalkBudgetExceeded? { nil }

        mutating func nextRequest() -> WalkRequest? { nil }
        mutating func receive(_ response: ListResponse, for request: WalkRequest) -> [WalkStep] { responses.removeFirst() }
        mutating func shrinkPages(after request: WalkRequest) -> [WalkStep]? { nil }
        mutating func split() -> Bool { false }
    }

    private static let window = Window(key: "all", range: TimeRange(start: nil, end: Instant(seconds: 100)), paths: ["x"])
    private static let request = WalkRequest(id: 1, query: ListQuery(after: nil, before: window.range.end, pageSize: 10))

    private func rows(in destination: FolderDestination) -> WindowRows {
        WindowRows(of: Self.window) { try destination.makeSpool(for: $0, fingerprint: "f") }
    }

    private func piece(_ id: Int) -> WalkPiece {
        WalkPiece(
            id: id, range: TimeRange(start: Instant(seconds: Int64(id)), end: Instant(seconds: Int64(id) + 1)), seen: 1, written: 1,
            isOnTrust: false)
    }

    @Test("a piece that the walk drops is not taken over from the spool, though another run finds its rows there")
    func dropped() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("window-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let destination = FolderDestination(path: root.path)
        let walk = ScriptedWalk(responses: [
            [.keep(rows: [0], piece: piece(1))], [.keep(rows: [0], piece: piece(2))], [.drop(piece: 1)],
        ])
        var export = WindowExport(walk, keeping: rows(in: destination))
        let page = FetchedPage(
            response: ListResponse(
                count: 2, hasNext: true, rows: [RowKey(startedAt: Instant(seconds: 10), id: 1, isDeleted: false)]),
            rows: Array("{}\n".utf8), ends: [3], keys: [])
        for _ in 0..<3 {
            try export.receive(page, for: Self.request)
        }
        let spooled = try #require(try destination.spooled(Self.window, fingerprint: "f"))
        #expect(spooled.checkpoint.pieces == [piece(2)])
        #expect(try spooled.spool.read(try #require(spooled.extents[2])) == Array("{}\n".utf8))
    }

    @Test("an id that two pieces have is found, whether its rows are in memory or in the spool, or came from an interrupted run")
    func repeated() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("window-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let destination = FolderDestination(path: root.path)
        func page(_ ids: Range<Int64>) -> FetchedPage {
            let rows = ids.map { Array("{\"id\":\($0)}\n".utf8) }
            var ends: [Int] = []
            for row in rows { ends.append((ends.last ?? 0) + row.count) }
            let keys = ids.map { RowKey(startedAt: Instant(seconds: $0), id: $0) }
            return FetchedPage(
                response: ListResponse(count: 9, hasNext: true, rows: keys), rows: rows.flatMap(\.self), ends: ends, keys: [])
        }
        func outcome(_ rows: Int) -> WalkOutcome {
            let proof = Proof(walk: "ranges", countBefore: rows, countAfter: rows, distinctIDs: rows, rounds: 1, repaired: 0)
            return WalkOutcome(pieces: [1, 2, 3], isProved: true, proof: proof)
        }
        let steps = (1...3).map { [WalkStep.keep(rows: Array(0..<5000), piece: piece($0))] }
        var export = WindowExport(ScriptedWalk(responses: steps, outcome: outcome(15_000)), keeping: rows(in: destination))
        for start: Int64 in [0, 4999, 9998] {
            try export.receive(page(start..<start + 5000), for: Self.request)
        }
        let walked = try #require(export.walked)
        #expect(try RepeatedIDs.find(in: walked).ids == [4999, 9998])
        let held = try #require(walked.ids?.words.count)
        #expect(held < WindowIDs.wordsPerBlock, "the others are in the spool")

        let spooled = try #require(try destination.spooled(Self.window, fingerprint: "f"))
        #expect(spooled.checkpoint.pieces.map(\.id) == [1, 2, 3])
        var resumed = WindowExport(
            ScriptedWalk(responses: [[.drop(piece: 3)], [.keep(rows: [0], piece: piece(3))]], outcome: outcome(10_001)),
            keeping: WindowRows(of: Self.window, from: spooled, discoveries: []) { _ in throw CancellationError() })
        for _ in 0..<2 {
            try resumed.receive(page(17..<18), for: Self.request)
        }
        #expect(try RepeatedIDs.find(in: try #require(resumed.walked)).ids == [17, 4999])
    }
}
