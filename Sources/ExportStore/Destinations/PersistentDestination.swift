public import ExportCore

/// A destination that keeps its windows, and where only one run at a time writes a window: a folder or a bucket.
public protocol PersistentDestination: Destination, ReadableDestination {
    /// Whether an interrupted commit is always completed later, so that the files of the old window are not needed. Otherwise, rows that a
    /// commit replaces must also be stored elsewhere until it is done.
    var completesCommits: Bool { get }
    /// Refuses a destination that is not writable, or whose windows have another length. Changes nothing.
    /// - Returns: The key of its first window, whose manifest names the pipeline that wrote it. `nil` if there is none.
    /// - Throws: `StoreError`.
    func check(every: WindowLength) async throws -> String?
    /// Holds the lock of a share of the destination while `body` runs, and cleans up after crashed runs of the same share.
    /// - Parameters:
    ///   - holder: A description of this run for other runs.
    ///   - declaration: The declaration whose windows are written. `nil` if none are.
    /// - Throws: `StoreError.locked` if a run with an overlapping share is in progress, `otherRun` if one with another declaration is;
    ///   `StoreError`, and what `body` throws.
    func withLock<Result: Sendable>(
        holder: String, share: Share, for declaration: LockDeclaration?, _ body: () async throws -> Result
    ) async throws -> Result
    /// Holds the lock of what the runs of all shares have in common, such as the discovered columns, while `body` runs. Waits while another
    /// run holds it. The caller holds the lock of a share.
    /// - Throws: `StoreError`, `CancellationError`, and what `body` throws.
    func withColumnsLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result
    /// Writes the discovered columns. The columns lock, or the whole destination, is held.
    func store(_ columns: ColumnCatalog) async throws
    /// Writes when windows were compared with the service. The columns lock, or the whole destination, is held.
    func store(_ looks: LookRecords) async throws
    /// Writes the service's limits. The columns lock, or the whole destination, is held.
    func store(_ limits: LimitRecords) async throws
    /// Removes what a crashed run of the share has left, unless another one is in progress.
    func cleanUp(_ share: Share) async
    /// Completes the commits that a run of the share had decided before it crashed, unless another one is in progress.
    /// - Returns: Whether there were any.
    func completeCommits(_ share: Share) async -> Bool
    /// Removes a window: its files first, then its manifest. The whole destination is held.
    func remove(_ manifest: Manifest) async throws
    /// Writes the record of a run. The lock is held.
    func record(_ run: RunRecord) async throws
    /// Removes the spools of a share, which are not needed once all windows are committed.
    func removeSpools(of share: Share) throws
}

extension PersistentDestination {
    /// Returns false, because commits are atomic.
    public func completeCommits(_ share: Share) async -> Bool { false }

    /// Refuses a destination that is not writable, or that belongs to another declaration. Changes nothing.
    /// - Throws: `StoreError`.
    public func check(pipeline: String, every: WindowLength) async throws {
        guard let key = try await check(every: every) else { return }
        try check(try await manifest(ofWindow: key), isOf: pipeline)
    }

    /// Holds the lock of a share of the destination while `body` runs, for a run that writes no windows.
    public func withLock<Result: Sendable>(
        holder: String, share: Share, _ body: () async throws -> Result
    ) async throws -> Result {
        try await withLock(holder: holder, share: share, for: nil, body)
    }

    /// Holds the whole destination while `body` runs, unless a run of a share is in progress, which will do the same work when it ends.
    ///
    /// Several runs that try at the same time may block each other for a moment, so each tries again.
    /// - Returns: `nil` if another run is in progress.
    /// - Throws: `StoreError`, `CancellationError`, and what `body` throws.
    public func withExclusiveLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result? {
        for _ in 0..<50 {
            do {
                return try await withLock(holder: holder, share: .whole, body)
            } catch StoreError.locked {
                guard try await lockHolders().allSatisfy({ !$0.isActive || $0.holdsAll }) else { return nil }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        return nil
    }
}
