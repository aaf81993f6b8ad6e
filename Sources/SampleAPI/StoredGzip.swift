/// gzip (RFC 1952) without compression: deflate's stored blocks (RFC 1951, section 3.2.4) and a checksum.
///
/// It makes a client decode, which is what an imitation needs; the bytes do not get fewer.
enum StoredGzip {
    static func encode(_ content: [UInt8]) -> [UInt8] {
        // Method deflate, no flags, no time, no level, unknown system.
        var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        bytes.reserveCapacity(content.count + content.count / 65_535 * 5 + 32)
        var rest = content[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            bytes.append(rest.isEmpty ? 1 : 0)
            append(UInt16(block.count), to: &bytes)
            append(~UInt16(block.count), to: &bytes)
            bytes += block
        } while !rest.isEmpty
        append(checksum(content), to: &bytes)
        append(UInt32(truncatingIfNeeded: content.count), to: &bytes)
        return bytes
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    /// CRC-32 as RFC 1952, section 8, has it.
    static func checksum(_ content: [UInt8]) -> UInt32 {
        ~content.reduce(~0) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }
}
