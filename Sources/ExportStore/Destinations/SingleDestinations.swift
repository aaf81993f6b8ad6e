public import ExportCore
import Synchronization
import SystemPackage

/// One file, without a folder of manifests around it: what `dump -o` writes.
///
/// It appears whole, in the place of what stood there, when its only window is committed. Until then no other process can open it by a
/// name, where the file system can do that.
public final class FileDestination: Destination {
    private let path: FilePath
    private let underWay = Mutex<AtomicFile?>(nil)

    public var name: String { path.string }

    /// Creates the destination of a run that writes one file.
    /// - Parameter path: Where the file comes to be; nothing is written there before it is whole.
    public init(path: String) {
        self.path = FilePath(path)
    }

    /// Refuses a path that is a folder or lies in none, and a device or a pipe, whose place the file would take. Nothing is changed.
    /// - Throws: `StoreError.aFolder`, `notAFile`, `noFolder`, `system`.
    public func check() throws { try AtomicFile.check(path.string) }

    public func commitState(of window: Window) -> WindowState.CommitState { .nothing }
    public func columns() -> ColumnCatalog { ColumnCatalog() }
    public func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        try Spool(in: AtomicFile.folder(of: path))
    }

    public func makeFile(_ index: Int, of window: Window) throws -> OutputFile {
        let replacement = try AtomicFile(of: path)
        underWay.withLock { $0.take() }?.discard()
        underWay.withLock { $0 = replacement }
        return try replacement.output()
    }

    public func commit(_ manifest: Manifest, columns: ColumnCatalog?, keeping kept: Set<Int>) throws {
        guard let replacement = underWay.withLock({ $0.take() }) else {
            throw StoreError.system(.rename, path: path.string, .noSuchFileOrDirectory)
        }
        try replacement.commit()
    }

    public func discard(_ window: Window, keepingRows: Bool) {
        underWay.withLock { $0.take() }?.discard()
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

    public func commitState(of window: Window) -> WindowState.CommitState { .nothing }
    public func columns() -> ColumnCatalog { ColumnCatalog() }

    public func makeSpool(for window: Window, fingerprint: String) throws -> Spool {
        try Spool(in: Folder.temporary(temporaryFolder))
    }

    public func makeFile(_ index: Int, of window: Window) -> OutputFile {
        OutputFile(stream: .standardOutput, name: StreamName.standardOutput)
    }

    public func commit(_ manifest: Manifest, columns: ColumnCatalog?, keeping kept: Set<Int>) {}
    public func discard(_ window: Window, keepingRows: Bool) {}
}

/// The name of a stream in messages and errors.
public enum StreamName {
    /// The name of standard output in errors and reports.
    public static let standardOutput = "standard output"
}
