public import ExportCore

/// A destination that is only read.
///
/// Paths and names are relative to the destination.
public protocol ReadableDestination: Sendable {
    /// The name in messages: a path or a URL.
    var name: String { get }

    /// Whether an export has ever begun there.
    func isDestination() async throws -> Bool
    /// The keys of the windows that have a manifest, readable or not, in order.
    func windowKeys() async throws -> [String]
    /// The committed state of a window.
    func commitState(of window: Window) async throws -> WindowState.CommitState
    /// The manifest of a window. `nil` if it cannot be read, or was changed.
    /// - Throws: `StoreError` if the destination itself cannot be read, and `newerFormat`.
    func manifest(ofWindow key: String) async throws -> Manifest?
    /// The manifest under the name of a window's manifest, even if it belongs to another window: for `verify`, which reports that.
    func manifest(under key: String) async throws -> Manifest?
    /// The discovered columns.
    func columns() async throws -> ColumnCatalog
    /// When windows were compared with the service, and the results.
    func looks() async throws -> LookRecords
    /// The service's limits that earlier runs found.
    func limits() async throws -> StoredLimits
    /// The names of the runs that left a record, in the order of time.
    func runNames() async throws -> [String]
    /// The record of a run. `nil` if it cannot be read, or was changed.
    func runRecord(named name: String) async throws -> RunRecord?
    /// The size of a file of a window in bytes. `nil` if the file does not exist.
    /// - Throws: `StoreError`, also if its status cannot be read, or it is not a file.
    func size(ofFile path: String) async throws -> Int?
    /// Opens a file of a window for reading.
    func openFile(_ path: String) async throws -> any ReadableFile
    /// Calls `body` with every file of the destination except those of `_agentsight`, one after the other.
    /// - Parameter unreadable: Called with each folder that cannot be listed, and the reason.
    func forEachFile(
        _ body: (String) async throws -> Void, unreadable: (String, StoreError) async throws -> Void
    ) async throws
    /// Files under `_agentsight` that do not belong there: leftovers of crashed runs, and files of others.
    func unknownStateFiles() async throws -> [String]
    /// The runs that are writing to the destination, or crashed while they did; those in progress come first.
    func lockHolders() async throws -> [LockHolder]
    /// The keys of windows whose commit was decided but is not complete, so that they may lack a manifest. `nil` if these are not known: a
    /// run in progress, or a crashed one, may be committing any window.
    func stagedWindowKeys() async throws -> [String]?
}

/// A file that is read sequentially in chunks.
public protocol ReadableFile {
    /// The next bytes, at least one. `nil` at the end.
    /// - Throws: `StoreError`.
    func next() async throws -> [UInt8]?
    /// Moves to another offset of the file.
    func move(to offset: Int)
}

extension ReadableFile {
    /// A part of the file, shorter if the file ends before. Moves to the start of the file afterwards.
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

    /// Throws an error if a run is writing to the destination, because the state of its windows is undetermined.
    /// - Throws: `StoreError.locked`.
    package func checkIsIdle() async throws {
        if let lockHolder = try await lockHolders().first, lockHolder.isActive {
            throw StoreError.locked(path: name, holder: lockHolder.holder)
        }
    }

    /// The manifest of a window. `nil` if it cannot be read, was changed, or was written by a newer version.
    /// - Throws: `StoreError` if the destination itself cannot be read.
    package func readableManifest(ofWindow key: String) async throws -> Manifest? {
        do { return try await manifest(ofWindow: key) } catch StoreError.newerFormat { return nil }
    }

    /// The manifest under a name, even if it belongs to another window. `nil` if it cannot be read, or a newer version wrote it.
    package func readableManifest(under key: String) async throws -> Manifest? {
        do { return try await manifest(under: key) } catch StoreError.newerFormat { return nil }
    }

    /// The record of a run. `nil` if it cannot be read, was changed, or was written by a newer version.
    /// - Throws: `StoreError` if the destination itself cannot be read.
    package func readableRunRecord(named name: String) async throws -> RunRecord? {
        do { return try await runRecord(named: name) } catch StoreError.newerFormat { return nil }
    }

    /// The path of a window's manifest.
    public func manifestName(ofWindow key: String) -> String { StateLayout.manifest(key) }

    /// The path of a run's record.
    public func runRecordName(_ name: String) -> String { StateLayout.runRecord(name) }

    /// The path of the discovered columns.
    public var catalogName: String { StateLayout.columns }

    /// Refuses a destination whose windows have another length, because readers would mix their files with the new ones. Changes nothing.
    /// - Returns: The key of its first window. `nil` if there is none.
    package func checkWindows(every: WindowLength) async throws -> String? {
        let keys = try await windowKeys()
        if let other = keys.first(where: { WindowLength(ofKey: $0) != every }) {
            throw StoreError.otherWindows(path: name, key: other)
        }
        return keys.first
    }

    /// Refuses a destination that belongs to another pipeline.
    /// - Parameter manifest: The manifest of any of its windows. `nil` if it cannot be read, or there is none.
    /// - Throws: `StoreError.otherPipeline`.
    package func check(_ manifest: Manifest?, isOf pipeline: String) throws {
        guard let manifest, manifest.pipeline != pipeline else { return }
        throw StoreError.otherPipeline(path: name, name: manifest.pipeline)
    }
}
