import ExportStore
import Foundation
import TestSupport
import Testing

@testable import ExportCore
@testable import ExportEngine

@Suite struct RepeatedIDsTests {
    private static let window = Window(key: "all", range: TimeRange(start: nil, end: Instant(seconds: 100)), paths: ["x"])

    private func withSpool(_ body: (Spool) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("ids-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try body(StreamDestination(temporaryFolder: root.path).makeSpool(for: Self.window, fingerprint: "f"))
    }

    private func walked(_ ids: WindowIDs, of pieces: [Int], rows: Int, in spool: Spool) -> WalkedWindow {
        let proof = Proof(walk: "ranges", countBefore: rows, countAfter: rows, distinctIDs: rows, rounds: 1, repaired: 0)
        return WalkedWindow(
            window: Self.window, outcome: WalkOutcome(pieces: pieces, isProved: true, proof: proof), requests: 1, keys: [],
            spool: spool,
            rows: [], ids: ids, keepsSpool: false)
    }

    @Test("ids of any number are compared, in memory and in the spool, in one pass and in many", arguments: [1, 2, 3])
    func any(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        try withSpool { spool in
            var (ids, end) = (WindowIDs(), spool.start)
            var kept: [Int: [Int64]] = [:]
            for piece in 1...400 {
                let rows = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                    Int64.random(in: -60_000...60_000, using: &random)
                }
                ids.add(rows, to: piece)
                kept[piece, default: []] += rows
                if piece % 7 == 0 {
                    ids.drop(piece)
                    kept[piece] = nil
                }
                // What is fetched again after it was forgotten.
                if piece % 21 == 0 {
                    ids.add(rows, to: piece)
                    kept[piece] = rows
                }
                if let block = ids.block {
                    let extent = try spool.append(block, SpoolRecord(), at: end)
                    ids.spooled(extent)
                    end = extent.end
                }
            }
            #expect(end > 3 * 8 * WindowIDs.wordsPerBlock)
            // Pieces that the walk gave up otherwise are not in its outcome.
            let pieces = kept.keys.filter { $0 % 5 > 0 }
            let all = pieces.flatMap { kept[$0] ?? [] }
            let twice = Dictionary(grouping: all, by: \.self).filter { $0.value.count > 1 }
            for idsPerPass in [1 << 20, 10_000, 999] {
                let found = try RepeatedIDs.find(
                    in: walked(ids, of: Array(pieces), rows: all.count, in: spool), idsPerPass: idsPerPass)
                #expect(found.ids == twice.keys.sorted(), "seed \(seed)")
                #expect(found.rows == all.count - Set(all).count, "seed \(seed)")
            }
        }
    }

    @Test("ids of rows that an interrupted run had spooled are read from the rows")
    func takenOver() throws {
        try withSpool { spool in
            let rows = Array(#"{"id":1,"x":{"id":7}}"#.utf8) + [10] + Array(#"{"id":2,"id":3}"#.utf8) + [10]
            let extent = try spool.append(rows, SpoolRecord(), at: spool.start)
            var ids = WindowIDs(takenOver: [1: [extent]])
            ids.add([3, 4, 7], to: 2)
            let found = try RepeatedIDs.find(in: walked(ids, of: [1, 2], rows: 5, in: spool))
            #expect(found.ids == [3], "of a key that is there twice the last counts, as everywhere")
            #expect(found.rows == 1)
            ids.drop(1)
            #expect(try RepeatedIDs.find(in: walked(ids, of: [1, 2], rows: 3, in: spool)) == .none)
        }
    }

    @Test("ids that are not as many as the rows are a fault that nothing is committed with", arguments: [2, 4, 1 << 40])
    func differing(rows: Int) throws {
        try withSpool { spool in
            var ids = WindowIDs()
            ids.add([1, 2, 3], to: 1)
            #expect(throws: EncodingError.rowsDiffer(written: 3, proved: rows)) {
                try RepeatedIDs.find(in: walked(ids, of: [1], rows: rows, in: spool))
            }
        }
    }

    @Test("a window with an id at two times is not proved, and has so many rows as are written")
    func outcome() throws {
        try withSpool { spool in
            var ids = WindowIDs()
            ids.add([5, 6, 5, 5, 7, 7], to: 1)
            let walked = walked(ids, of: [1], rows: 6, in: spool)
            let found = try RepeatedIDs.find(in: walked)
            #expect(found.ids == [5, 7])
            let outcome = walked.outcome.leavingOut(found)
            #expect(!outcome.isProved)
            #expect(outcome.proof.distinctIDs == 3)
            #expect(outcome.proof.countAfter == 6)
            #expect(walked.outcome.leavingOut(.none) == walked.outcome)
        }
    }
}
