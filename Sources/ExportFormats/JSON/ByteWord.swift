internal import CZlib

/// Eight bytes of a text, looked at in one step. The first byte is the lowest.
///
/// Every question is answered by a mask with the high bit set in each byte for which it holds. Only the lowest set bit of
/// `belowSpace` and `equal` can be relied on: the subtraction may borrow into the bytes above a hit.
struct ByteWord {
    static let width = 8
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    private let bits: UInt64

    /// The bytes from `offset`, of which there must be eight; the load checks that.
    @inline(__always)
    init(_ text: Span<UInt8>, at offset: Int) {
        bits = UInt64(littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Puts the bytes at `offset`, where there must be room for eight; the store checks that.
    @inline(__always)
    func store(to text: inout MutableSpan<UInt8>, at offset: Int) {
        var bytes = text.mutableBytes
        bytes.storeBytes(of: bits.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Control characters.
    @inline(__always)
    var belowSpace: UInt64 { (bits &- Self.ones &* 0x20) & ~bits & Self.highs }

    @inline(__always)
    var beyondASCII: UInt64 { bits & Self.highs }

    @inline(__always)
    func equal(_ byte: UInt8) -> UInt64 {
        let zeroWhereEqual = bits ^ (Self.ones &* UInt64(byte))
        return (zeroWhereEqual &- Self.ones) & ~zeroWhereEqual & Self.highs
    }

    /// How many of the eight bytes are `byte`.
    @inline(__always)
    func occurrences(of byte: UInt8) -> Int { matches(byte).nonzeroBitCount }

    /// How many of the eight bytes stand above the last that is `byte`; eight where none is.
    @inline(__always)
    func bytesAbove(_ byte: UInt8) -> Int { matches(byte).leadingZeroBitCount >> 3 }

    /// The mask of the bytes that are `byte`, exact in every bit.
    @inline(__always)
    private func matches(_ byte: UInt8) -> UInt64 {
        let zeroWhereEqual = bits ^ (Self.ones &* UInt64(byte))
        let lowBits = ~Self.highs
        return ~(((zeroWhereEqual & lowBits) &+ lowBits) | zeroWhereEqual) & Self.highs
    }

    /// The place of the first hit of a mask that has one.
    @inline(__always)
    static func first(_ mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }
}

extension Span<UInt8> {
    /// The place of the first such byte in a range; nil where there is none. Traps where the range is not inside the span.
    public func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        // The C library looks only at the bytes of the span that it is given, and only during the call.
        extracting(range).withUnsafeBufferPointer { part in
            guard let start = part.baseAddress, let found = memchr(start, Int32(byte), part.count) else { return nil }
            return range.lowerBound + (found - UnsafeMutableRawPointer(mutating: start))
        }
    }
}

/// Bytes that mean something in JSON or CSV.
enum Byte {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let apostrophe: UInt8 = 0x27
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let dot: UInt8 = 0x2E
    static let zero: UInt8 = 0x30
    static let nine: UInt8 = 0x39
    static let colon: UInt8 = 0x3A
    static let equals: UInt8 = 0x3D
    static let at: UInt8 = 0x40
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D
    static let openBrace: UInt8 = 0x7B
    static let closeBrace: UInt8 = 0x7D

    static func isDigit(_ byte: UInt8) -> Bool { byte &- zero <= 9 }

    static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == space || byte == lineFeed || byte == carriageReturn || byte == tab
    }

    /// The value of a hexadecimal digit.
    static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }
}
