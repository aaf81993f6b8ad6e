/// A half-open span of time `[start, end)`.
public struct TimeRange: Sendable, Hashable, Codable {
    /// The start of the range. `nil` for the beginning of all records.
    public var start: Instant?
    /// The end of the range, exclusive.
    public var end: Instant

    /// Creates a half-open range. A `nil` start means the beginning of all records.
    public init(start: Instant?, end: Instant) {
        self.start = start
        self.end = end
    }

    /// Whether the instant lies in the half-open range.
    public func contains(_ instant: Instant) -> Bool {
        (start.map { $0 <= instant } ?? true) && instant < end
    }

    /// Whether the range is not empty or reversed.
    package var isForward: Bool { start.map { $0 < end } ?? true }

    /// Whether every instant of `other` lies in this range.
    public func contains(_ other: TimeRange) -> Bool {
        guard other.end <= end else { return false }
        guard let start else { return true }
        guard let otherStart = other.start else { return false }
        return start <= otherStart
    }

    /// The smallest range that contains both.
    public func union(_ other: TimeRange) -> TimeRange {
        let start: Instant? = if let mine = start, let theirs = other.start { min(mine, theirs) } else { nil }
        return TimeRange(start: start, end: max(end, other.end))
    }
}

extension TimeRange: CustomStringConvertible {
    /// `2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z`, or `everything before …`.
    public var description: String {
        start.map { "\($0) to \(end)" } ?? "everything before \(end)"
    }
}
