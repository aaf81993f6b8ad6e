import Crypto
public import ExportCore
import FoundationEssentials
import SystemPackage

/// Commits of windows, and the completion of commits that were interrupted.
///
/// If a step cannot be synced to the disk, the commit ends there. The system's view of the file or folder is then unreliable, since it may
/// have dropped what it could not write, so the next run writes the whole window anew.
extension FolderDestination {
    /// Commits a window. A committed window with the same rows is left unchanged to the byte, so that loaders of changed files do not load
    /// it again.
    public func commit(_ manifest: Manifest, columns: ColumnCatalog?, keeping kept: Set<Int> = []) throws {
        let root = try makeRoot()
        let staging = try root.makeFolder(Self.stateName, Self.stagingName)
        let key = try FileName(manifest.window.key, in: staging)
        if columns == nil, try stands(manifest, in: root) {
            try staging.removeAll(key)
            return try removeSpool(of: manifest.window.key)
        }
        let staged = try staging.makeFolder(key)
        if let columns {
            try staged.replace(Self.columnsName, with: StateFile.encode(columns), through: Self.part)
        }
        try staged.replace(Self.manifestName, with: StateFile.encode(manifest), through: Self.part)
        try publish(staged, manifest, keeping: kept, in: root)
        try staging.removeAll(key)
    }

    private static let part: FileName = "part"

    /// Whether a window's files already exist with the same content. They are read, so that a damaged file is rewritten.
    private func stands(_ manifest: Manifest, in root: Folder) throws -> Bool {
        guard let old = try self.manifest(ofWindow: manifest.window.key), old.hasSameContent(as: manifest) else { return false }
        return try old.committedFiles.allSatisfy { file in
            do {
                return try InputFile(openingFile: file.path, in: root)?.holds(file) ?? false
            } catch let error as StoreError where error.isSingleFile {
                return false
            }
        }
    }

    /// Makes a staged window visible. Its files, except for those already committed, and its manifest are staged and on the disk.
    private func publish(_ staged: Folder, _ manifest: Manifest, keeping kept: Set<Int> = [], in root: Folder) throws {
        // The window is decided, so no run will continue from its rows.
        try removeSpool(of: manifest.window.key)
        let state = try root.makeFolder(Self.stateName)
        let windows = try state.makeFolder(Self.windowsName)
        let place = try Self.fileName(ofManifest: manifest.window.key, in: windows)
        // As long as the old manifest exists, its files can be distinguished from the new ones.
        let paths = try manifest.committedFiles.map { try path(ofFile: $0.path) }
        let old = try self.manifest(ofWindow: manifest.window.key)?.committedFiles.map { try path(ofFile: $0.path) } ?? []
        for path in Set(old).subtracting(paths) { try root.folder(path.folder)?.remove(path.name) }
        try windows.remove(place)
        try windows.sync()
        for (index, path) in paths.enumerated() where !kept.contains(index) {
            try staged.move(.init(String(index), in: staged), to: root.makeFolder(path.folder), as: path.name)
        }
        for folder in Set(paths.map(\.folder)) { try root.makeFolder(folder).sync() }
        if try staged.status(of: Self.columnsName) != nil {
            try staged.move(Self.columnsName, to: state, as: Self.columnsName)
            try state.sync()
        }
        try staged.move(Self.manifestName, to: windows, as: place)
        do {
            try windows.sync()
        } catch {
            // The window is still decided but not complete. Otherwise the next run would assume that it is committed.
            try? windows.move(place, to: staged, as: Self.manifestName)
            throw error
        }
    }

    /// Removes a window. Its files are removed before the manifest, which lists them, so that an interrupted removal can be continued.
    public func remove(_ manifest: Manifest) throws {
        guard let root = try open(), let windows = try windows() else { return }
        for file in manifest.committedFiles {
            let path = try path(ofFile: file.path)
            try root.folder(path.folder)?.remove(path.name)
        }
        try windows.remove(Self.fileName(ofManifest: manifest.window.key, in: windows))
        try windows.sync()
    }

    // MARK: After a run that ended in the middle

    /// Removes the staged files of a window that was not decided. A decided one is completed by the next run.
    func removeUndecided(_ key: FileName, in staging: Folder) throws {
        if try decided(key, in: staging) == nil { try staging.removeAll(key) }
    }

    /// Completes the commit of a window that an earlier run had decided, and removes its other leftovers.
    func recover(_ key: FileName, in staging: Folder) throws {
        if let (staged, manifest) = try decided(key, in: staging) {
            let root = try makeRoot()
            if try renew(staged, manifest, in: root) { try publish(staged, manifest, in: root) }
        }
        try staging.removeAll(key)
    }

    /// The staged files of a window, if its manifest is staged.
    func decided(_ key: FileName, in staging: Folder) throws -> (Folder, Manifest)? {
        // Parts of files that belong to no window are not folders.
        guard try staging.status(of: key)?.type == .directory, let staged = try staging.folder(key),
            case .manifest(let manifest) = try StoredManifest(Self.manifestName, ofWindow: key.string, in: staged)
        else { return nil }
        return (staged, manifest)
    }

    /// Stages a decided window anew, from its staged and its published files. That a file exists with the right content does not show that
    /// it is on the disk.
    /// - Returns: False if a file is not the one that was staged. The commit then cannot be completed, and the window is due again.
    private func renew(_ staged: Folder, _ manifest: Manifest, in root: Folder) throws -> Bool {
        for (index, file) in manifest.committedFiles.enumerated() {
            let name = try FileName(String(index), in: staged)
            let source =
                try staged.openFile(name).map { InputFile($0.descriptor, path: staged.path(of: name)) }
                ?? InputFile(openingFile: file.path, in: root)
            guard let source else { return false }
            let digest = try staged.renew(name, from: source, atMost: file.bytes, through: Self.part)
            guard digest == OutputFile.Digest(bytes: file.bytes, sha256: file.sha256) else { return false }
        }
        let limit = ColumnCatalog.largestFile
        if let columns = try staged.read(Self.columnsName, atMost: limit)
            ?? root.folder(Self.stateName)?.read(Self.columnsName, atMost: limit)
        {
            try staged.replace(Self.columnsName, with: Array(columns), through: Self.part)
        }
        guard let content = try staged.read(Self.manifestName, atMost: Manifest.largestFile) else { return false }
        try staged.replace(Self.manifestName, with: Array(content), through: Self.part)
        return true
    }
}

extension Folder {
    /// Writes a file with the content of another one, which may be the one it replaces. `nil` if that is larger than expected.
    fileprivate func renew(
        _ name: FileName, from source: InputFile, atMost limit: Int, through temporary: FileName
    ) throws -> OutputFile.Digest? {
        try remove(temporary)
        var file = OutputFile(try createFile(temporary), path: path(of: temporary))
        var bytes = 0
        while let chunk = try source.next() {
            bytes += chunk.count
            guard bytes <= limit else {
                try remove(temporary)
                return nil
            }
            try file.write(chunk)
        }
        let digest = try file.finish()
        try move(temporary, to: self, as: name)
        return digest
    }
}

extension InputFile {
    /// Opens a file of a window. `nil` if it does not exist.
    convenience init?(openingFile text: String, in root: Folder) throws {
        guard let path = RelativePath(ofFile: text) else { throw StoreError.outside(path: "\(root.path)/\(text)") }
        guard let folder = try root.folder(path.folder), let file = try folder.openFile(path.name) else { return nil }
        self.init(file.descriptor, path: folder.path(of: path.name))
    }

    /// Whether the file is the one listed in a manifest.
    fileprivate func holds(_ file: Manifest.CommittedFile) throws -> Bool {
        var (hash, bytes) = (SHA256(), 0)
        while let chunk = try next() {
            hash.update(data: chunk)
            bytes += chunk.count
            // A larger one may be endless.
            if bytes > file.bytes { return false }
        }
        return bytes == file.bytes && hash.finalize().hexadecimal == file.sha256
    }
}
