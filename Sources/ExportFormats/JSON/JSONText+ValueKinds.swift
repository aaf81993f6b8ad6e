public import ExportCore

extension JSONText {
    /// The kinds of a validated value, which determine the type of a column. Empty for null.
    public static func kinds(_ text: Span<UInt8>, _ value: Range<Int>) -> ValueKinds {
        switch kind(text, value) {
        case .null: []
        case .true, .false: .boolean
        case .string: .string
        case .array, .object: .json
        case .number: numberKinds(text, value)
        }
    }

    /// Whether the string is a decimal number: digits with an optional minus sign and point, at most 38 before and 38 after it.
    static func isDecimal(_ text: Span<UInt8>, _ string: Range<Int>) -> Bool {
        guard kind(text, string) == .string, string.count > 2 else { return false }
        let content = (string.lowerBound + 1)..<(string.upperBound - 1)
        guard nextBackslash(text, content) < content.upperBound else { return isDecimal(text.extracting(content)) }
        var decoded: [UInt8] = []
        appendString(text, string, to: &decoded)
        return isDecimal(decoded.span)
    }

    private static func isDecimal(_ number: Span<UInt8>) -> Bool {
        var scanner = JSONScanner()
        guard number[0] == Byte.minus || Byte.isDigit(number[0]), (try? scanner.skipValue(number, depth: 0)) == 0..<number.count
        else {
            return false
        }
        let literal = NumberLiteral(number, 0..<number.count)
        return !literal.hasExponent && literal.fitsDecimal
    }

    private static func numberKinds(_ text: Span<UInt8>, _ value: Range<Int>) -> ValueKinds {
        let literal = NumberLiteral(text, value)
        guard literal.hasFraction || literal.hasExponent else {
            // Integers do not include negative zero.
            if literal.isNegativeZero { return .floating }
            if literal.wholeDigits <= NumberLiteral.doubleDigits { return .shortInteger }
            if int64(text, value) != nil { return .integer }
            return literal.fitsDecimal ? .decimal : .hugeNumber
        }
        let isDouble = literal.isShort || literal.isDouble(text, value)
        if isDouble { return literal.hasExponent || !literal.fitsDecimal ? .floating : .number }
        return !literal.hasExponent && literal.fitsDecimal ? .decimal : .hugeNumber
    }
}

/// The notation of a number.
private struct NumberLiteral {
    /// The number of digits before the point.
    private(set) var wholeDigits = 0
    private(set) var hasFraction = false
    private(set) var hasExponent = false
    /// The number of digits after the point.
    private var fractionDigits = 0
    /// The number of digits from the first to the last nonzero one.
    private var significantDigits = 0
    private var exponent = 0

    /// The number of digits that a double always preserves, within its range.
    static let doubleDigits = 15
    private static let decimalDigits = 38
    private static let doubleExponent = 250

    init(_ text: Span<UInt8>, _ value: Range<Int>) {
        var zeros = 0
        isNegativeZero = value.count == 2 && text[value.lowerBound] == Byte.minus && text[value.lowerBound + 1] == Byte.zero
        var position = value.lowerBound
        while position < value.upperBound {
            let byte = text[position]
            position += 1
            switch byte {
            case Byte.dot: hasFraction = true
            case 0x45, 0x65:
                hasExponent = true
                exponent =
                    Int(String(decoding: [UInt8](copying: text.extracting(position..<value.upperBound)), as: UTF8.self)) ?? .max
                position = value.upperBound
            case _ where Byte.isDigit(byte):
                if hasFraction { fractionDigits += 1 } else { wholeDigits += 1 }
                if byte == Byte.zero {
                    zeros += significantDigits > 0 ? 1 : 0
                } else {
                    significantDigits += zeros + 1
                    zeros = 0
                }
            default: break
            }
        }
    }

    private(set) var isNegativeZero = false

    var fitsDecimal: Bool { wholeDigits <= Self.decimalDigits && fractionDigits <= Self.decimalDigits }

    /// Whether a double preserves the number, whatever its digits.
    var isShort: Bool {
        significantDigits <= Self.doubleDigits
            && exponent.magnitude <= Self.doubleExponent && wholeDigits + fractionDigits <= Self.doubleExponent / 10
    }

    /// Whether the nearest double has these digits in its own shortest form.
    func isDouble(_ text: Span<UInt8>, _ value: Range<Int>) -> Bool {
        // The shortest form of a double has at most 17 digits.
        guard significantDigits <= 17 else { return false }
        let literal = [UInt8](copying: text.extracting(value))
        guard let double = Double(String(decoding: literal, as: UTF8.self)), double.isFinite else { return false }
        let own = Self.normalized(literal)
        return own != nil && own == Self.normalized(Array(double.description.utf8))
    }

    /// The digits from the first to the last nonzero one, and the position of the point.
    private struct Normalized: Equatable {
        var digits: [UInt8] = []
        var point = 0
    }

    private static func normalized(_ literal: [UInt8]) -> Normalized? {
        var result = Normalized()
        var isFraction = false
        for (index, byte) in literal.enumerated() {
            if byte | 0x20 == 0x65 {
                guard let exponent = Int(String(decoding: literal[(index + 1)...], as: UTF8.self)), exponent.magnitude < 10_000
                else {
                    return nil
                }
                result.point += exponent
                break
            }
            if byte == Byte.dot { isFraction = true }
            guard Byte.isDigit(byte) else { continue }
            if result.digits.isEmpty, byte == Byte.zero {
                result.point -= isFraction ? 1 : 0
            } else {
                result.point += isFraction ? 0 : 1
                result.digits.append(byte)
            }
        }
        while result.digits.last == Byte.zero { result.digits.removeLast() }
        if result.digits.isEmpty { result.point = 0 }
        return result
    }
}
