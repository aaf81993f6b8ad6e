import ExportCore
import ExportFormats
import ExportStore

/// The ids of the kept rows of a window, by the pieces of its walk.
///
/// Only the latest few thousand are in memory. Earlier ones are in the window's spool, between the rows, so that a window may have any
/// number of them.
struct WindowIDs: Sendable {
    /// A sequence of entries: a piece, the number of ids that follow, and these ids.
    private(set) var words: [Int64] = []
    /// The extents of earlier entries in the spool.
    private var blocks: [Spool.Extent] = []
    private var wordsInBlocks = 0
    /// The positions up to which the entries of dropped pieces are invalid.
    private var dropped: [Int: Int] = [:]
    /// Rows of pieces that an interrupted run spooled. Their ids are read from the rows.
    private var takenOver: [Int: [Spool.Extent]]

    /// The minimum number of words in a spooled block.
    static let wordsPerBlock = 8192

    init(takenOver: [Int: [Spool.Extent]] = [:]) {
        self.takenOver = takenOver
    }

    mutating func add(_ ids: some Collection<Int64>, to piece: Int) {
        guard !ids.isEmpty else { return }
        words.append(Int64(piece))
        words.append(Int64(ids.count))
        words.append(contentsOf: ids)
    }

    mutating func drop(_ piece: Int) {
        takenOver[piece] = nil
        dropped[piece] = wordsInBlocks + words.count
    }

    /// The entries in memory, as bytes to spool. `nil` while they are few.
    var block: [UInt8]? {
        guard words.count >= Self.wordsPerBlock else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 8)
        for word in words {
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> Int64(shift))) }
        }
        return bytes
    }

    /// Records that `block` was written to the spool.
    mutating func spooled(_ block: Spool.Extent) {
        blocks.append(block)
        wordsInBlocks += words.count
        words.removeAll(keepingCapacity: true)
    }

    /// Calls `body` with the ids of pieces, in no particular order.
    /// - Throws: `StoreError`, `EncodingError`, `CancellationError`.
    func forEach(of pieces: Set<Int>, in spool: Spool?, _ body: (Int64) -> Void) throws {
        for rows in takenOver.lazy.filter({ pieces.contains($0.key) }).flatMap(\.value) {
            try Task.checkCancellation()
            let text = try spool?.read(rows) ?? []
            var start = 0
            while let end = text.span.firstIndex(of: UInt8(ascii: "\n"), in: start..<text.count) {
                body(try RowID.read(text.span.extracting(start..<end)))
                start = end + 1
            }
        }
        var position = 0
        for block in blocks {
            try Task.checkCancellation()
            visit(Self.words(try spool?.read(block) ?? []), &position, pieces, body)
        }
        visit(words, &position, pieces, body)
    }

    private func visit(_ words: [Int64], _ position: inout Int, _ pieces: Set<Int>, _ body: (Int64) -> Void) {
        var place = 0
        while place + 1 < words.count {
            let (piece, count) = (Int(words[place]), Int(words[place + 1]))
            let ids = place + 2..<min(place + 2 + count, words.count)
            if pieces.contains(piece), position + place >= dropped[piece] ?? 0 {
                for id in words[ids] { body(id) }
            }
            place = ids.upperBound
        }
        position += words.count
    }

    private static func words(_ bytes: [UInt8]) -> [Int64] {
        stride(from: 0, to: bytes.count, by: 8).map { start in
            (0..<8).reduce(Int64(0)) { $0 | Int64(bytes[start + $1]) << Int64(8 * $1) }
        }
    }
}
