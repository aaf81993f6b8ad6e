import ExportCore

/// How many rows stand for each window, and which windows came back with few of them.
struct StandingRows: Sendable {
    /// Nil where there is nothing to compare with.
    private let rows: [Int?]
    /// Windows that are asked for once more.
    private var fewer: [Int: FewerRows] = [:]

    /// - Parameter rows: One for each window that is due.
    init(_ rows: [Int?]) {
        self.rows = rows
    }

    /// Compares what a window's walk brought with what stands. Nil where as many rows came as can be believed, by the first walk.
    mutating func compare(_ outcome: WalkOutcome, of window: Int, key: String) -> FewerRows? {
        let came = outcome.proof.distinctIDs
        fewer[window]?.take(came, isProved: outcome.isProved)
        let found = fewer[window] ?? FewerRows(came, before: rows[window], window: key)
        fewer[window] = found?.verdict == .refetch ? found : nil
        return found
    }

    /// Whether so few rows came that they have to be asked for once more.
    func areFew(_ outcome: WalkOutcome, of window: Int, key: String) -> Bool {
        FewerRows(outcome.proof.distinctIDs, before: rows[window], window: key) != nil
    }
}
