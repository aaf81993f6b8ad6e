import ExportCore

/// Decides which window is committed next: in the order of time, one at a time.
struct CommitOrder: Sendable {
    /// The place of the next window to be committed.
    private(set) var next = 0
    private(set) var isCommitting = false
    private var storedColumns: ColumnCatalog

    /// - Parameter stored: The columns that the destination has.
    init(stored: ColumnCatalog) {
        storedColumns = stored
    }

    /// Begins the commit of the next window, of which the files are written.
    mutating func begin(_ encoded: EncodedWindow) -> WindowToCommit {
        isCommitting = true
        defer { storedColumns = encoded.columns }
        return WindowToCommit(window: next, encoded: encoded, hasNewColumns: encoded.columns != storedColumns)
    }

    mutating func committed() {
        isCommitting = false
        next += 1
    }

    /// Leaves the next window out, since it failed.
    mutating func pass() { next += 1 }
}

/// A window that is to be committed now.
struct WindowToCommit: Sendable {
    /// Its place among those that are due.
    let window: Int
    let encoded: EncodedWindow
    /// Whether its columns are others than those that are stored.
    let hasNewColumns: Bool
}
