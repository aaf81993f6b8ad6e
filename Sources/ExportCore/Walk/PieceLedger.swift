/// The finished pieces of a walk, in the order of time, with the number of rows seen in each.
struct PieceLedger: Sendable {
    private(set) var pieces: [WalkPiece] = []
    private(set) var seen = 0
    private(set) var written = 0
    private var lastID = 0

    mutating func add(_ range: TimeRange, seen: Int, written: Int, isOnTrust: Bool = false) -> WalkPiece {
        let piece = WalkPiece(id: lastID + 1, range: range, seen: seen, written: written, isOnTrust: isOnTrust)
        restore(piece)
        return piece
    }

    /// Adds a piece of an interrupted walk.
    mutating func restore(_ piece: WalkPiece) {
        lastID = max(lastID, piece.id)
        pieces.insert(piece, at: index(of: piece.range.start))
        seen += piece.seen
        written += piece.written
    }

    /// The ranges between the pieces, in the order of time.
    func gaps(in range: TimeRange) -> [TimeRange] {
        var gaps: [TimeRange] = []
        var start = range.start
        for piece in pieces {
            // Only a first piece can have no start, and then there is nothing before it.
            if let bound = piece.range.start, start.map({ $0 < bound }) ?? true {
                gaps.append(TimeRange(start: start, end: bound))
            }
            start = piece.range.end
        }
        if start.map({ $0 < range.end }) ?? true { gaps.append(TimeRange(start: start, end: range.end)) }
        return gaps
    }

    /// Adds rows to a piece that comes in several pages.
    mutating func add(seen: Int, written: Int, to id: Int) {
        guard let index = pieces.firstIndex(where: { $0.id == id }) else { return }
        pieces[index].seen += seen
        pieces[index].written += written
        self.seen += seen
        self.written += written
    }

    /// Resets the row counts of a piece.
    mutating func empty(_ id: Int) {
        guard let piece = pieces.first(where: { $0.id == id }) else { return }
        add(seen: -piece.seen, written: -piece.written, to: id)
    }

    /// The pieces of a range whose bounds are also bounds of pieces.
    func pieces(in range: TimeRange) -> ArraySlice<WalkPiece> {
        pieces[index(of: range.start)..<index(of: range.end)]
    }

    func seen(in range: TimeRange) -> Int {
        pieces(in: range).reduce(0) { $0 + $1.seen }
    }

    /// Removes the pieces of a range, and returns their ids.
    mutating func remove(in range: TimeRange) -> [Int] {
        let bounds = index(of: range.start)..<index(of: range.end)
        let removed = pieces[bounds]
        seen -= removed.reduce(0) { $0 + $1.seen }
        written -= removed.reduce(0) { $0 + $1.written }
        let ids = removed.map(\.id)
        pieces.removeSubrange(bounds)
        return ids
    }

    /// The index of the first piece that does not start before `start`.
    private func index(of start: Instant?) -> Int {
        guard let start else { return 0 }
        return pieces.sortedIndex { $0.range.start.map { $0 < start } ?? true }
    }
}
