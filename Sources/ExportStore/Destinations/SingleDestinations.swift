public import ExportCore
import Synchronization
import SystemPackage

/// A destination of a single file without manifests, as written by `dump -o`.
///
/// The file appears complete, replacing an earlier one, when its only window is committed. Until then no other process can open it by a
/// name, if the file system supports unnamed files.
public final class FileDestination: Destination {
    private let path: FilePath
    private let underWay = Mutex<AtomicFile?>(nil)

    public var name: String { path.string }

    /// Creates the destination of a run that writes one file.
    /// - Parameter path: The path of the file. Nothing is written there before the file is complete.
    public init(path: String) {
        self.path = FilePath(path)
    }

    /// Refuses a path that is a folder, is not in a folder, or is a device or a pipe, which the file would replace. Changes nothing.
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

/// Standard output as a destination. Windows are written one after the other as they are proved, and no state is kept.
public struct StreamDestination: Destination {
    private let temporaryFolder: FilePath

    public var name: String { StreamName.standardOutput }

    /// Creates the destination of a run that writes to standard output.
    /// - Parameter temporaryFolder: The folder for the rows of windows that are not proved yet.
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
