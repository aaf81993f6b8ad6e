import ExportCore
import TestSupport
import Testing

@Suite struct PatchPiecesTests {
    private static let window = TimeRange(start: Instant(seconds: 1000), end: Instant(seconds: 2000))
    private static let free = PatchPieces.Edges(isStartFree: true, isEndFree: true)

    private func pieces(
        _ rows: [Int64], _ differing: [Int64: Int], edges: PatchPieces.Edges = free, window: TimeRange = window
    ) -> PatchPieces {
        PatchPieces(
            of: window, rows: rows.map { Instant(seconds: $0) },
            differing: Dictionary(uniqueKeysWithValues: differing.map { (Instant(seconds: $0), $1) }), edges: edges)
    }

    @Test("what lies between the rows that differ is taken over, with the time on both sides of the window")
    func between() {
        let rows = Array(Int64(1000)..<1100)
        let found = pieces(rows, [1050: 0])
        #expect(found.fetched == [1] && found.fetchedRows == 1 && found.requests(pageSize: 100) == 2)
        #expect(found.pieces.map(\.rows) == [0..<50, 51..<100])
        // No row is on a bound.
        #expect(
            found.pieces.map(\.piece.range) == [
                TimeRange(start: Instant(seconds: 1000).earlier(by: 1), end: Instant(microseconds: 1_049_500_000)),
                TimeRange(start: Instant(microseconds: 1_050_500_000), end: Instant(seconds: 2000).later(by: 1)),
            ])
        #expect(found.pieces.map(\.piece.seen) == [50, 49] && found.pieces.map(\.piece.written) == [50, 49])
        #expect(Set(found.pieces.map(\.piece.id)).count == 2)
    }

    @Test("rows of one instant are fetched together, and a row that came is counted")
    func ties() {
        let found = pieces([1001, 1002, 1002, 1002, 1003], [1002: 2])
        #expect(found.fetched == [5] && found.pieces.map(\.rows) == [0..<1, 4..<5])
        let before = pieces([1001, 1200], [1000: 1])
        #expect(before.fetched == [1] && before.pieces.map(\.rows) == [0..<2])
    }

    @Test("few rows between two that differ are fetched along with them, more are not")
    func few() {
        let rows = Array(Int64(1000)..<1100)
        let together = pieces(rows, [1010: 0, 1015: 0])
        #expect(together.fetched == [6] && together.pieces.map(\.rows) == [0..<10, 16..<100])
        let apart = pieces(rows, [1010: 0, 1016: 0])
        #expect(apart.fetched == [1, 1] && apart.pieces.map(\.rows) == [0..<10, 11..<16, 17..<100])
        #expect(apart.requests(pageSize: 100) == 3)
    }

    @Test("an edge on which another window's rows stand is fetched")
    func edges() {
        let rows = Array(Int64(1500)..<1600)
        let found = pieces(rows, [1550: 0], edges: .init(isStartFree: false, isEndFree: false))
        #expect(found.fetched == [0, 1, 0] && found.requests(pageSize: 100) == 4)
        #expect(found.pieces.map(\.rows) == [0..<50, 51..<100])
        #expect(found.pieces.first?.piece.range.start ?? Self.window.end > Instant(seconds: 1000))
        #expect(found.pieces.last?.piece.range.end ?? Self.window.end < Instant(seconds: 2000))
        // With rows that differ beside it, it is fetched along with them.
        #expect(pieces(rows, [1502: 0], edges: .init(isStartFree: false, isEndFree: true)).fetched == [3])
    }

    @Test("a window without a start is cut as any other")
    func noStart() {
        let window = TimeRange(start: nil, end: Instant(seconds: 2000))
        let found = pieces(
            [1000, 1500], [1500: 0], edges: .init(isStartFree: false, isEndFree: true), window: window)
        #expect(found.pieces.map(\.piece.range.start) == [nil] && found.pieces.map(\.rows) == [0..<1])
        #expect(pieces([1000, 1500], [1000: 0], window: window).pieces.map(\.rows) == [1..<2])
    }

    @Test("pieces and ranges together are the window, whatever differs", arguments: 1...50)
    func whole(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let rows = (0..<random.below(80)).map { _ in Int64.random(in: 1000..<2000, using: &random) }.sorted()
        var differing: [Int64: Int] = [:]
        for _ in 0..<random.below(20) { differing[Int64.random(in: 1000..<2000, using: &random)] = random.below(2) }
        if let first = differing.first, random.below(9) == 0 { differing = [first.key: first.value] }
        let edges = PatchPieces.Edges(isStartFree: random.below(2) == 0, isEndFree: random.below(2) == 0)
        let found = pieces(rows, differing, edges: edges)
        for (last, next) in zip(found.pieces, found.pieces.dropFirst()) {
            #expect(next.piece.range.start.map { last.piece.range.end < $0 } ?? false, "seed \(seed)")
        }
        for piece in found.pieces {
            #expect(!differing.keys.contains { piece.piece.range.contains(Instant(seconds: $0)) }, "seed \(seed)")
            let own = rows.indices.filter { piece.piece.range.contains(Instant(seconds: rows[$0])) }
            #expect(own == Array(piece.rows), "seed \(seed)")
        }
        let taken = Set(found.pieces.flatMap { Array($0.rows) })
        let kept = rows.indices.filter { taken.contains($0) }.count
        #expect(found.fetchedRows == rows.count - kept + differing.values.reduce(0, +), "seed \(seed)")
    }
}
