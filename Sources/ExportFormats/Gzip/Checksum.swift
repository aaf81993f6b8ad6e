internal import CZlib

/// CRC-32 as gzip has it (RFC 1952, section 8).
enum Checksum {
    static func crc32(_ content: Span<UInt8>) -> UInt32 {
        // zlib reads `count` bytes from the pointer during the call; for an empty span it is given null, which it takes as a
        // request for the initial value, 0.
        content.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
    }

    /// That of two contents one after the other, of which the second has `length` bytes.
    static func combine(_ first: UInt32, _ second: UInt32, length: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), length))
    }
}
