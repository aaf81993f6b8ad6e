/// A division of a window into parts whose rows are taken from the destination, and ranges that are fetched.
///
/// A range is fetched around each instant at which something differs. The parts between these ranges are pieces that are taken over. A few
/// rows between two ranges are fetched with them, since each range costs a request.
public struct PatchPieces: Sendable, Hashable {
    /// A part of the window whose rows are taken over.
    public struct Piece: Sendable, Hashable {
        /// The part.
        public let piece: WalkPiece
        /// The indices of its rows among those in the destination.
        public let rows: Range<Int>
    }

    /// The pieces that are taken over, in the order of time.
    public private(set) var pieces: [Piece] = []
    /// The expected number of rows in each fetched range, in the order of time.
    public private(set) var fetched: [Int] = []

    /// The maximum number of rows between two ranges that are fetched with them.
    public static let fewRows = 4

    /// Whether rows of the neighbouring windows may be on the edges of the window, where the service may count them.
    public struct Edges: Sendable, Hashable {
        /// Whether there is no row just before the window.
        public var isStartFree: Bool
        /// Whether there is no row at its end.
        public var isEndFree: Bool

        /// Creates the edges of a window.
        public init(isStartFree: Bool, isEndFree: Bool) {
            (self.isStartFree, self.isEndFree) = (isStartFree, isEndFree)
        }
    }

    /// A range that is fetched.
    private struct Gap {
        /// The first known instant in the range.
        var first: Instant
        /// The last known instant in the range.
        var last: Instant
        /// The indices of its rows among those in the destination.
        var rows: Range<Int>
        var came: Int
    }

    /// Cuts a window at the instants at which something differs.
    /// - Parameters:
    ///   - rows: When each row in the destination began, ascending.
    ///   - differing: Instants in the window at which rows came, went or changed, with the number of rows that came.
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
            // No row is on a bound, so the counts on both sides are the same on every server.
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

    /// The expected number of rows that are fetched.
    public var fetchedRows: Int { fetched.reduce(0, +) }

    /// The number of requests that fetch the ranges and count the whole window at the end.
    public func requests(pageSize: Int) -> Int {
        fetched.reduce(1) { $0 + max(1, ($1 + pageSize - 1) / max(1, pageSize)) }
    }
}
