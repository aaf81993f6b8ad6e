import ExportCore
import ExportStore
import Synchronization

/// A folder that counts how often each window's manifest is read, and lets something happen just before its lock is taken, and before
/// each commit.
final class CountingDestination: PersistentDestination {
    private let folder: FolderDestination
    private let beforeLock: @Sendable () async throws -> Void
    private let beforeCommit: @Sendable () throws -> Void
    private let counts = Mutex<[String: Int]>([:])

    init(
        _ folder: FolderDestination, beforeLock: @escaping @Sendable () async throws -> Void = {},
        beforeCommit: @escaping @Sendable () throws -> Void = {}
    ) {
        self.folder = folder
        self.beforeLock = beforeLock
        self.beforeCommit = beforeCommit
    }

    /// How often each window was looked at, or its manifest read, since this was asked last.
    func takeReads() -> [String: Int] {
        counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
    }

    private func count(_ key: String) { counts.withLock { $0[key, default: 0] += 1 } }

    func commitState(of window: Window) throws -> WindowState.CommitState {
        count(window.key)
        return try folder.commitState(of: window)
    }

    func manifest(under key: String) throws -> Manifest? { try folder.manifest(under: key) }

    func manifest(ofWindow key: String) throws -> Manifest? {
        count(key)
        return try folder.manifest(ofWindow: key)
    }

    func withLock<Result: Sendable>(
        holder: String, share: Share, for declaration: LockDeclaration?, _ body: () async throws -> Result
    ) async throws -> Result {
        // Not where columns are completed, which writes no window of its own.
        if declaration != nil { try await beforeLock() }
        return try await folder.withLock(holder: holder, share: share, for: declaration, body)
    }

    // MARK: As the folder does it

    var name: String { folder.name }
    var completesCommits: Bool { folder.completesCommits }
    func check(every: WindowLength) async throws -> String? { try await folder.check(every: every) }
    func columns() throws -> ColumnCatalog { try folder.columns() }
    func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        try folder.makeSpool(for: window, fingerprint: fingerprint)
    }
    func spooled(_ window: Window, fingerprint: String) throws -> SpooledWindow? {
        try folder.spooled(window, fingerprint: fingerprint)
    }
    func makeFile(_ index: Int, of window: Window) throws -> OutputFile { try folder.makeFile(index, of: window) }
    func commit(_ manifest: Manifest, columns: ColumnCatalog?, keeping kept: Set<Int>) async throws {
        try beforeCommit()
        try folder.commit(manifest, columns: columns, keeping: kept)
    }
    func discard(_ window: Window, keepingRows: Bool) throws { try folder.discard(window, keepingRows: keepingRows) }
    func isDestination() throws -> Bool { try folder.isDestination() }
    func windowKeys() throws -> [String] { try folder.windowKeys() }
    func runNames() throws -> [String] { try folder.runNames() }
    func runRecord(named name: String) throws -> RunRecord? { try folder.runRecord(named: name) }
    func size(ofFile path: String) throws -> Int? { try folder.size(ofFile: path) }
    func openFile(_ path: String) async throws -> any ReadableFile { try folder.openFile(path) }
    func forEachFile(
        _ body: (String) async throws -> Void, unreadable: (String, StoreError) async throws -> Void
    ) async throws { try await folder.forEachFile(body, unreadable: unreadable) }
    func unknownStateFiles() throws -> [String] { try folder.unknownStateFiles() }
    func lockHolders() throws -> [LockHolder] { try folder.lockHolders() }
    func withColumnsLock<Result: Sendable>(holder: String, _ body: () async throws -> Result) async throws -> Result {
        try await folder.withColumnsLock(holder: holder, body)
    }
    func store(_ columns: ColumnCatalog) throws { try folder.store(columns) }
    func remove(_ manifest: Manifest) throws { try folder.remove(manifest) }
    func cleanUp(_ share: Share) async { await folder.cleanUp(share) }
    func completeCommits(_ share: Share) async -> Bool { await folder.completeCommits(share) }
    func record(_ run: RunRecord) throws { try folder.record(run) }
    func removeSpools(of share: Share) throws { try folder.removeSpools(of: share) }
    func looks() throws -> LookRecords { try folder.looks() }
    func store(_ looks: LookRecords) throws { try folder.store(looks) }
    func limits() throws -> StoredLimits { try folder.limits() }
    func store(_ limits: LimitRecords) throws { try folder.store(limits) }
}
