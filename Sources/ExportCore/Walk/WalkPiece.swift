/// A part of a window whose rows are all there.
public struct WalkPiece: Sendable, Hashable, Codable {
    /// Tells the piece from the others of its walk.
    public let id: Int
    /// The piece's part of the window.
    public let range: TimeRange
    /// Rows in the range that the server counts.
    public internal(set) var seen: Int
    /// Rows of these that are written.
    public internal(set) var written: Int
    /// Whether the rows are all there only if the server honours `ordering`.
    public let isOnTrust: Bool

    /// Creates a piece, as read from a spool.
    public init(id: Int, range: TimeRange, seen: Int, written: Int, isOnTrust: Bool) {
        self.id = id
        self.range = range
        self.seen = seen
        self.written = written
        self.isOnTrust = isOnTrust
    }
}

/// The state of an interrupted walk, from which another one continues.
public struct WalkCheckpoint: Sendable, Hashable {
    /// In any order; no two overlap.
    public let pieces: [WalkPiece]
    /// The server's count of the whole window when its export began.
    public let countBefore: Int
    /// Whether the pieces are those of an earlier export that a look found to be the same: the walk only fetches what differs.
    public let isPatch: Bool

    /// Creates a checkpoint from the pieces that a spool holds.
    public init(pieces: [WalkPiece], countBefore: Int, isPatch: Bool = false) {
        self.pieces = pieces
        self.countBefore = countBefore
        self.isPatch = isPatch
    }
}
