import Crypto
public import ExportCore
import FoundationEssentials
import SystemPackage

/// A destination in a folder of the local file system.
///
/// Files of a window are staged under `_agentsight/staging/<key>`, in the destination's own file system, and synced to the disk. The
/// manifest is staged last. From then on the window is decided, and a run that finds it staged completes the commit. Publishing removes the
/// old manifest, renames the files, and renames the manifest last, so that a manifest never lists missing files.
///
/// Everything below the folder is looked up in it, name by name, without following symbolic links. The path of the folder itself may
/// contain links.
///
/// ```swift
/// let destination = FolderDestination(path: "exports/nightly")
/// for key in try destination.windowKeys() {
///     let rows = try destination.manifest(ofWindow: key)?.proof.distinctIDs
///     print(key, rows ?? 0)
/// }
/// ```
///
/// A writer holds a lock: `withLock(holder:share:for:_:)`.
public struct FolderDestination: PersistentDestination {
    let root: FilePath
    private let unsynced: UnsyncedFolders?

    /// The folder's path as given.
    public var name: String { root.string }

    /// Creates a destination in a folder.
    /// - Parameters:
    ///   - path: An absolute path, or one relative to the working folder. The folder need not exist.
    ///   - whenUnsynced: Called once, with a folder, if the file system cannot sync the names in it to the disk.
    public init(path: String, whenUnsynced: (@Sendable (String) -> Void)? = nil) {
        root = FilePath(path)
        unsynced = whenUnsynced.map(UnsyncedFolders.init)
    }

    static let stateName: FileName = "_agentsight"
    static let windowsName: FileName = "windows"
    static let runsName: FileName = "runs"
    static let stagingName: FileName = "staging"
    static let columnsName: FileName = "columns.json"
    static let looksName: FileName = "looks.json"
    static let limitsName: FileName = "limits.json"
    static let manifestName: FileName = "manifest.json"

    /// True, because the next run completes staged commits.
    public var completesCommits: Bool { true }

    // MARK: Folders

    /// The destination's folder. `nil` if it does not exist.
    func open() throws -> Folder? { try Folder.open(root, unsynced) }

    /// The folder with the exporter's state. `nil` if the destination was never written to.
    func state() throws -> Folder? { try open()?.folder(Self.stateName) }

    func windows() throws -> Folder? { try state()?.folder(Self.windowsName) }

    func staging() throws -> Folder? { try state()?.folder(Self.stagingName) }

    /// The destination's folder, which is created if necessary.
    func makeRoot() throws -> Folder {
        try FileSystem.makeFolders(root, unsynced)
        guard let folder = try open() else { throw StoreError.system(.open, path: root.string, .noSuchFileOrDirectory) }
        return folder
    }

    func makeState() throws -> Folder { try makeRoot().makeFolder(Self.stateName) }

    func makeStaging() throws -> Folder { try makeState().makeFolder(Self.stagingName) }

    static func fileName(ofManifest key: String, in windows: Folder) throws -> FileName {
        try .init(key + StateLayout.suffix, in: windows)
    }

    /// Parses the path of a window's file.
    /// - Throws: `StoreError.outside` if it is invalid.
    func path(ofFile text: String) throws -> RelativePath {
        guard let path = RelativePath(ofFile: text) else { throw StoreError.outside(path: "\(name)/\(text)") }
        return path
    }

    // MARK: Columns

    public func columns() throws -> ColumnCatalog {
        guard let state = try state(), let content = try state.read(Self.columnsName, atMost: ColumnCatalog.largestFile) else {
            return ColumnCatalog()
        }
        let place = state.path(of: Self.columnsName)
        guard let columns = try StateFile.value(ColumnCatalog.self, in: content, at: place) else {
            throw StoreError.unreadableColumns(path: place)
        }
        return columns
    }

    public func store(_ columns: ColumnCatalog) throws {
        let (state, staging) = (try makeState(), try makeStaging())
        let temporary = try FileName("\(Self.partName)columns", in: staging)
        let before = try state.read(Self.columnsName, atMost: ColumnCatalog.largestFile)
        do {
            try state.replace(Self.columnsName, with: StateFile.encode(columns), through: temporary, in: staging)
        } catch {
            // Otherwise the next run would assume that the new content is on the disk.
            if let before {
                try? state.replace(Self.columnsName, with: Array(before), through: temporary, in: staging)
            } else {
                try? state.remove(Self.columnsName)
            }
            throw error
        }
    }

    // MARK: Looks

    /// When windows were compared with the service. A damaged or newer file is ignored, so that windows are compared again.
    public func looks() throws -> LookRecords {
        guard let state = try state(), let content = try state.read(Self.looksName, atMost: LookRecords.largestFile) else {
            return LookRecords()
        }
        return (try? StateFile.value(LookRecords.self, in: content, at: state.path(of: Self.looksName))) ?? LookRecords()
    }

    public func store(_ looks: LookRecords) throws {
        let (state, staging) = (try makeState(), try makeStaging())
        try state.replace(
            Self.looksName, with: StateFile.encode(looks), through: .init("\(Self.partName)looks", in: staging), in: staging)
    }

    // MARK: Limits

    public func limits() throws -> StoredLimits {
        guard let state = try state() else { return StoredLimits(nil, at: name) }
        let content = try state.read(Self.limitsName, atMost: LimitRecords.largestFile)
        return StoredLimits(content, at: state.path(of: Self.limitsName))
    }

    public func store(_ limits: LimitRecords) throws {
        let (state, staging) = (try makeState(), try makeStaging())
        try state.replace(
            Self.limitsName, with: StateFile.encode(limits), through: .init("\(Self.partName)limits", in: staging), in: staging)
    }

    // MARK: Writing

    public func makeFile(_ index: Int, of window: Window) throws -> OutputFile {
        let staging = try makeStaging()
        let folder = try staging.makeFolder(.init(window.key, in: staging))
        let name = try FileName(String(index), in: folder)
        return OutputFile(try folder.createFile(name), path: folder.path(of: name))
    }

    public func discard(_ window: Window, keepingRows: Bool) throws {
        if !keepingRows { try removeSpool(of: window.key) }
        guard let staging = try staging() else { return }
        try removeUndecided(.init(window.key, in: staging), in: staging)
    }

    /// Writes the record of a run. The lock is held.
    public func record(_ run: RunRecord) throws {
        guard let windows = try windows(), try !windows.names().isEmpty else { return }
        let (runs, staging) = (try makeState().makeFolder(Self.runsName), try makeStaging())
        try runs.replace(
            .init(run.run + StateLayout.suffix, in: runs), with: StateFile.encode(run),
            through: .init(Self.partName + run.run, in: staging), in: staging)
    }

    /// The prefix of files in the staging folder that belong to no window.
    static let partName = "part-"
}
