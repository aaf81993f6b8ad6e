public import ExportCore
import SystemPackage

/// Reads the content of the destination without changing it.
extension FolderDestination {
    /// Whether an export has ever begun there.
    /// - Throws: `StoreError` if the status cannot be read, or there is another object.
    public func isDestination() throws -> Bool { try state() != nil }

    /// The committed state of a window.
    /// - Throws: `StoreError`, also if another object is in the way of the window's files.
    public func commitState(of window: Window) throws -> WindowState.CommitState {
        guard let root = try open() else { return .nothing }
        let stored = try root.folder(Self.stateName, Self.windowsName).map {
            try StoredManifest(Self.fileName(ofManifest: window.key, in: $0), ofWindow: window.key, in: $0)
        }
        guard case .manifest(let manifest) = stored else {
            try checkPlaces(window.paths, in: root)
            if case .unreadable = stored { return .unreadable }
            return .nothing
        }
        let named = Set(manifest.files.map(\.path))
        try checkPlaces(window.paths.filter { !named.contains($0) }, in: root)
        return .manifest(manifest, missing: try manifest.files.first { try !isWhole($0, in: root) }?.path)
    }

    /// Whether a file of a window exists, has its size, and can be opened. Its content is not read.
    private func isWhole(_ file: Manifest.File, in root: Folder) throws -> Bool {
        guard let path = RelativePath(ofFile: file.path), let folder = try root.folder(path.folder) else { return false }
        do {
            guard let opened = try folder.openFile(path.name) else { return false }
            try? opened.descriptor.close()
            return opened.size == file.bytes
        } catch StoreError.obstructed(.link, _) {
            // The link will be replaced.
            return false
        } catch let error as StoreError where error.isSingleFile {
            if case .obstructed = error { throw error }
            return false
        }
    }

    /// Checks that the files of a window can be written: each path must be a file, a link or free, and its folders must not be links.
    private func checkPlaces(_ paths: [String], in root: Folder) throws {
        for text in paths {
            let path = try path(ofFile: text)
            guard let folder = try root.folder(path.folder), let status = try folder.status(of: path.name) else { continue }
            let kind = FileKind(status.type)
            if kind != .file, kind != .link { throw StoreError.obstructed(kind, path: folder.path(of: path.name)) }
        }
    }

    /// Refuses a destination that is not a folder, that has other objects in the place of the exporter's own files, or whose windows have
    /// another length. Changes nothing.
    public func check(every: WindowLength) async throws -> String? {
        if let state = try state() { try Self.checkState(state) }
        return try await checkWindows(every: every)
    }

    private static func checkState(_ state: Folder) throws {
        let folders: [FileName] = [windowsName, runsName, stagingName, "spool"]
        for name in folders {
            guard let folder = try state.folder(name) else { continue }
            if name == stagingName { try checkKinds(in: folder, [.file, .folder]) }
            if name == "spool" { try checkKinds(in: folder, [.file]) }
        }
        try checkKinds(in: state, [.file, .folder])
    }

    private static func checkKinds(in folder: Folder, _ kinds: Set<FileKind>) throws {
        for name in try folder.names() {
            guard let status = try folder.status(of: name) else { continue }
            let kind = FileKind(status.type)
            guard kinds.contains(kind) else { throw StoreError.obstructed(kind, path: folder.path(of: name)) }
        }
    }

    /// The keys of the windows that have a manifest, readable or not, in order.
    public func windowKeys() throws -> [String] {
        // Sorted by file name, the order would differ: `T02+0100.json` comes before `T02.json`.
        try names(in: windows()).sorted()
    }

    /// The names of the files in a folder of the state, without their extension.
    private func names(in folder: Folder?) throws -> [String] {
        try folder?.names().compactMap { StateLayout.name(ofFile: $0.string) } ?? []
    }

    /// The manifest of a window. `nil` if it cannot be read, or was changed.
    /// - Throws: `StoreError` if the folder of the manifests cannot be read.
    public func manifest(ofWindow key: String) throws -> Manifest? { try manifest(under: key, ofWindow: key) }

    public func manifest(under key: String) throws -> Manifest? { try manifest(under: key, ofWindow: nil) }

    private func manifest(under key: String, ofWindow window: String?) throws -> Manifest? {
        guard let windows = try windows() else { return nil }
        do {
            let name = try Self.fileName(ofManifest: key, in: windows)
            guard case .manifest(let manifest) = try StoredManifest(name, ofWindow: window, in: windows) else { return nil }
            return manifest
        } catch let error as StoreError where error.isSingleFile {
            return nil
        }
    }

    private func runs() throws -> Folder? { try state()?.folder(Self.runsName) }

    /// The names of the runs that left a record, in the order of time.
    public func runNames() throws -> [String] { try names(in: runs()).sorted() }

    /// The record of a run. `nil` if it cannot be read, or was changed.
    /// - Throws: `StoreError` if the folder of the records cannot be read.
    public func runRecord(named name: String) throws -> RunRecord? {
        guard let runs = try runs() else { return nil }
        do {
            let content = try runs.read(.init(name + StateLayout.suffix, in: runs), atMost: RunRecord.largestFile)
            return try StateFile.value(RunRecord.self, in: content, at: "\(runs.path)/\(name)\(StateLayout.suffix)")
        } catch let error as StoreError where error.isSingleFile {
            return nil
        }
    }

    /// The size of a file of a window. `nil` if it does not exist.
    /// - Throws: `StoreError` if its status cannot be read, or it is not a file.
    public func size(ofFile path: String) throws -> Int? {
        guard let root = try open(), let path = RelativePath(ofFile: path), let folder = try root.folder(path.folder) else {
            return nil
        }
        guard let status = try folder.status(of: path.name) else { return nil }
        guard status.type == .regular else {
            throw StoreError.obstructed(FileKind(status.type), path: folder.path(of: path.name))
        }
        return Int(status.size)
    }

    /// Opens a file of a window for reading.
    /// - Throws: `StoreError`.
    public func openFile(_ path: String) throws -> any ReadableFile {
        guard let root = try open(), let file = try InputFile(openingFile: path, in: root) else {
            throw StoreError.system(.open, path: "\(name)/\(path)", .noSuchFileOrDirectory)
        }
        return file
    }
}
