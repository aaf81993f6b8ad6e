public import ExportCore
public import ExportStore
import Foundation

/// Reads the content of the bucket without changing it.
extension S3Destination {
    public func isDestination() async throws -> Bool {
        try await client.hasKeys(key("\(StateLayout.folder)/"))
    }

    public func windowKeys() async throws -> [String] {
        // Sorted by key, the order would differ: `T02+0100.json` comes before `T02.json`.
        try await names(StateLayout.windows).sorted()
    }

    public func runNames() async throws -> [String] {
        try await names(StateLayout.runs).sorted()
    }

    /// The names of the files in a folder of the state, without their extension.
    private func names(_ folder: String) async throws -> [String] {
        var names: [String] = []
        try await client.forEachKey(key("\(folder)/"), most: ListingCheck.maximumNames) { key in
            guard let path = path(ofKey: key) else { return }
            let file = String(decoding: path.utf8.dropFirst(folder.utf8.count + 1), as: UTF8.self)
            if let name = StateLayout.name(ofFile: file), DestinationPath.isName(name) { names.append(name) }
        }
        return names
    }

    public func commitState(of window: Window) async throws -> WindowState.CommitState {
        guard let content = try await client.get(key(StateLayout.manifest(window.key)))?.content else { return .nothing }
        guard let manifest = try manifest(ofWindow: window.key, in: content) else { return .unreadable }
        for file in manifest.files where try await size(ofFile: file.path) != file.bytes {
            return .manifest(manifest, missing: file.path)
        }
        return .manifest(manifest, missing: nil)
    }

    public func manifest(ofWindow name: String) async throws -> Manifest? {
        try manifest(ofWindow: name, in: try await client.get(key(StateLayout.manifest(name)))?.content)
    }

    public func manifest(under name: String) async throws -> Manifest? {
        try state(
            Manifest.self, in: try await client.get(key(StateLayout.manifest(name)))?.content, at: StateLayout.manifest(name))
    }

    /// Decodes the manifest of a window. `nil` if it cannot be read, or belongs to another window, whose rows and files would be wrong.
    func manifest(ofWindow name: String, in content: Data?) throws(StoreError) -> Manifest? {
        let manifest = try state(Manifest.self, in: content, at: StateLayout.manifest(name))
        return manifest?.isOf(name) == true ? manifest : nil
    }

    /// Decodes a state file. `nil` if there is none, or it was changed.
    /// - Throws: `StoreError.newerFormat`.
    func state<Value: StoredState>(_ type: Value.Type, in content: Data?, at path: String) throws(StoreError) -> Value? {
        try StateFile.value(type, in: content, at: "\(name)/\(path)")
    }

    public func runRecord(named name: String) async throws -> RunRecord? {
        let path = StateLayout.runRecord(name)
        return try state(RunRecord.self, in: try await client.get(key(path))?.content, at: path)
    }

    public func columns() async throws -> ColumnCatalog {
        guard let content = try await client.get(key(StateLayout.columns))?.content else { return ColumnCatalog() }
        guard let columns = try state(ColumnCatalog.self, in: content, at: StateLayout.columns) else {
            throw StoreError.unreadableColumns(path: "\(name)/\(StateLayout.columns)")
        }
        return columns
    }

    public func looks() async throws -> LookRecords {
        let content = try await client.get(key(StateLayout.looks))?.content
        // A damaged or newer file is ignored, so that windows are compared again.
        return (try? state(LookRecords.self, in: content, at: StateLayout.looks)) ?? LookRecords()
    }

    public func limits() async throws -> StoredLimits {
        let content = try await client.get(key(StateLayout.limits))?.content
        return StoredLimits(content, at: "\(name)/\(StateLayout.limits)")
    }

    public func size(ofFile path: String) async throws -> Int? {
        try await client.head(key(path))?.size
    }

    public func openFile(_ path: String) async throws -> any ReadableFile {
        let head = try await client.head(key(path))
        // A file that was removed meanwhile has no bytes. The caller has checked its size.
        return RemoteFile(client: client, key: key(path), size: head?.size ?? 0, etag: head?.etag ?? "")
    }

    public func forEachFile(
        _ body: (String) async throws -> Void, unreadable: (String, StoreError) async throws -> Void
    ) async throws {
        try await client.forEachKey(key("")) { key in
            // Some tools create empty objects for folders, whose key is the prefix itself or ends with a slash.
            guard let path = path(ofKey: key), !path.isEmpty, path.utf8.last != UInt8(ascii: "/"),
                !path.utf8.starts(with: "\(StateLayout.folder)/".utf8)
            else { return }
            try await body(path)
        }
    }

    public func unknownStateFiles() async throws -> [String] {
        var strange: [String] = []
        try await client.forEachKey(key("\(StateLayout.folder)/")) { key in
            if let path = path(ofKey: key), !Self.isState(path) { strange.append(path) }
        }
        return strange
    }

    private static func isState(_ path: String) -> Bool {
        if [StateLayout.columns, StateLayout.looks, StateLayout.limits].contains(path) || StateLayout.isLock(path) { return true }
        let parts = path.splitExactly(at: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return false }
        let folder = "\(parts[0])/\(parts[1])"
        return [StateLayout.rows, StateLayout.digests].contains(folder)
            || [StateLayout.windows, StateLayout.runs].contains(folder) && StateLayout.name(ofFile: parts[2]) != nil
    }

    public func lockHolders() async throws -> [LockHolder] {
        var found: [LockHolder] = []
        for lock in try await takenLocks() where lock != .columns {
            guard let last = try await numbers(of: lock).last(client) else { continue }
            switch LockDecision.about(last.record, token: "", age: last.object.age, now: .now) {
            case .refuse(let holder): found.append(LockHolder(holder: holder, isActive: true, holdsAll: lock == .share(.whole)))
            case .takeOver(let left):
                found.append(LockHolder(holder: left?.holder, isActive: false, holdsAll: lock == .share(.whole)))
            case .free, .mine: break
            }
        }
        return found.sorted { $0.isActive && !$1.isActive }
    }
}

/// An object that is read in parts, each of which is requested again after transient failures.
private final class RemoteFile: ReadableFile {
    private let client: StoreClient
    private let key: String
    private let size: Int
    private let etag: String
    private var position = 0

    private static let chunkSize = 4 << 20

    init(client: StoreClient, key: String, size: Int, etag: String) {
        self.client = client
        self.key = key
        self.size = size
        self.etag = etag
    }

    func move(to offset: Int) { position = offset }

    func next() async throws -> [UInt8]? {
        guard position < size else { return nil }
        let range = position..<min(position + Self.chunkSize, size)
        position = range.upperBound
        return try await client.get(key, range, etag: etag)
    }
}
