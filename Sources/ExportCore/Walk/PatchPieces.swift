/// A division of a window into parts whose rows are taken from the destination, and ranges that are fetched.
///
/// Around each instant at which something differs, a range is fetched; what lies between two of these is a piece that is taken over. Few
/// rows between two ranges are fetched along with them, since each range costs a request.
public struct PatchPieces: Sendable, Hashable {
    /// A part of the window whose rows are taken over.
    public struct Piece: Sendable, Hashable {
        /// The part.
        public let piece: WalkPiece
        /// The places of its rows among those that are there.
        public let rows: Range<Int>
    }

    /// What is taken over, in the order of time.
    public private(set) var pieces: [Piece] = []
    /// Rows that are expected in each range that is fetched, in the order of time.
    public private(set) var fetched: [Int] = []

    /// Rows between two ranges that are fetched along with them, at most.
    public static let fewRows = 4

    /// Where rows may stand that belong to the windows beside this one, and that the service may count in.
    public struct Edges: Sendable, Hashable {
        /// Whether none stands just before the window.
        public var isStartFree: Bool
        /// Whether none stands at its end.
        public var isEndFree: Bool

        /// Creates the edges of a window.
        public init(isStartFree: Bool, isEndFree: Bool) {
            (self.isStartFree, self.isEndFree) = (isStartFree, isEndFree)
        }
    }

    /// A range that is fetched.
    private struct Gap {
        /// The first and the last instant that something is known of.
        var first: Instant
        var last: Instant
        /// The places of its rows among those that are there.
        var rows: Range<Int>
        var came: Int
    }

    /// Cuts a window at the instants at which something differs.
    /// - Parameters:
    ///   - rows: When each row that is there began, ascending.
    ///   - differing: Instants in the window at which rows came, went or changed, and how many came.
    public init(of window: TimeRange, rows: [Instant], differing: [Instant: Int], edges: Edges) {
        let domain = WalkDomain(window: window, deletedRows: .excluded).range
        var gaps: [Gap] = []
        func add(_ gap: Gap) {
            guard let last = gaps.last, gap.rows.lowerBound - last.rows.upperBound <= Self.fewRows else { return gaps.append(gap) }
            gaps[gaps.count - 1] = Gap(
                first: last.first, last: gap.last, rows: last.rows.lowerBound..<gap.rows.upperBound, came: last.came + gap.came)
        }
        if !edges.isStartFree, let edge = domain.start { add(Gap(first: edge, last: edge, rows: 0..<0, came: 0)) }
        for (instant, came) in differing.sorted(by: { $0.key < $1.key }) {
            let own = rows.sortedIndex { $0 < instant }..<rows.sortedIndex { $0 <= instant }
            add(Gap(first: instant, last: instant, rows: own, came: came))
        }
        if !edges.isEndFree { add(Gap(first: window.end, last: window.end, rows: rows.count..<rows.count, came: 0)) }
        var (start, place) = (domain.start, 0)
        for gap in gaps {
            let (before, after) = (gap.rows.lowerBound, gap.rows.upperBound)
            // No row is on a bound, so that counts on either side agree on every server.
            if before > 0 { take(TimeRange(start: start, end: Self.middle(rows[before - 1], gap.first)), place..<before) }
            let last = after > 0 ? max(gap.last, rows[after - 1]) : gap.last
            start = after < rows.count ? Self.middle(last, rows[after]) : domain.end
            place = after
            fetched.append(gap.rows.count + gap.came)
        }
        if gaps.isEmpty || place < rows.count { take(TimeRange(start: start, end: domain.end), place..<rows.count) }
    }

    private static func middle(_ first: Instant, _ second: Instant) -> Instant {
        first.later(by: (second.microseconds - first.microseconds + 1) / 2)
    }

    private mutating func take(_ range: TimeRange, _ rows: Range<Int>) {
        let piece = WalkPiece(
            id: pieces.count + 1, range: range, seen: rows.count, written: rows.count, isOnTrust: false)
        pieces.append(Piece(piece: piece, rows: rows))
    }

    /// Rows that are fetched, as far as that is known.
    public var fetchedRows: Int { fetched.reduce(0, +) }

    /// Requests that fetch the ranges, and count the whole in the end.
    public func requests(pageSize: Int) -> Int {
        fetched.reduce(1) { $0 + max(1, ($1 + pageSize - 1) / max(1, pageSize)) }
    }
}
