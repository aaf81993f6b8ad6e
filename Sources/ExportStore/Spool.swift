import Foundation
import SystemPackage

/// Rows of a window that is under way, on disk: what is encoded only after its proof has to wait somewhere, and memory must not
/// grow with it.
///
/// The file has no name: it is gone with the process. One task uses it at a time.
public final class Spool: Sendable {
    private let handle: FileHandle
    private let path: String

    /// A part of the spool.
    public struct Extent: Sendable, Hashable {
        public let offset: Int
        public let length: Int

        public init(offset: Int, length: Int) {
            self.offset = offset
            self.length = length
        }
    }

    /// - Throws: `StoreError.system`.
    init(near folder: FilePath, name: String) throws {
        let path = folder.appending("\(name).spool")
        try FileSystem.remove(path)
        let descriptor = try StoreError.wrap(.create, path) {
            try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
        }
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path.string
        try FileSystem.remove(path)
    }

    /// - Throws: `StoreError.system`, as where the disk is full.
    public func write(_ rows: [UInt8], at offset: Int) throws {
        try StoreError.wrap(.write, path) {
            _ = try FileDescriptor(rawValue: handle.fileDescriptor).writeAll(toAbsoluteOffset: Int64(offset), rows)
        }
    }

    public func read(_ extent: Extent) throws -> [UInt8] {
        guard extent.length > 0 else { return [] }
        do {
            try handle.seek(toOffset: UInt64(extent.offset))
            if let content = try handle.read(upToCount: extent.length), content.count == extent.length { return Array(content) }
        } catch {
            throw StoreError.system(.read, path: path, .ioError)
        }
        throw StoreError.system(.read, path: path, .ioError)
    }
}
