internal import CZlib

/// A piece of a gzip member: content deflated on its own, ended at a byte by an empty stored block, not the end of the stream.
///
/// A pure function of content and level, so that blocks may be compressed in parallel and give the same bytes on any number
/// of threads. `GzipMember` joins them.
public struct GzipBlock: Sendable, Hashable {
    public let bytes: [UInt8]
    /// Of the content.
    public let crc32: UInt32
    /// Of the content, in bytes.
    public let length: Int

    public static let defaultLevel = 6

    /// Deflates the content. `level`: 1, fastest, to 9, smallest. Throws for any other level, and where memory runs out.
    public init(compressing content: Span<UInt8>, level: Int = defaultLevel) throws(DeflateError) {
        bytes = try Deflater.deflate(content, level: level)
        crc32 = Checksum.crc32(content)
        length = content.count
    }

    /// What made the bytes, for the record: with the same, they come out the same. `zlib 1.2.13 level 6`.
    public static func encoder(level: Int = defaultLevel) -> String {
        // zlibVersion returns a constant C string of the library, never null.
        "zlib \(String(cString: zlibVersion())) level \(level)"
    }
}

/// Why content was not deflated.
public enum DeflateError: Error, Sendable, Hashable {
    case impossibleLevel(Int)
    case outOfMemory
}

extension DeflateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .impossibleLevel(let level): "gzip has no level \(level); 1 to 9 are possible"
        case .outOfMemory: "not enough memory to compress"
        }
    }
}
