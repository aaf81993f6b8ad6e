/// A checksum that finds damage to what a spool holds, and costs next to nothing: eight bytes in a step.
///
/// Each step gives another state for each word and each state before it, so that what differs in one word always shows. It protects
/// against disks and file systems, not against those who mean it.
struct SpoolChecksum {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var length = 0

    /// Takes the next bytes. They may come in several pieces, of which all but the last have a length that eight divides.
    mutating func update(_ content: [UInt8]) {
        let bytes = content.span.bytes
        var offset = 0
        while offset + 8 <= content.count {
            // The load checks its bounds, and any bits are a number.
            step(UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        if offset < content.count { step(content[offset...].reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
        length += content.count
    }

    private mutating func step(_ word: UInt64) {
        state = (state ^ word) &* 0xFF51_AFD7_ED55_8CCD
        state ^= state >> 32
    }

    /// In sixteen digits.
    consuming func finish() -> [UInt8] {
        step(UInt64(length))
        step(0)
        let state = state
        return Array((0..<8).map { UInt8(truncatingIfNeeded: state >> (56 - 8 * $0)) }.hexadecimal.utf8)
    }
}
