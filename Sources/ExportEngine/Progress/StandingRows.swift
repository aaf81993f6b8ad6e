import ExportCore

/// The number of committed rows of each window, and the windows that came back with few of them.
struct StandingRows: Sendable {
    /// The rows of each window. `nil` if there is nothing to compare with.
    private let rows: [Int?]
    /// Windows that are fetched once more.
    private var fewer: [Int: FewerRows] = [:]

    /// Creates the counts of a run's windows.
    /// - Parameter rows: One for each due window.
    init(_ rows: [Int?]) {
        self.rows = rows
    }

    /// Compares the result of a window's walk with the committed rows. `nil` if the first walk returned a plausible number of rows.
    mutating func compare(_ outcome: WalkOutcome, of window: Int, key: String) -> FewerRows? {
        let came = outcome.proof.distinctIDs
        fewer[window]?.take(came, isProved: outcome.isProved)
        let found = fewer[window] ?? FewerRows(came, before: rows[window], window: key)
        fewer[window] = found?.verdict == .refetch ? found : nil
        return found
    }

    /// Whether the walk returned so few rows that the window has to be fetched once more.
    func areFew(_ outcome: WalkOutcome, of window: Int, key: String) -> Bool {
        FewerRows(outcome.proof.distinctIDs, before: rows[window], window: key) != nil
    }
}
