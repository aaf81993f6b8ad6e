/// The result of a window of one table.
public struct WindowResult: Sendable, Hashable {
    /// The window's key.
    public let key: String
    /// The table's name in the warehouse.
    public let table: String
    /// The result.
    public var state: State
    /// Rows of the window in the manifest; of one that the destination no longer has, in the ledger.
    public var rows: Int
    /// Characters that the system cannot hold, and that became U+FFFD.
    public var replacedCharacters: Int
    /// Why it is so; nil where nothing has to be said.
    public var reason: String?
    /// Whether the same load may succeed later, for a window that failed.
    var isRetryable: Bool

    /// The states of a window, as `load --format json` names them.
    public enum State: String, Sendable, Hashable, CaseIterable, Encodable {
        /// Written into the table by this load; of a dry run, that it would be.
        case loaded
        /// The table has it already.
        case unchanged
        case failed
        /// Removed from the table, since the destination no longer has it.
        case pruned
        /// The table has it, and the destination no longer has it.
        case orphaned
        /// Not proved, and so not loaded.
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
    /// By key, then in the order of the tables.
    public var windows: [WindowResult] = []
    /// Whether every failure may be gone when the command is repeated.
    public var isRetryable = false
    /// Why the load ended before all windows were seen to. Nil where it did not.
    public var stop: (any Error)?

    /// The windows in a state, each counted once whatever the number of its tables.
    public func count(_ state: WindowResult.State) -> Int {
        Set(windows.filter { $0.state == state }.map { Array($0.key.utf8) }).count
    }

    /// The rows that were loaded.
    public var loadedRows: Int { windows.filter { $0.state == .loaded }.map(\.rows).reduce(0, +) }
    /// The characters that were replaced.
    public var replacedCharacters: Int { windows.map(\.replacedCharacters).reduce(0, +) }
}
