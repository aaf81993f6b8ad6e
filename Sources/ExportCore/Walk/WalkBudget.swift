/// The limits of a walk, after which its list is considered one that will never add up.
///
/// The limits depend on what the server counts and returns, so that no window is too large, and no server is asked forever: responses
/// without new rows are weighed against those with new rows, and rows against the count.
struct WalkBudget: Sendable {
    /// Answers that brought a row that was not there.
    private(set) var fruitful = 0
    /// Answers that brought none: counts, pages that came again, ranges that had to be cut.
    private(set) var idle = 0
    /// Rows that the server counts and that were kept, those among them that were dropped again.
    private(set) var rows = 0
    /// The server's largest count of the whole window.
    private(set) var count = 0
    /// Rows of the fullest page.
    private var fullestPage = 0
    private var isFruitful = false

    /// Idle answers that any window may have, and how many more for each that brings something. On servers that ignore `ordering`, ranges
    /// are cut again and again before they fit on a page.
    private static let idleAnswers = 1000
    private static let idleForEachFruitful = 16
    /// Rows may be fetched again, round after round; and pages of them may come while the window is walked, beyond what was counted. Of a
    /// server that gives a row at a time, each is an answer.
    private static let rowsPerCounted = 8
    private static let pagesUncounted = 200
    private static let fruitfulUncounted = 2000
    /// A damaged spool may claim any number.
    private static let largestCount = 1 << 40

    /// Takes what the server counts in the whole window.
    mutating func counted(_ count: Int) {
        self.count = max(self.count, min(count, Self.largestCount))
    }

    /// Takes rows of an answer that were not there.
    /// - Parameter counted: Those of them that belong to what the server counts.
    mutating func kept(_ rows: Int, counted: Int) {
        self.rows += counted
        if rows > 0 { isFruitful = true }
    }

    /// Takes an answer, when its rows have been kept.
    mutating func answered(rows: Int) {
        fullestPage = max(fullestPage, rows)
        if isFruitful { fruitful += 1 } else { idle += 1 }
        isFruitful = false
    }

    /// Nil while the walk may go on.
    var excess: WalkBudgetExceeded? {
        let expected = Self.rowsPerCounted * count
        guard
            rows > expected + Self.pagesUncounted * fullestPage || fruitful > expected + Self.fruitfulUncounted
                || idle > Self.idleAnswers + Self.idleForEachFruitful * fruitful
        else { return nil }
        return WalkBudgetExceeded(requests: fruitful + idle, rows: rows, count: count)
    }
}

/// A list that does not add up, however often it is asked.
public struct WalkBudgetExceeded: Error, Sendable, Hashable {
    /// Answered until then.
    public let requests: Int
    /// Rows that came, those among them that came again.
    public let rows: Int
    /// The service's largest count of the whole window.
    public let count: Int

    /// Creates the error of a walk that was given up after so many requests and rows.
    public init(requests: Int, rows: Int, count: Int) {
        self.requests = requests
        self.rows = rows
        self.count = count
    }
}

extension WalkBudgetExceeded: CustomStringConvertible {
    public var description: String {
        """
        the service's list does not add up: \(requests) requests returned \(rows) rows, although it counted \(count), and the \
        list did not end. The window was not committed, and its last export stays. Check the endpoint and the rows that the \
        service lists for the span of the window, then run again.
        """
    }
}
