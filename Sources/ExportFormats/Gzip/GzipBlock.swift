internal import CZlib

/// A piece of a gzip member: independently compressed content that ends at a byte boundary with an empty stored block, without ending the
/// stream.
///
/// A pure function of content and level, so that blocks can be compressed in parallel with the same result for any number of threads.
/// `GzipMember` joins them.
public struct GzipBlock: Sendable, Hashable {
    /// The compressed content: whole blocks that end at a byte boundary.
    public let bytes: [UInt8]
    /// The CRC-32 of the content.
    public let crc32: UInt32
    /// The length of the content, in bytes.
    public let length: Int

    /// Compresses content.
    ///
    /// `level`: a level of zlib from 1 (fastest) to 9 (smallest), or `nil` for the fast encoder of this build: ISA-L with the package trait
    /// `ISAL`, otherwise zlib at level 6. Throws for any other level, and if memory is exhausted.
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

/// An error of compression.
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
