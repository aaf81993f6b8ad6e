package import ExportCore
import Foundation
import Synchronization
import SystemPackage

/// The files of windows under way, for a destination that takes a file only when it is whole.
///
/// They have no names: no other user can open them, and they are gone with the process, however that ends.
package final class StagedFiles: Sendable {
    private let folder: FilePath
    private let files = Mutex<[String: [Int: StagedFile]]>([:])

    /// - Parameter temporaryFolder: With room for the files of a few windows.
    package init(temporaryFolder: String) {
        folder = FilePath(temporaryFolder)
    }

    /// - Throws: `StoreError.system`.
    package func make(_ index: Int, of window: Window) throws -> OutputFile {
        let descriptor = try TemporaryFile.nameless(in: Folder.temporary(folder))
        let staged = StagedFile(descriptor, path: folder.string)
        files.withLock { $0[window.key, default: [:]][index] = staged }
        // It is read while it is written, and longer.
        return OutputFile(try FileSystem.duplicate(descriptor, path: folder.string), path: folder.string, isDurable: false)
    }

    /// The file of a window, by its place among the window's paths.
    /// - Throws: `StoreError.system` where there is none: a fault of the program.
    package func file(_ index: Int, of key: String) throws -> StagedFile {
        guard let file = files.withLock({ $0[key]?[index] }) else {
            throw StoreError.system(.open, path: "\(key)/\(index)", .noSuchFileOrDirectory)
        }
        return file
    }

    /// Removes what was staged for a window.
    package func remove(_ key: String) {
        files.withLock { $0[key] = nil }
    }

    /// A place for the rows of a window under way; it ends with the process.
    /// - Throws: `StoreError.system`.
    package func makeSpool() throws -> Spool {
        try Spool(in: Folder.temporary(folder))
    }
}

/// A file that was written, for reading any part of it.
package final class StagedFile: Sendable {
    private let handle: FileHandle
    private let path: String

    init(_ descriptor: FileDescriptor, path: String) {
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path
    }

    /// Reads bytes from an offset on; fewer where the file ends before.
    /// - Throws: `StoreError.system`.
    package func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try FileSystem.read(count, of: FileDescriptor(rawValue: handle.fileDescriptor), at: offset, path: path)
    }
}

extension Folder {
    /// The folder for what is not kept.
    /// - Throws: `StoreError.system`, also where it is not there.
    static func temporary(_ path: FilePath) throws -> Folder {
        guard let folder = try open(path) else { throw StoreError.system(.open, path: path.string, .noSuchFileOrDirectory) }
        return folder
    }
}
