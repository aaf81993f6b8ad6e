/// A window whose walk brought no row, or less than half of those that the destination has: it is walked once more before that is believed.
///
/// A service that is broken, or something that answers in its place, may say as well as a service that is not that there are no rows.
public struct FewerRows: Error, Sendable, Hashable {
    /// The window's key.
    public let window: String
    /// Rows that the destination has, asked for with the same filters.
    public let before: Int
    /// Rows that the first walk brought.
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
        /// Both walks brought the same, and the second is proved.
        case accepted
        /// The second walk brought as many rows as can be believed.
        case recovered
        /// The walks brought different rows, both of them few, or nothing is proved.
        case rejected
    }

    /// Nil where as many rows came as can be believed.
    /// - Parameter before: Nil where nothing stands that can be compared.
    public init?(_ rows: Int, before: Int?, window: String) {
        guard let before, Self.isFew(rows, before: before) else { return nil }
        (self.window, self.before, first) = (window, before, rows)
    }

    /// Takes what the second walk brought.
    public mutating func take(_ rows: Int, isProved: Bool) {
        again = Walked(rows: rows, isProved: isProved)
    }

    /// The decision from what both walks brought.
    public var verdict: Verdict {
        guard let again else { return .refetch }
        if !Self.isFew(again.rows, before: before) { return .recovered }
        return again.rows == first && again.isProved ? .accepted : .rejected
    }

    /// Rows that the second walk brought; nil before it did.
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
