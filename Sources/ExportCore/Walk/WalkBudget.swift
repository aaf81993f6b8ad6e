/// The limits of a walk, beyond which its list counts as inconsistent.
///
/// The limits depend on what the server counts and returns, so that no window is too large and no walk is endless: responses without new
/// rows are weighed against those with new rows, and rows against the count.
struct WalkBudget: Sendable {
    /// The number of responses with a new row.
    private(set) var fruitful = 0
    /// The number of responses without one: counts, repeated pages, ranges that had to be cut.
    private(set) var idle = 0
    /// The number of kept rows that the server counts, including those that were dropped again.
    private(set) var rows = 0
    /// The server's largest count of the whole window.
    private(set) var count = 0
    /// The number of rows on the fullest page.
    private var fullestPage = 0
    private var isFruitful = false

    /// The allowance of idle responses: `idleAnswers`, plus `idleForEachFruitful` for each response with new rows. On servers that ignore
    /// `ordering`, ranges are cut repeatedly before they fit on a page.
    private static let idleAnswers = 1000
    private static let idleForEachFruitful = 16
    /// The allowance of rows: each counted row may be fetched repeatedly, and pages of new rows may appear while the window is walked. A
    /// server may return a single row per response, so the number of responses with new rows has its own allowance.
    private static let rowsPerCounted = 8
    private static let pagesUncounted = 200
    private static let fruitfulUncounted = 2000
    /// The largest count that is taken into account, since a damaged spool may claim any number.
    private static let largestCount = 1 << 40

    /// Records a count of the whole window by the server.
    mutating func counted(_ count: Int) {
        self.count = max(self.count, min(count, Self.largestCount))
    }

    /// Records the new rows of a response.
    /// - Parameter counted: The number of them that the server counts.
    mutating func kept(_ rows: Int, counted: Int) {
        self.rows += counted
        if rows > 0 { isFruitful = true }
    }

    /// Records a response after its rows were kept.
    mutating func answered(rows: Int) {
        fullestPage = max(fullestPage, rows)
        if isFruitful { fruitful += 1 } else { idle += 1 }
        isFruitful = false
    }

    /// The error if the walk has exceeded its limits. `nil` if it may continue.
    var excess: WalkBudgetExceeded? {
        let expected = Self.rowsPerCounted * count
        guard
            rows > expected + Self.pagesUncounted * fullestPage || fruitful > expected + Self.fruitfulUncounted
                || idle > Self.idleAnswers + Self.idleForEachFruitful * fruitful
        else { return nil }
        return WalkBudgetExceeded(requests: fruitful + idle, rows: rows, count: count)
    }
}

/// The error of a list that remains inconsistent however often it is requested.
public struct WalkBudgetExceeded: Error, Sendable, Hashable {
    /// The number of requests that were answered.
    public let requests: Int
    /// The number of rows that were returned, including repeats.
    public let rows: Int
    /// The service's largest count of the whole window.
    public let count: Int

    /// Creates the error of a walk that was given up after a number of requests and rows.
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
