/// The result of a window of one table.
public struct WindowResult: Sendable, Hashable {
    /// The window's key.
    public let key: String
    /// The table's name in the warehouse.
    public let table: String
    /// The result.
    public var state: State
    /// The number of rows in the manifest or, for a window that the destination no longer has, in the ledger.
    public var rows: Int
    /// The number of characters that the system cannot store and that were replaced by U+FFFD.
    public var replacedCharacters: Int
    /// The reason for the state. `nil` if there is nothing to explain.
    public var reason: String?
    /// Whether the same load may succeed later, for a window that failed.
    var isRetryable: Bool

    /// The states of a window, as `load --format json` names them.
    public enum State: String, Sendable, Hashable, CaseIterable, Encodable {
        /// Written to the table by this load; in a dry run, to be written.
        case loaded
        /// Already in the table.
        case unchanged
        case failed
        /// Removed from the table, because the destination no longer has it.
        case pruned
        /// In the table, but no longer in the destination.
        case orphaned
        /// Not proved, and therefore not loaded.
        case unsettled
    }

    init(
        key: String, table: String, state: State, rows: Int, replacedCharacters: Int = 0, reason: String? = nil,
        isRetryable: Bool = false
    ) {
        self.key = key
        self.table = table
        self.state = state
        self.rows = rows
        self.replacedCharacters = replacedCharacters
        self.reason = reason
        self.isRetryable = isRetryable
    }
}

/// The result of a load.
public struct LoadReport: Sendable {
    /// The results by key, then in the order of the tables.
    public var windows: [WindowResult] = []
    /// Whether the command may succeed when it is repeated.
    public var isRetryable = false
    /// Why the load ended before all windows were processed. `nil` if it did not.
    public var stop: (any Error)?

    /// The number of windows in a state, each counted once whatever the number of its tables.
    public func count(_ state: WindowResult.State) -> Int {
        Set(windows.filter { $0.state == state }.map { Array($0.key.utf8) }).count
    }

    /// The rows that were loaded.
    public var loadedRows: Int { windows.filter { $0.state == .loaded }.map(\.rows).reduce(0, +) }
    /// The characters that were replaced.
    public var replacedCharacters: Int { windows.map(\.replacedCharacters).reduce(0, +) }
}
