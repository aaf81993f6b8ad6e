import Crypto
public import ExportCore
import FoundationEssentials
import SystemPackage

/// A folder of the local file system.
///
/// Files of a window are staged under `_agentsight/staging/<key>`, in the destination's own file system, and brought to the disk.
/// The manifest is staged last: from then on the window is decided, and a run that finds it staged completes the commit.
/// Publishing removes the old manifest, renames the files, and renames the manifest last, so that a manifest never speaks of files
/// that are not there.
public struct FolderDestination: LastingDestination {
    let root: FilePath

    public var name: String { root.string }

    /// - Parameter path: Absolute, or relative to the working folder. It need not exist.
    public init(path: String) {
        root = FilePath(path)
    }

    var state: FilePath { root.appending(Self.stateName) }
    var windows: FilePath { state.appending("windows") }
    var runs: FilePath { state.appending("runs") }
    var catalog: FilePath { state.appending("columns.json") }
    var staging: FilePath { state.appending("staging") }

    static let stateName = StateLayout.folder

    // MARK: What stands there

    public func standing(of window: Window) throws -> WindowState.Standing {
        guard let content = try FileSystem.read(manifestPath(window.key)) else { return .nothing }
        guard let manifest = try? StateFile.decode(Manifest.self, from: content) else { return .unreadable }
        let missing = manifest.files.first { FileSystem.size(of: root.appending($0.path)) != $0.bytes }
        return .manifest(manifest, missing: missing?.path)
    }

    public func columns() throws -> ColumnCatalog {
        guard let content = try FileSystem.read(catalog) else { return ColumnCatalog() }
        do {
            return try StateFile.decode(ColumnCatalog.self, from: content)
        } catch {
            throw StoreError.unreadableColumns(path: catalog.string)
        }
    }

    /// Refuses a destination that is no folder, or that another declaration has written to: its files would stand beside the new
    /// ones, and be read with them. Nothing is changed.
    public func check(pipeline: String, every: WindowLength) async throws {
        if FileSystem.kind(of: root) == .other { throw StoreError.notAFolder(path: root.string) }
        try await checkWindows(pipeline: pipeline, every: every)
    }

    func manifestPath(_ key: String) -> FilePath {
        windows.appending("\(key).json")
    }

    // MARK: Writing

    public func makeFile(_ index: Int, of window: Window) throws -> OutputFile {
        let folder = staging.appending(window.key)
        try FileSystem.makeFolders(folder)
        return try OutputFile(creating: folder.appending(String(index)))
    }

    public func discard(_ window: Window, keepingRows: Bool) throws {
        if !keepingRows { try removeSpool(of: window.key) }
        let folder = staging.appending(window.key)
        // Decided already: whoever finds it completes it.
        guard FileSystem.kind(of: folder.appending("manifest.json")) == .nothing else { return }
        try FileSystem.removeAll(folder)
    }

    /// A window that stands there with the same rows is left alone, to the last byte: what loads changed files loads it only once.
    public func commit(_ manifest: Manifest, columns: ColumnCatalog?) throws {
        let folder = staging.appending(manifest.window.key)
        if columns == nil, try stands(manifest) {
            try FileSystem.removeAll(folder)
            return try removeSpool(of: manifest.window.key)
        }
        let part = folder.appending("part")
        if let columns {
            try FileSystem.replace(folder.appending("columns.json"), with: StateFile.encode(columns), through: part)
        }
        try FileSystem.replace(folder.appending("manifest.json"), with: StateFile.encode(manifest), through: part)
        try publish(folder, manifest)
    }

    /// Whether a window's files are there already, and say the same. They are read: a file that was damaged is written anew.
    private func stands(_ manifest: Manifest) throws -> Bool {
        guard let old = try self.manifest(ofWindow: manifest.window.key), old.saysTheSame(as: manifest) else { return false }
        return try old.files.allSatisfy { file in
            guard size(ofFile: file.path) == file.bytes else { return false }
            var hash = SHA256()
            let content = try InputFile(opening: root.appending(file.path))
            while let chunk = try content.next() { hash.update(data: chunk) }
            return hash.finalize().hexadecimal == file.sha256
        }
    }

    /// Makes a staged window visible. Done again from any point, it comes to the same.
    private func publish(_ folder: FilePath, _ manifest: Manifest) throws {
        // The window is decided: nobody goes on from its rows.
        try removeSpool(of: manifest.window.key)
        let place = manifestPath(manifest.window.key)
        let old = try FileSystem.read(place).flatMap { try? StateFile.decode(Manifest.self, from: $0) }
        // While the old manifest stands it is known which files are its own and not the new one's.
        for file in old?.files ?? [] where !manifest.files.contains(where: { $0.path.equalsExactly(file.path) }) {
            try FileSystem.remove(root.appending(file.path))
        }
        try FileSystem.remove(place)
        try FileSystem.syncFolder(windows)
        var folders: Set<FilePath> = []
        for (index, file) in manifest.files.enumerated() {
            let (source, target) = (folder.appending(String(index)), root.appending(file.path))
            guard FileSystem.kind(of: source) != .nothing else { continue }
            try FileSystem.makeFolders(target.removingLastComponent())
            try FileSystem.move(source, to: target)
            folders.insert(target.removingLastComponent())
        }
        for folder in folders { try FileSystem.syncFolder(folder) }
        let columns = folder.appending("columns.json")
        if FileSystem.kind(of: columns) != .nothing {
            try FileSystem.move(columns, to: catalog)
            try FileSystem.syncFolder(state)
        }
        try FileSystem.move(folder.appending("manifest.json"), to: place)
        try FileSystem.syncFolder(windows)
        try FileSystem.removeAll(folder)
    }

    /// Completes the commit of a window that a dead run had decided, and removes what else it left of it.
    func recover(_ key: String) throws {
        let folder = staging.appending(key)
        if FileSystem.kind(of: folder) == .folder, let content = try FileSystem.read(folder.appending("manifest.json")),
            let manifest = try? StateFile.decode(Manifest.self, from: content), manifest.window.key == key
        {
            try publish(folder, manifest)
        }
        try FileSystem.removeAll(folder)
    }
}

extension FolderDestination {
    /// Writes what a run did. The lock is held.
    public func record(_ run: RunRecord) throws {
        guard try !FileSystem.names(in: windows).isEmpty else { return }
        try FileSystem.makeFolders(runs)
        try FileSystem.makeFolders(staging)
        try FileSystem.replace(
            runs.appending("\(run.run).json"), with: StateFile.encode(run), through: staging.appending("\(Self.partName)\(run.run)")
        )
    }

    /// What the files in the staging folder begin with that belong to no window.
    static let partName = "part-"

    public func store(_ columns: ColumnCatalog) throws {
        try FileSystem.makeFolders(staging)
        try FileSystem.replace(catalog, with: StateFile.encode(columns), through: staging.appending("\(Self.partName)columns"))
    }
}
