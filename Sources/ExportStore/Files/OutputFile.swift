import Crypto
import SystemPackage

/// A file that is written once, sequentially.
///
/// It has to be finished. Dropping it closes the descriptor, and its owner has to remove the written content.
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
        /// SHA-256 of the file, in lower-case hexadecimal digits.
        public let sha256: String
    }

    /// Writes to a new file by its descriptor.
    /// - Parameter isDurable: Whether the file must survive a crash of the system, so that `finish` waits for the disk.
    init(_ descriptor: FileDescriptor, path: String, isDurable: Bool = true) {
        self.descriptor = descriptor
        self.path = path
        kind = isDurable ? .file : .temporary
    }

    /// Writes to a descriptor that is not closed here, such as standard output.
    init(stream: FileDescriptor, name: String) {
        descriptor = stream
        path = name
        kind = .stream
    }

    deinit {
        // A failure cannot be reported here, and does not matter, since the file is not part of a commit yet.
        if kind != .stream { try? descriptor.close() }
    }

    /// Appends content to the file.
    /// - Throws: `StoreError.system`, for example if the disk is full.
    public mutating func write(_ content: [UInt8]) throws {
        try StoreError.wrap(.write, path) { _ = try descriptor.writeAll(content) }
        hash.update(data: content)
        bytes += content.count
    }

    /// Syncs the file to the disk, and returns its size and checksum.
    public consuming func finish() throws -> Digest {
        if kind == .file { try FileSystem.sync(descriptor, path: path) }
        return Digest(bytes: bytes, sha256: hash.finalize().hexadecimal)
    }
}

extension Sequence where Element == UInt8 {
    /// The bytes in hexadecimal, two lower-case digits each.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension FilePermissions {
    /// The permissions of persistent files, before the `umask` is applied.
    static let readWriteLessUmask: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
}
