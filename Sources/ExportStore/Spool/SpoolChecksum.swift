/// A fast checksum that detects damage to a spool, eight bytes per step.
///
/// Each step is a bijection of the word and of the previous state, so that a difference in a single word is always detected. It protects
/// against errors of disks and file systems, not against deliberate changes.
struct SpoolChecksum {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var length = 0

    /// Processes the next bytes. They may come in several pieces, whose lengths are multiples of eight except for the last.
    mutating func update(_ content: [UInt8]) {
        let bytes = content.span.bytes
        var offset = 0
        while offset + 8 <= content.count {
            // The load is bounds-checked, and all bit patterns are valid.
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

    /// The checksum in sixteen digits.
    consuming func finish() -> [UInt8] {
        step(UInt64(length))
        step(0)
        let state = state
        return Array((0..<8).map { UInt8(truncatingIfNeeded: state >> (56 - 8 * $0)) }.hexadecimal.utf8)
    }
}
