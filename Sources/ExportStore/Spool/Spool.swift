import Foundation
import SystemPackage

/// Rows of a window that is under way, on disk: what is encoded only when all of them are there has to wait somewhere, and memory must
/// not grow with it.
///
/// A spool with a name outlives its process, and says of each part which piece of the walk it is, so that another run goes on from
/// there. One without a name is gone with the process. One task at a time adds to a spool; what it has added, others may read.
public final class Spool: Sendable {
    private let handle: FileHandle
    private let path: String
    private let isDurable: Bool
    /// Where the first rows go.
    public let start: Int

    /// A part of the spool.
    public struct Extent: Sendable, Hashable {
        /// The first byte, from the start of the file.
        public let offset: Int
        /// The number of bytes.
        public let length: Int

        /// Creates an extent.
        public init(offset: Int, length: Int) {
            self.offset = offset
            self.length = length
        }

        /// The byte behind the last.
        public var end: Int { offset + length }
    }

    private init(_ descriptor: FileDescriptor, path: String, isDurable: Bool, first: [UInt8] = []) throws {
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path
        self.isDurable = isDurable
        start = first.count
        try write(first, at: 0)
    }

    /// A spool without a name.
    /// - Throws: `StoreError.system`.
    convenience init(in folder: Folder) throws {
        try self.init(TemporaryFile.nameless(in: folder), path: folder.path, isDurable: false)
    }

    /// A spool that outlives its process, in the place of another.
    /// - Throws: `StoreError.system`.
    convenience init(creating name: FileName, in folder: Folder, for origin: SpoolOrigin) throws {
        try folder.remove(name)
        try self.init(
            folder.createFile(name, .readWrite), path: folder.path(of: name), isDurable: true,
            first: SpoolRecord(origin: origin).line(before: []))
    }

    /// A spool that another process has left; nil where there is none.
    /// - Throws: `StoreError.obstructed` where something else than a file of its own is there, `StoreError.system`.
    convenience init?(opening name: FileName, in folder: Folder) throws {
        guard let file = try folder.openFile(name, isOwn: true) else { return nil }
        try self.init(file.descriptor, path: folder.path(of: name), isDurable: true)
    }

    /// Writes rows, and before them what they are, where the spool outlives its process.
    /// - Parameter end: Where the spool ends so far.
    /// - Returns: Where the rows stand.
    /// - Throws: `StoreError.system`, as where the disk is full.
    public func append(_ rows: [UInt8], _ record: SpoolRecord, at end: Int) throws -> Extent {
        let line = isDurable ? try record.line(before: rows) : []
        if !line.isEmpty { try write(line, at: end) }
        if !rows.isEmpty { try write(rows, at: end + line.count) }
        return Extent(offset: end + line.count, length: rows.count)
    }

    private func write(_ bytes: [UInt8], at offset: Int) throws {
        try StoreError.wrap(.write, path) {
            _ = try FileDescriptor(rawValue: handle.fileDescriptor).writeAll(toAbsoluteOffset: Int64(offset), bytes)
        }
    }

    /// - Throws: `StoreError.system`; also where the spool is shorter.
    public func read(_ extent: Extent) throws -> [UInt8] {
        let bytes = try read(atMost: extent)
        guard bytes.count == extent.length else { throw StoreError.system(.read, path: path, .ioError) }
        return bytes
    }

    /// As many bytes of the extent as there are.
    func read(atMost extent: Extent) throws -> [UInt8] {
        try FileSystem.read(
            extent.length, of: FileDescriptor(rawValue: handle.fileDescriptor), at: extent.offset, path: path)
    }

    var size: Int {
        get throws { Int(try StoreError.wrap(.look, path) { try FileDescriptor(rawValue: handle.fileDescriptor).stat().size }) }
    }

    /// Removes what stands behind `end`.
    func truncate(to end: Int) throws {
        try StoreError.wrap(.write, path) { try FileDescriptor(rawValue: handle.fileDescriptor).resize(to: Int64(end)) }
    }
}
