import Foundation
import SystemPackage

/// A file that is read from its start to its end, chunk by chunk.
public final class InputFile {
    private let handle: FileHandle
    private let path: String

    private static let chunkSize = 256 * 1024

    /// - Throws: `StoreError.system`.
    init(opening path: FilePath) throws {
        let descriptor = try StoreError.wrap(.open, path) {
            try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        }
        handle = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        self.path = path.string
    }

    /// The next bytes; nil at the end.
    /// - Throws: `StoreError.system`.
    public func next() throws -> [UInt8]? {
        do {
            guard let chunk = try handle.read(upToCount: Self.chunkSize), !chunk.isEmpty else { return nil }
            return Array(chunk)
        } catch {
            throw StoreError.system(.read, path: path, .ioError)
        }
    }
}
