public import ExportCore

/// A destination whose windows stay, and where one run at a time writes a window: a folder, or a bucket.
public protocol PersistentDestination: Destination, ReadableDestination {
    /// Whether a commit that was cut short is always completed, so that no file of the old window is missed. Where it is not, rows that a
    /// commit replaces have to stand in another place until it is done.
    var completesCommits: Bool { get }
    /// Refuses a place where nothing can be written, or whose windows are cut in another way. Nothing is changed.
    /// - Returns: The key of its first window, whose manifest tells which pipeline wrote it. Nil where there is none.
    /// - Throws: `StoreError`.
    func check(every: WindowLength) async throws -> String?
    /// Holds a share of the destination while `body` runs, and clears up after runs of the same share that died.
    /// - Parameters:
    ///   - holder: What another run is told of this one.
    ///   - declaration: Whose windows are written. Nil: none are.
    /// - Throws: `StoreError.locked` where a run is at work whose share overlaps, `otherRun` where one is that has another declaration;
    ///   `StoreError`, and what `body` throws.
    func withLock<Result: Sendable>(
        holder: String, share: Share, for declaration: LockDeclaration?, _ body: () async throws -> Result
    ) async throws -> Result
    /// Holds what the runs of all shares have in common, the discovered columns, while `body` runs. Waits for another run that does.
    /// The lock of a share is held.
    /// - Throws: `StoreError`, `CancellationError`, and what `body` throws.
    func withColumnsLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result
    /// Writes the discovered columns. They are held, or all of the destination is.
    func store(_ columns: ColumnCatalog) async throws
    /// Writes when windows were compared with the service. What all shares have in common is held, or all of the destination is.
    func store(_ looks: LookRecords) async throws
    /// Writes the service's limits. What all shares have in common is held, or all of the destination is.
    func store(_ limits: LimitRecords) async throws
    /// Removes what a run of the share has left that died, unless another one is at work.
    func cleanUp(_ share: Share) async
    /// Completes the commits that a run of the share had decided before it died, unless another one is at work.
    /// - Returns: Whether there were any.
    func completeCommits(_ share: Share) async -> Bool
    /// Removes a window: its files, and its manifest when these are gone. All of the destination is held.
    func remove(_ manifest: Manifest) async throws
    /// Writes what a run did. The lock is held.
    func record(_ run: RunRecord) async throws
    /// Removes the spools of a share: where everything stands, nobody goes on from them.
    func removeSpools(of share: Share) throws
}

extension PersistentDestination {
    /// False: a commit is one step.
    public func completeCommits(_ share: Share) async -> Bool { false }

    /// Refuses a place where nothing can be written, or that another declaration has written to. Nothing is changed.
    /// - Throws: `StoreError`.
    public func check(pipeline: String, every: WindowLength) async throws {
        guard let key = try await check(every: every) else { return }
        try check(try await manifest(ofWindow: key), isOf: pipeline)
    }

    /// Holds a share of the destination while `body` runs, for a run that writes no windows.
    public func withLock<Result: Sendable>(
        holder: String, share: Share, _ body: () async throws -> Result
    ) async throws -> Result {
        try await withLock(holder: holder, share: share, for: nil, body)
    }

    /// Holds all of the destination while `body` runs, unless a run of a part is at work: that one comes to the same end later.
    ///
    /// Runs that come to it together may all find another in their way for a moment, and look again.
    /// - Returns: Nil where another run is at work.
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
