package import ExportCore
import Foundation
import Synchronization
import SystemPackage

/// The files of windows under way, for a destination that takes a file only when it is whole.
///
/// They have no names: they are gone with the process, however that ends.
package final class StagedFiles: Sendable {
    private let folder: FilePath
    private let files = Mutex<[String: [Int: StagedFile]]>([:])

    /// - Parameter temporaryFolder: With room for the files of a few windows.
    package init(temporaryFolder: String) {
        folder = FilePath(temporaryFolder)
    }

    /// - Throws: `StoreError.system`.
    package func make(_ index: Int, of window: Window) throws -> OutputFile {
        let path = folder.appending("agentsight-export-\(UInt64.random(in: 0 ... .max)).part")
        let output = try OutputFile(creating: path, isLasting: false)
        let staged = try StagedFile(opening: path)
        try FileSystem.remove(path)
        files.withLock { $0[window.key, default: [:]][index] = staged }
        return output
    }

    /// The file of a window, by its place among the window's paths.
    /// - Throws: `StoreError.system` where there is none: a fault of the program.
    package func file(_ index: Int, of key: String) throws -> StagedFile {
        guard let file = files.withLock({ $0[key]?[index] }) else {
            throw StoreError.system(.open, path: "\(key)/\(index)", .noSuchFileOrDirectory)
        }
        return file
    }

    package func remove(_ key: String) {
        files.withLock { $0[key] = nil }
    }

    /// A place for the rows of a window under way; it ends with the process.
    /// - Throws: `StoreError.system`.
    package func makeSpool() throws -> Spool {
        try Spool(near: folder, name: "agentsight-export-\(UInt64.random(in: 0 ... .max))")
    }
}

/// A file that was written, for reading any part of it.
package final class StagedFile: Sendable {
    private let handle: FileHandle
    private let path: FilePath

    init(opening path: FilePath) throws {
        let descriptor = try StoreError.wrap(.open, path) {
            try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        }
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path
    }

    /// So many bytes from an offset on; less where the file ends before.
    /// - Throws: `StoreError.system`.
    package func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try FileSystem.read(count, of: FileDescriptor(rawValue: handle.fileDescriptor), at: offset, path: path.string)
    }
}
