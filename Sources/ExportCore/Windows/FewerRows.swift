/// A window whose walk returned none, or less than half, of the rows that the destination has. It is walked once more to confirm the
/// result.
///
/// A broken service, or something that responds instead of it, may also report that there are no rows.
public struct FewerRows: Error, Sendable, Hashable {
    /// The window's key.
    public let window: String
    /// The number of rows in the destination, exported with the same filters.
    public let before: Int
    /// The number of rows that the first walk returned.
    public let first: Int
    private var again: Walked?

    private struct Walked: Hashable {
        let rows: Int
        let isProved: Bool
    }

    /// The action for a window that lost rows.
    public enum Verdict: Sendable, Hashable {
        /// Walk the window once more.
        case refetch
        /// Both walks returned the same number of rows, and the second is proved: commit the window.
        case accepted
        /// The second walk returned a plausible number of rows: commit the window.
        case recovered
        /// Both walks returned few rows, and their numbers differ or the second is not proved: the window fails.
        case rejected
    }

    /// Creates the record of a first walk. `nil` if its number of rows is plausible.
    /// - Parameter before: The number of rows in the destination. `nil` if there is nothing to compare with.
    public init?(_ rows: Int, before: Int?, window: String) {
        guard let before, Self.isFew(rows, before: before) else { return nil }
        (self.window, self.before, first) = (window, before, rows)
    }

    /// Records the result of the second walk.
    public mutating func take(_ rows: Int, isProved: Bool) {
        again = Walked(rows: rows, isProved: isProved)
    }

    /// The decision by the results of both walks.
    public var verdict: Verdict {
        guard let again else { return .refetch }
        if !Self.isFew(again.rows, before: before) { return .recovered }
        return again.rows == first && again.isProved ? .accepted : .rejected
    }

    /// The number of rows that the second walk returned. `nil` before its end.
    public var second: Int? { again?.rows }

    private static func isFew(_ rows: Int, before: Int) -> Bool {
        before > 0 && rows < before - before / 2
    }
}

extension FewerRows: CustomStringConvertible {
    public var description: String {
        let came = "the service returned \(first == 1 ? "1 row" : "\(first) rows"), but the last export has \(before)"
        guard let second else { return came }
        return switch verdict {
        case .refetch, .accepted:
            "\(came). A second read gave the same number, and these rows were exported"
        case .recovered: "\(came). A second read gave \(second), which were exported"
        case .rejected:
            """
            \(came). A second read gave \(second), and the responses contradict each other. The window was not committed, and its \
            last export stays. Try again later
            """
        }
    }
}
