import ExportCore

/// Decides which window is committed next: in the order of time, one at a time.
struct CommitOrder: Sendable {
    /// The place of the next window to be committed.
    private(set) var next = 0
    private(set) var isCommitting = false
    private var storedColumns: ColumnCatalog

    /// Creates the order of a run that has committed nothing.
    /// - Parameter stored: The columns that the destination has.
    init(stored: ColumnCatalog) {
        storedColumns = stored
    }

    /// Begins the commit of the next window, whose files are written.
    mutating func begin(_ encoded: EncodedWindow) -> WindowToCommit {
        isCommitting = true
        defer { storedColumns = encoded.columns }
        return WindowToCommit(window: next, encoded: encoded, hasNewColumns: encoded.columns != storedColumns)
    }

    mutating func committed() {
        isCommitting = false
        next += 1
    }

    /// Skips the next window, because it failed.
    mutating func pass() { next += 1 }
}

/// A window to commit now.
struct WindowToCommit: Sendable {
    /// The window's place among those that are due.
    let window: Int
    let encoded: EncodedWindow
    /// Whether its columns differ from the stored ones.
    let hasNewColumns: Bool
}
