/// The frame of a gzip member (RFC 1952): `header`, the blocks' bytes in order, and the result of `finish`.
///
/// A file has a single member, because some readers silently stop after the first one.
public struct GzipMember: Sendable {
    /// The header: deflate, without name, time and level, for an unknown system. It is constant, so that equal content gives equal files.
    public static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]

    /// An empty final block with fixed codes (RFC 1951, section 3.2.3), which follows the byte-aligned, non-final blocks.
    private static let endOfStream: [UInt8] = [0x03, 0x00]

    private var crc32: UInt32 = 0
    private var length = 0

    /// Creates an empty member.
    public init() {}

    /// Adds a block to the checksum and length. Its bytes are written by the caller, in the same order.
    public mutating func append(_ block: GzipBlock) {
        crc32 = Checksum.combine(crc32, block.crc32, length: block.length)
        length += block.length
    }

    /// The bytes that end the member: the end of the stream, the CRC-32 of the content and its length modulo 2^32.
    public consuming func finish() -> [UInt8] {
        var bytes = Self.endOfStream
        for value in [crc32, UInt32(truncatingIfNeeded: length)] {
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
            }
        }
        return bytes
    }
}
