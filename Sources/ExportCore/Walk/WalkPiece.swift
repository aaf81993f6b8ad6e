/// A part of a window that has all its rows.
public struct WalkPiece: Sendable, Hashable, Codable {
    /// The piece's identifier within its walk.
    public let id: Int
    /// The piece's part of the window.
    public let range: TimeRange
    /// The number of rows in the range that the server counts.
    public internal(set) var seen: Int
    /// The number of these rows that are written.
    public internal(set) var written: Int
    /// Whether the piece is complete only if the server honours `ordering`.
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

/// The state of an interrupted walk, from which another walk continues.
public struct WalkCheckpoint: Sendable, Hashable {
    /// The finished pieces, in any order. No two overlap.
    public let pieces: [WalkPiece]
    /// The server's count of the whole window when its export began.
    public let countBefore: Int
    /// Whether the pieces are from an earlier export and a look found them unchanged, so that the walk only fetches the differing rows.
    public let isPatch: Bool

    /// Creates a checkpoint from the pieces that a spool holds.
    public init(pieces: [WalkPiece], countBefore: Int, isPatch: Bool = false) {
        self.pieces = pieces
        self.countBefore = countBefore
        self.isPatch = isPatch
    }
}
