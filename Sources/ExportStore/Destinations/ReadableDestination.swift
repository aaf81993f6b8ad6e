public import ExportCore

/// A destination that is read and not changed.
///
/// Paths and names are from the destination on.
public protocol ReadableDestination: Sendable {
    /// For messages: a path, or a URL.
    var name: String { get }

    /// Whether an export was ever begun there.
    func isDestination() async throws -> Bool
    /// The keys of the windows that have a manifest, readable or not, in order.
    func windowKeys() async throws -> [String]
    /// The committed state of a window.
    func commitState(of window: Window) async throws -> WindowState.CommitState
    /// The manifest of a window; nil where it cannot be read, or is not what was written.
    /// - Throws: `StoreError` where the destination itself cannot be read, and `newerFormat`.
    func manifest(ofWindow key: String) async throws -> Manifest?
    /// The manifest under the name of a window's manifest, even if it belongs to another window: for `verify`, which reports that.
    func manifest(under key: String) async throws -> Manifest?
    /// The discovered columns.
    func columns() async throws -> ColumnCatalog
    /// When windows were compared with the service, and what came of it.
    func looks() async throws -> LookRecords
    /// The service's limits, as earlier runs found them.
    func limits() async throws -> StoredLimits
    /// The names of the runs that left a record, in the order of time.
    func runNames() async throws -> [String]
    /// The record of a run; nil if it cannot be read or has been changed.
    func runRecord(named name: String) async throws -> RunRecord?
    /// The size of a file of a window, in bytes; nil where there is no such file.
    /// - Throws: `StoreError`, also where it cannot be looked at, or is no file.
    func size(ofFile path: String) async throws -> Int?
    /// A file of a window, for reading.
    func openFile(_ path: String) async throws -> any ReadableFile
    /// Calls `body` with every file of the destination but those of `_agentsight`, one after the other.
    /// - Parameter unreadable: Called with a folder whose names cannot be read, and why.
    func forEachFile(
        _ body: (String) async throws -> Void, unreadable: (String, StoreError) async throws -> Void
    ) async throws
    /// Files under `_agentsight` that are no part of it: leftovers of dead runs, and files of others.
    func unknownStateFiles() async throws -> [String]
    /// The runs that write to the destination, or died while they did; those at work come first.
    func lockHolders() async throws -> [LockHolder]
    /// The keys of windows whose commit was decided and is not at its end: they may be without a manifest until it is.
    /// Nil where that is not known: a run that is at work, or died, may have been at any window.
    func stagedWindowKeys() async throws -> [String]?
}

/// A file that is read from its start to its end, chunk by chunk.
public protocol ReadableFile {
    /// The next bytes, never none; nil at the end.
    /// - Throws: `StoreError`.
    func next() async throws -> [UInt8]?
    /// Goes on from another place of the file.
    func move(to offset: Int)
}

extension ReadableFile {
    /// A part of the file; fewer bytes where the file has not got them. Reading goes on from the file's start then.
    package func bytes(_ range: Range<Int>) async throws -> [UInt8] {
        defer { move(to: 0) }
        move(to: range.lowerBound)
        var bytes: [UInt8] = []
        while bytes.count < range.count, let chunk = try await next() { bytes += chunk }
        return Array(bytes.prefix(range.count))
    }
}

extension ReadableDestination {
    public func stagedWindowKeys() async throws -> [String]? { nil }

    /// Refuses to go on while a run writes to the destination: what it is at is neither there nor missing.
    /// - Throws: `StoreError.locked`.
    package func checkIsIdle() async throws {
        if let lockHolder = try await lockHolders().first, lockHolder.isActive {
            throw StoreError.locked(path: name, holder: lockHolder.holder)
        }
    }

    /// The manifest of a window; nil where it cannot be read, is not what was written, or is a newer version's.
    /// - Throws: `StoreError` where the destination itself cannot be read.
    package func readableManifest(ofWindow key: String) async throws -> Manifest? {
        do { return try await manifest(ofWindow: key) } catch StoreError.newerFormat { return nil }
    }

    /// The manifest under a name, even if it belongs to another window; nil if it cannot be read, or a newer version wrote it.
    package func readableManifest(under key: String) async throws -> Manifest? {
        do { return try await manifest(under: key) } catch StoreError.newerFormat { return nil }
    }

    /// The record of a run; nil if it cannot be read, has been changed, or was written by a newer version.
    /// - Throws: `StoreError` where the destination itself cannot be read.
    package func readableRunRecord(named name: String) async throws -> RunRecord? {
        do { return try await runRecord(named: name) } catch StoreError.newerFormat { return nil }
    }

    /// Where a window's manifest is.
    public func manifestName(ofWindow key: String) -> String { StateLayout.manifest(key) }

    /// Where a run's record is.
    public func runRecordName(_ name: String) -> String { StateLayout.runRecord(name) }

    /// Where the discovered columns are.
    public var catalogName: String { StateLayout.columns }

    /// Refuses a destination whose windows are cut in another way: their files would stand beside the new ones, and be read with
    /// them. Nothing is changed.
    /// - Returns: The key of its first window; nil where there is none.
    package func checkWindows(every: WindowLength) async throws -> String? {
        let keys = try await windowKeys()
        if let other = keys.first(where: { WindowLength(ofKey: $0) != every }) {
            throw StoreError.otherWindows(path: name, key: other)
        }
        return keys.first
    }

    /// Refuses a destination that another pipeline has written to.
    /// - Parameter manifest: Any of its windows. Nil: it cannot be read, or there is none.
    /// - Throws: `StoreError.otherPipeline`.
    package func check(_ manifest: Manifest?, isOf pipeline: String) throws {
        guard let manifest, manifest.pipeline != pipeline else { return }
        throw StoreError.otherPipeline(path: name, name: manifest.pipeline)
    }
}
