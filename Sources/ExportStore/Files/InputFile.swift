import Foundation
import SystemPackage

/// A file of the local file system, for reading.
final class InputFile: ReadableFile {
    private let handle: FileHandle
    private let path: String
    private var position = 0

    private static let chunkSize = 256 * 1024

    init(_ descriptor: FileDescriptor, path: String) {
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path
    }

    func move(to offset: Int) { position = offset }

    /// The next bytes. `nil` at the end.
    /// - Throws: `StoreError.system`.
    func next() throws -> [UInt8]? {
        let chunk = try FileSystem.read(
            Self.chunkSize, of: FileDescriptor(rawValue: handle.fileDescriptor), at: position, path: path)
        position += chunk.count
        return chunk.isEmpty ? nil : chunk
    }
}
