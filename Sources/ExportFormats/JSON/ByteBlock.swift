import CBytes

/// Sixteen bytes of a text that are examined in one step.
///
/// All tests work on all bytes at once, by arithmetic or in C, because Swift compares the bytes of vectors one by one.
struct ByteBlock {
    static let width = 16

    private let bytes: SIMD16<UInt8>

    /// Loads sixteen bytes from `offset`. The load is bounds-checked.
    @inline(__always)
    init(_ text: Span<UInt8>, at offset: Int) {
        bytes = text.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    /// Marks the bytes that are equal to `byte`.
    @inline(__always)
    func equal(_ byte: UInt8) -> Marks { Marks(bytes_equal(bytes, byte)) }

    /// Marks the brackets of objects and arrays; and `Y`, `_`, `y` and DEL, which valid JSON has only in strings.
    @inline(__always)
    var brackets: Marks { Marks(bytes_equal(bytes | Self.bracketBits, 0x7F)) }

    /// The bits in which these brackets differ.
    private static let bracketBits: UInt8 = 0b0010_0110

    /// The bytes that need special treatment in a JSON string.
    @inline(__always)
    var breakingString: Marks { equal(Byte.quote) | equal(Byte.backslash) | belowSpace }

    /// Control characters.
    @inline(__always)
    var belowSpace: Marks { Marks((bytes &- 0x20) & ~bytes) }

    @inline(__always)
    var beyondASCII: Marks { Marks(bytes) }

    /// Marks the bytes that violate UTF-8 (RFC 3629, table of section 4), taking into account the three bytes before `offset`, from which
    /// the block was loaded. A character that continues after the block is judged by its beginning.
    func breakingUTF8(in text: Span<UInt8>, at offset: Int) -> Marks {
        let first = ByteBlock(text, at: offset - 1)
        let (second, third) = (ByteBlock(text, at: offset - 2), ByteBlock(text, at: offset - 3))
        let continuations = bytes & ~from(0xC0)
        let wanted = first.from(0xC0) | second.from(0xE0) | third.from(0xF0)
        let impossible = from(0xC0) & ~from(0xC2) | from(0xF5)
        // Overlong forms of three or four bytes, surrogates, and code points beyond Unicode.
        let tooLong = first.between(0xE0, 0xE1) & ~from(0xA0) | first.between(0xF0, 0xF1) & ~from(0x90)
        let tooLarge = first.between(0xED, 0xEE) & from(0xA0) | first.from(0xF4) & from(0x90)
        return Marks(continuations ^ wanted | impossible | tooLong | tooLarge)
    }

    /// Marks the bytes that are `byte` or more, which is beyond ASCII.
    @inline(__always)
    private func from(_ byte: UInt8) -> SIMD16<UInt8> { ((bytes & 0x7F) &+ (0 &- byte)) & bytes }

    @inline(__always)
    private func between(_ byte: UInt8, _ end: UInt8) -> SIMD16<UInt8> { from(byte) & ~from(end) }

    /// Stores the bytes where there is room for sixteen.
    @inline(__always)
    func store(to place: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(place).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
    }

    /// Some of the bytes of a block.
    struct Marks {
        /// The marks, in the high bit of each byte.
        private let bytes: SIMD16<UInt8>

        @inline(__always)
        fileprivate init(_ bytes: SIMD16<UInt8>) { self.bytes = bytes }

        @inline(__always)
        static func | (left: Marks, right: Marks) -> Marks { Marks(left.bytes | right.bytes) }

        /// The index of the first marked byte. `nil` if there is none.
        @inline(__always)
        var first: Int? { isEmpty ? nil : bits.trailingZeroBitCount }

        /// A bit for each byte, the lowest for the first.
        @inline(__always)
        var bits: UInt32 { bytes_high_bits(bytes) }

        @inline(__always)
        var isEmpty: Bool { bits == 0 }
    }
}
