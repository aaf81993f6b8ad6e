internal import CZlib

/// Bytes with a meaning in JSON or CSV.
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

extension Span<UInt8> {
    /// The index of the first such byte in a range. `nil` if there is none. Traps if the range is not inside the span.
    public func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        // The C library reads only the bytes of the given span, and only during the call.
        extracting(range).withUnsafeBufferPointer { part in
            guard let start = part.baseAddress, let found = memchr(start, Int32(byte), part.count) else { return nil }
            return range.lowerBound + (found - UnsafeMutableRawPointer(mutating: start))
        }
    }

    /// Compares byte by byte as unsigned numbers: negative where this comes first, 0 where both are equal.
    func compare(to other: Span<UInt8>) -> Int {
        // The C library reads only the common length of both spans, and only during the call.
        let order = withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
                return Int(memcmp(first, second, Swift.min(left.count, right.count)))
            }
        }
        return order == 0 ? count - other.count : order
    }
}
