/// Cuts ranges that have more rows than a page, on servers that ignore `ordering`.
enum RangeSplit {
    /// The maximum number of pieces in one cut: many waste requests where rows are clustered, few where they are spread.
    private static let limit = 16
    /// The intended fill of a page by a piece. Fuller pieces overflow too often.
    private static let fill = 0.7
    /// The earliest possible conversation. If a range has no start, the time before this is one piece.
    private static let earliest = Instant(seconds: 0)

    /// Cuts a range by the server's count and the rows of one page.
    /// - Returns: At least two adjacent pieces in the order of time. `nil` if the range is a single instant.
    static func pieces(of range: TimeRange, count: Int, rows: [RowKey]) -> [TimeRange]? {
        guard let start = range.start else {
            let bound = min(earliest, range.end.earlier(by: 1))
            return [TimeRange(start: nil, end: bound), TimeRange(start: bound, end: range.end)]
        }
        let width = range.end.microseconds - start.microseconds
        guard width > 1 else { return nil }
        let bounds =
            edges(of: range, start: start, rows: rows) ?? crowd(in: range, start: start, rows: rows)
            ?? evenly(start, width: width, count: count, page: rows.count)
        let all = [start] + bounds + [range.end]
        return zip(all, all.dropFirst()).map { TimeRange(start: $0, end: $1) }
    }

    /// Cuts off the edges of a range if the page was filled by rows outside it, which its widened bounds brought in.
    private static func edges(of range: TimeRange, start: Instant, rows: [RowKey]) -> [Instant]? {
        let outside = rows.filter { !range.contains($0.startedAt) }
        guard outside.count > rows.count / 2 else { return nil }
        let bounds = [
            outside.contains { $0.startedAt < start } ? start.later(by: 1) : nil,
            outside.contains { $0.startedAt >= range.end } ? range.end.earlier(by: 1) : nil,
        ].compactMap(\.self).filter { $0 > start && $0 < range.end }
        return bounds.isEmpty ? nil : Set(bounds).sorted()
    }

    /// The bounds of a small part of the range that contains all sampled rows. Rows in the order of time are not a sample, but one end of
    /// the range.
    private static func crowd(in range: TimeRange, start: Instant, rows: [RowKey]) -> [Instant]? {
        let inside = rows.map(\.startedAt).filter(range.contains)
        guard let low = inside.min(), let high = inside.max(), inside.count > 8 else { return nil }
        let isOneEnd = low != high && (isMonotone(inside, by: <=) || isMonotone(inside, by: >=))
        let isSmall = (high.microseconds - low.microseconds + 1) < (range.end.microseconds - start.microseconds) / Int64(limit)
        guard !isOneEnd, isSmall else { return nil }
        let bounds = [low, high.later(by: 1)].filter { $0 > start && $0 < range.end }
        return bounds.isEmpty ? nil : bounds
    }

    private static func isMonotone(_ instants: [Instant], by areInOrder: (Instant, Instant) -> Bool) -> Bool {
        zip(instants, instants.dropFirst()).allSatisfy(areInOrder)
    }

    private static func evenly(_ start: Instant, width: Int64, count: Int, page: Int) -> [Instant] {
        let wanted = Int((Double(count) / (Double(max(page, 1)) * fill)).rounded(.up))
        let pieces = Int64(min(max(wanted, 2), limit)).clamped(to: 2...max(2, width))
        return (1..<pieces).map { index in
            offGrid(start.later(by: width / pieces * index), step: width / pieces)
        }
    }

    /// Moves an instant off the whole milliseconds, where rows are likely, so that the counts on both sides are the same on every server.
    static func offGrid(_ instant: Instant, step: Int64) -> Instant {
        guard step > 2000 else { return instant }
        let (milliseconds, _) = instant.microseconds.quotientAndModulus(by: 1000)
        return Instant(microseconds: milliseconds * 1000 + 500)
    }
}

extension Comparable {
    fileprivate func clamped(to bounds: ClosedRange<Self>) -> Self {
        min(max(self, bounds.lowerBound), bounds.upperBound)
    }
}
