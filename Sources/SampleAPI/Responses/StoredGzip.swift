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

    /// CRC-32 as RFC 1952, section 8, has it, eight bytes at a time.
    static func checksum(_ content: [UInt8]) -> UInt32 {
        content.withUnsafeBytes { content in
            tables.withUnsafeBufferPointer { tables in
                var sum: UInt32 = ~0
                var place = 0
                while place + 8 <= content.count {
                    let low = content.loadUnaligned(fromByteOffset: place, as: UInt32.self).littleEndian ^ sum
                    let high = content.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self).littleEndian
                    sum = 0
                    for byte in 0..<4 {
                        let (first, second) = (Int((low >> (8 * byte)) & 0xFF), Int((high >> (8 * byte)) & 0xFF))
                        sum ^= tables[(7 - byte) * 256 + first] ^ tables[(3 - byte) * 256 + second]
                    }
                    place += 8
                }
                for byte in content[place...] { sum = tables[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
                return ~sum
            }
        }
    }

    /// Eight tables of 256: what a byte does to the sum when 0 to 7 bytes follow it.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = (0..<256).map { index in
            (0..<8).reduce(UInt32(index)) { (value: UInt32, _) -> UInt32 in
                value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
            }
        }
        for place in 256..<(8 * 256) {
            let before = tables[place - 256]
            tables.append(tables[Int(before & 0xFF)] ^ (before >> 8))
        }
        return tables
    }()
}
