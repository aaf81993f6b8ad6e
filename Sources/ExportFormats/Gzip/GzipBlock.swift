internal import CZlib

/// A piece of a gzip member: content deflated on its own, ended at a byte by an empty stored block, not the end of the stream.
///
/// A pure function of content and level, so that blocks may be compressed in parallel and give the same bytes on any number
/// of threads. `GzipMember` joins them.
public struct GzipBlock: Sendable, Hashable {
    /// The deflated content: whole blocks that end at a byte's edge.
    public let bytes: [UInt8]
    /// The CRC-32 of the content.
    public let crc32: UInt32
    /// The length of the content, in bytes.
    public let length: Int

    /// Deflates the content.
    ///
    /// `level`: of zlib, 1, fastest, to 9, smallest; nil: by the fast encoder of this build, which is ISA-L where the package's trait
    /// `ISAL` is on, and else zlib at level 6. Throws for any other level, and where memory runs out.
    public init(compressing content: Span<UInt8>, level: Int? = nil) throws(DeflateError) {
        bytes = try Self.deflate(content, level)
        crc32 = Checksum.crc32(content)
        length = content.count
    }

    #if ISAL
        private static func deflate(_ content: Span<UInt8>, _ level: Int?) throws(DeflateError) -> [UInt8] {
            if let level { try Deflater.deflate(content, level: level) } else { try FastDeflater.deflate(content) }
        }

        private static var fastEncoder: String { FastDeflater.name }
    #else
        private static let fastLevel = 6

        private static func deflate(_ content: Span<UInt8>, _ level: Int?) throws(DeflateError) -> [UInt8] {
            try Deflater.deflate(content, level: level ?? fastLevel)
        }

        private static var fastEncoder: String { encoder(level: fastLevel) }
    #endif

    /// The name of the encoder, for the manifest: the same encoder produces the same bytes. `zlib 1.2.13 level 6`.
    public static func encoder(level: Int?) -> String {
        // zlibVersion returns a constant C string of the library, never null.
        level.map { "zlib \(String(cString: zlibVersion())) level \($0)" } ?? fastEncoder
    }
}

/// Why content was not deflated.
public enum DeflateError: Error, Sendable, Hashable {
    case impossibleLevel(Int)
    case outOfMemory
    case zstd(ZstdError)
}

extension DeflateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .impossibleLevel(let level): "gzip has no level \(level); levels are 1 to 9"
        case .outOfMemory: "not enough memory to compress"
        case .zstd(let error): "\(error)"
        }
    }
}
