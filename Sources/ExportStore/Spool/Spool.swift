import Foundation
import SystemPackage

/// A file with the rows of a window in progress. Rows are encoded only when all of them have been fetched, and are spooled so that memory
/// use does not grow with the window.
///
/// A spool with a name outlives its process, and records the piece of the walk for each part, so that another run can continue from it. A
/// spool without a name is removed with the process. Only one task at a time appends to a spool, but others may read what it has appended.
public final class Spool: Sendable {
    private let handle: FileHandle
    private let path: String
    private let isDurable: Bool
    /// The offset of the first rows.
    public let start: Int

    /// A part of the spool.
    public struct Extent: Sendable, Hashable {
        /// The offset of the first byte in the file.
        public let offset: Int
        /// The number of bytes.
        public let length: Int

        /// Creates an extent.
        public init(offset: Int, length: Int) {
            self.offset = offset
            self.length = length
        }

        /// The offset after the last byte.
        public var end: Int { offset + length }
    }

    private init(_ descriptor: FileDescriptor, path: String, isDurable: Bool, first: [UInt8] = []) throws {
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path
        self.isDurable = isDurable
        start = first.count
        try write(first, at: 0)
    }

    /// Creates a spool without a name.
    /// - Throws: `StoreError.system`.
    convenience init(in folder: Folder) throws {
        try self.init(TemporaryFile.nameless(in: folder), path: folder.path, isDurable: false)
    }

    /// Creates a spool that outlives its process, replacing an earlier one.
    /// - Throws: `StoreError.system`.
    convenience init(creating name: FileName, in folder: Folder, for origin: SpoolOrigin) throws {
        try folder.remove(name)
        try self.init(
            folder.createFile(name, .readWrite), path: folder.path(of: name), isDurable: true,
            first: SpoolRecord(origin: origin).line(before: []))
    }

    /// Opens a spool that another process has left. `nil` if there is none.
    /// - Throws: `StoreError.obstructed` if there is an object that is not a spool's file, `StoreError.system`.
    convenience init?(opening name: FileName, in folder: Folder) throws {
        guard let file = try folder.openFile(name, isOwn: true) else { return nil }
        try self.init(file.descriptor, path: folder.path(of: name), isDurable: true)
    }

    /// Appends rows. In a spool that outlives its process, they are preceded by their record.
    /// - Parameter end: The current end of the spool.
    /// - Returns: The extent of the rows.
    /// - Throws: `StoreError.system`, for example if the disk is full.
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

    /// Reads an extent.
    /// - Throws: `StoreError.system`, also if the spool is shorter.
    public func read(_ extent: Extent) throws -> [UInt8] {
        let bytes = try read(atMost: extent)
        guard bytes.count == extent.length else { throw StoreError.system(.read, path: path, .ioError) }
        return bytes
    }

    /// The available bytes of an extent.
    func read(atMost extent: Extent) throws -> [UInt8] {
        try FileSystem.read(
            extent.length, of: FileDescriptor(rawValue: handle.fileDescriptor), at: extent.offset, path: path)
    }

    var size: Int {
        get throws { Int(try StoreError.wrap(.look, path) { try FileDescriptor(rawValue: handle.fileDescriptor).stat().size }) }
    }

    /// Removes everything after `end`.
    func truncate(to end: Int) throws {
        try StoreError.wrap(.write, path) { try FileDescriptor(rawValue: handle.fileDescriptor).resize(to: Int64(end)) }
    }
}
