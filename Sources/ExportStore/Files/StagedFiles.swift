package import ExportCore
import Foundation
import Synchronization
import SystemPackage

/// The files of windows in progress, for a destination that accepts only complete files.
///
/// They have no names, so that no other user can open them, and are removed with the process, however that ends.
package final class StagedFiles: Sendable {
    private let folder: FilePath
    private let files = Mutex<[String: [Int: StagedFile]]>([:])

    /// Creates a store of staged files.
    /// - Parameter temporaryFolder: A folder with room for the files of a few windows.
    package init(temporaryFolder: String) {
        folder = FilePath(temporaryFolder)
    }

    /// Creates the file of a window, by its index among the window's paths.
    /// - Throws: `StoreError.system`.
    package func make(_ index: Int, of window: Window) throws -> OutputFile {
        let descriptor = try TemporaryFile.nameless(in: Folder.temporary(folder))
        let staged = StagedFile(descriptor, path: folder.string)
        files.withLock { $0[window.key, default: [:]][index] = staged }
        // The file is also read, even after it was written.
        return OutputFile(try FileSystem.duplicate(descriptor, path: folder.string), path: folder.string, isDurable: false)
    }

    /// The file of a window, by its index among the window's paths.
    /// - Throws: `StoreError.system` if there is none, which is a bug.
    package func file(_ index: Int, of key: String) throws -> StagedFile {
        guard let file = files.withLock({ $0[key]?[index] }) else {
            throw StoreError.system(.open, path: "\(key)/\(index)", .noSuchFileOrDirectory)
        }
        return file
    }

    /// Removes the staged files of a window.
    package func remove(_ key: String) {
        files.withLock { $0[key] = nil }
    }

    /// Creates a spool for the rows of a window in progress, which is removed with the process.
    /// - Throws: `StoreError.system`.
    package func makeSpool() throws -> Spool {
        try Spool(in: Folder.temporary(folder))
    }
}

/// A staged file, for reading any part of it.
package final class StagedFile: Sendable {
    private let handle: FileHandle
    private let path: String

    init(_ descriptor: FileDescriptor, path: String) {
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path
    }

    /// Reads bytes from an offset; fewer if the file ends before.
    /// - Throws: `StoreError.system`.
    package func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try FileSystem.read(count, of: FileDescriptor(rawValue: handle.fileDescriptor), at: offset, path: path)
    }
}

extension Folder {
    /// Opens the folder for temporary files.
    /// - Throws: `StoreError.system`, also if it does not exist.
    static func temporary(_ path: FilePath) throws -> Folder {
        guard let folder = try open(path) else { throw StoreError.system(.open, path: path.string, .noSuchFileOrDirectory) }
        return folder
    }
}
