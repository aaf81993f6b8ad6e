import ExportCore

/// A window in progress, which keeps only the number of its rows.
typealias WindowRun = WindowFetch<PieceCounts>

extension WindowRun {
    /// The checkpoint from which another run on this machine continues.
    var checkpoint: WalkCheckpoint? { walk.countBefore.flatMap(rows.checkpoint) }
}

/// The number of rows in each piece of a walk.
struct PieceCounts: KeptRows {
    typealias Failure = Never

    /// `whole` is `nil` if a piece comes in several pages.
    private var pieces: [Int: (whole: WalkPiece?, rows: Int)] = [:]
    /// The number of rows in all pieces.
    private(set) var count = 0

    /// Continues an interrupted walk.
    init(_ checkpoint: WalkCheckpoint? = nil) {
        for piece in checkpoint?.pieces ?? [] { set(piece.written, of: piece.id, whole: piece) }
    }

    mutating func take(_ page: ListResponse) {}

    mutating func keep(_ rows: [Int], of page: ListResponse, as piece: WalkPiece, countBefore: Int?) {
        set(rows.count, of: piece.id, whole: piece)
    }

    mutating func add(_ rows: [Int], of page: ListResponse, to piece: Int) {
        set(rows.count + (pieces[piece]?.rows ?? 0), of: piece, whole: nil)
    }

    mutating func drop(_ piece: Int) { count -= pieces.removeValue(forKey: piece)?.rows ?? 0 }

    private mutating func set(_ rows: Int, of piece: Int, whole: WalkPiece?) {
        count += rows - (pieces.updateValue((whole, rows), forKey: piece)?.rows ?? 0)
    }

    func checkpoint(countBefore: Int) -> WalkCheckpoint? {
        guard pieces.count > 1 else { return nil }
        return WalkCheckpoint(pieces: pieces.values.compactMap(\.whole).sorted { $0.id < $1.id }, countBefore: countBefore)
    }
}
