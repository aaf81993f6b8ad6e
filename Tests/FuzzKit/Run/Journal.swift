public import SystemPackage

/// A file that holds the input being tried, so that it is known when the product traps or never ends.
///
/// A line `target length`, then the bytes; a file of a finding is the same.
public final class Journal {
    private let file: FileDescriptor

    /// Throws where the file cannot be made.
    public init(at path: FilePath) throws {
        file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }

    deinit {
        try? file.close()
    }

    func note(_ target: String, _ input: [UInt8]) throws {
        try file.writeAll(toAbsoluteOffset: 0, Self.bytes(target, input))
    }

    public static func bytes(_ target: String, _ input: [UInt8]) -> [UInt8] {
        Array("\(target) \(input.count)\n".utf8) + input
    }

    /// The target and the input; nil where the bytes are no such file.
    public static func read(_ bytes: [UInt8]) -> (target: String, input: [UInt8])? {
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        guard words.count == 2, let count = Int(words[1]), count >= 0, count < bytes.count - end else { return nil }
        return (String(words[0]), Array(bytes[(end + 1)...].prefix(count)))
    }
}
