internal import CZlib

#if ISAL
    internal import CISAL
#endif

/// The CRC-32 of gzip (RFC 1952, section 8).
enum Checksum {
    static func crc32(_ content: Span<UInt8>) -> UInt32 {
        // Both libraries read `count` bytes from the pointer during the call, and nothing from an empty span, whose pointer may be null.
        #if ISAL
            defer { isal_release_vector_registers() }
            return content.withUnsafeBufferPointer { crc32_gzip_refl(0, $0.baseAddress, UInt64($0.count)) }
        #else
            return content.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
        #endif
    }

    /// The CRC-32 of the concatenation of two contents, the second of which has `length` bytes.
    static func combine(_ first: UInt32, _ second: UInt32, length: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), length))
    }
}
