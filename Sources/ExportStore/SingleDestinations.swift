public import ExportCore
import SystemPackage

/// One file, without a folder of manifests around it: what `dump -o` writes.
///
/// It appears whole, in the place of what stood there, when its only window is committed.
public struct FileDestination: Destination {
    private let path: FilePath

    public var name: String { path.string }

    public init(path: String) {
        self.path = FilePath(path)
    }

    private var folder: FilePath {
        let parent = path.removingLastComponent()
        return parent.isEmpty ? "." : parent
    }

    /// Hidden, beside the file, and named after it: two dumps to one file are the user's to keep apart.
    private var part: FilePath { folder.appending(".\(path.lastComponent?.string ?? "dump").part") }

    /// Refuses a path that is a folder or lies in none, and a device or a pipe, whose place the file would take. Nothing is changed.
    /// - Throws: `StoreError.aFolder`, `notAFile`, `noFolder`.
    public func check() throws {
        switch FileSystem.kind(of: path) {
        case .folder: throw StoreError.aFolder(path: path.string)
        case .other where FileSystem.size(of: path) == nil: throw StoreError.notAFile(path: path.string)
        case .other, .nothing: break
        }
        if FileSystem.kind(of: folder) != .folder { throw StoreError.noFolder(path: folder.string) }
    }

    public func standing(of window: Window) -> WindowState.Standing { .nothing }
    public func columns() -> ColumnCatalog { ColumnCatalog() }
    public func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        try Spool(near: folder, name: ".\(path.lastComponent?.string ?? "dump")")
    }

    public func makeFile(_ index: Int, of window: Window) throws -> OutputFile {
        try FileSystem.remove(part)
        return try OutputFile(creating: part)
    }

    public func commit(_ manifest: Manifest, columns: ColumnCatalog?) throws {
        try FileSystem.move(part, to: path)
        try FileSystem.syncFolder(folder)
    }

    public func discard(_ window: Window, keepingRows: Bool) throws {
        try FileSystem.remove(part)
    }
}

/// Standard output: windows follow one another as they are proved, and nothing is kept.
public struct StreamDestination: Destination {
    private let temporaryFolder: FilePath

    public var name: String { StreamName.standardOutput }

    /// - Parameter temporaryFolder: Where the rows of windows under way wait for their proof.
    public init(temporaryFolder: String) {
        self.temporaryFolder = FilePath(temporaryFolder)
    }

    public func standing(of window: Window) -> WindowState.Standing { .nothing }
    public func columns() -> ColumnCatalog { ColumnCatalog() }

    public func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        try Spool(near: temporaryFolder, name: "agentsight-export-\(UInt64.random(in: 0 ... .max))")
    }

    public func makeFile(_ index: Int, of window: Window) -> OutputFile {
        OutputFile(stream: .standardOutput, name: StreamName.standardOutput)
    }

    public func commit(_ manifest: Manifest, columns: ColumnCatalog?) {}
    public func discard(_ window: Window, keepingRows: Bool) {}
}

/// What a stream is called in messages and errors.
public enum StreamName {
    public static let standardOutput = "standard output"
}
