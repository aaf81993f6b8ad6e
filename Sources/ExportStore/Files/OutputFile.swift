import Crypto
import SystemPackage

/// A file that is written from its start to its end, once.
///
/// It has to be finished; dropping it closes the descriptor and leaves what was written to its owner to remove.
public struct OutputFile: ~Copyable {
    private let descriptor: FileDescriptor
    private let path: String
    private let kind: Kind
    private var hash = SHA256()
    private var bytes = 0

    private enum Kind {
        case file, temporary, stream
    }

    /// The size and checksum of the written bytes.
    public struct Digest: Sendable, Hashable {
        /// The size of the file, in bytes.
        public let bytes: Int
        /// In lower-case hexadecimal digits.
        public let sha256: String
    }

    /// Writes to a new file, which is open.
    /// - Parameter isDurable: Whether it has to outlive the system; then its end waits for the disk.
    init(_ descriptor: FileDescriptor, path: String, isDurable: Bool = true) {
        self.descriptor = descriptor
        self.path = path
        kind = isDurable ? .file : .temporary
    }

    /// Writes to a descriptor that others close, such as standard output.
    init(stream: FileDescriptor, name: String) {
        descriptor = stream
        path = name
        kind = .stream
    }

    deinit {
        // Nothing can be told of a failure here, and nothing depends on it: the file is not part of anything yet.
        if kind != .stream { try? descriptor.close() }
    }

    /// - Throws: `StoreError.system`, as where the disk is full.
    public mutating func write(_ content: [UInt8]) throws {
        try StoreError.wrap(.write, path) { _ = try descriptor.writeAll(content) }
        hash.update(data: content)
        bytes += content.count
    }

    /// Brings what was written to the disk.
    public consuming func finish() throws -> Digest {
        if kind == .file { try FileSystem.sync(descriptor, path: path) }
        return Digest(bytes: bytes, sha256: hash.finalize().hexadecimal)
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension FilePermissions {
    /// The permissions of files that stay, less the `umask`.
    static let readWriteLessUmask: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
}
