public import ExportCore

/// Reads validated JSON in place: a value is the range of its bytes in the text.
///
/// For bytes that were not validated, results are meaningless, but every function terminates and stays inside the text.
public enum JSONText {
    /// The kinds of JSON values.
    public enum Kind: Sendable, Hashable, CaseIterable {
        case object, array, string, number, `true`, `false`, null
    }

    /// Checks that `text` is exactly one JSON value.
    ///
    /// Returns the extent of the value, without surrounding white space. Escapes of unpaired surrogates are accepted.
    /// Throws if the text violates RFC 8259, is not UTF-8, or nests values more than 512 deep.
    public static func validate(_ text: Span<UInt8>) throws(JSONError) -> Range<Int> {
        var scanner = JSONScanner()
        scanner.skipWhiteSpace(text)
        let value = try scanner.skipValue(text, depth: 0)
        try scanner.finish(text)
        return value
    }

    /// The kind of a validated value, by its first byte.
    public static func kind(_ text: Span<UInt8>, _ value: Range<Int>) -> Kind {
        guard !value.isEmpty else { return .null }
        return switch text[value.lowerBound] {
        case Byte.openBrace: .object
        case Byte.openBracket: .array
        case Byte.quote: .string
        case 0x74: .true
        case 0x66: .false
        case 0x6E: .null
        default: .number
        }
    }

    /// Whether a validated value is `null`.
    public static func isNull(_ text: Span<UInt8>, _ value: Range<Int>) -> Bool {
        kind(text, value) == .null
    }

    /// Whether a value of minified JSON is `null`, `[]` or `{}`.
    static func isEmptyOrNull(_ text: Span<UInt8>, _ value: Range<Int>) -> Bool {
        switch kind(text, value) {
        case .null: true
        case .array, .object: value.count == 2
        default: false
        }
    }

    /// The value of a boolean. `nil` for anything else.
    public static func boolean(_ text: Span<UInt8>, _ value: Range<Int>) -> Bool? {
        switch kind(text, value) {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The value of a number without fraction and exponent that fits 64 bits. `nil` for anything else.
    public static func int64(_ text: Span<UInt8>, _ value: Range<Int>) -> Int64? {
        guard kind(text, value) == .number else { return nil }
        let isNegative = text[value.lowerBound] == Byte.minus
        var result: Int64 = 0
        for position in value.dropFirst(isNegative ? 1 : 0) {
            guard Byte.isDigit(text[position]) else { return nil }
            let digit = Int64(text[position] - Byte.zero)
            let (product, tooLarge) = result.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(isNegative ? -digit : digit)
            if tooLarge || overflow { return nil }
            result = sum
        }
        return result
    }

    /// The nearest double of a number. `nil` for anything else.
    static func double(_ text: Span<UInt8>, _ value: Range<Int>) -> Double? {
        guard kind(text, value) == .number else { return nil }
        return shortDouble(text, value) ?? Double(String(decoding: [UInt8](copying: text.extracting(value)), as: UTF8.self))
    }

    /// The double of a number with few digits and no exponent. Its digits and the power of ten are exact, so their quotient is the nearest
    /// double.
    private static func shortDouble(_ text: Span<UInt8>, _ value: Range<Int>) -> Double? {
        guard value.count <= 17 else { return nil }
        let isNegative = text[value.lowerBound] == Byte.minus
        var (digits, scale, isFraction): (Int, Double, Bool) = (0, 1, false)
        for position in value.dropFirst(isNegative ? 1 : 0) {
            if text[position] == Byte.dot {
                isFraction = true
            } else {
                guard Byte.isDigit(text[position]), digits < 100_000_000_000_000 else { return nil }
                digits = digits * 10 + Int(text[position] - Byte.zero)
                if isFraction { scale *= 10 }
            }
        }
        return (isNegative ? -1 : 1) * Double(digits) / scale
    }

    /// The string with its escapes decoded. `nil` if the value is not a string.
    ///
    /// The escape of an unpaired surrogate, which text cannot represent, stays as its six characters.
    public static func string(_ text: Span<UInt8>, _ value: Range<Int>) -> String? {
        guard kind(text, value) == .string else { return nil }
        var bytes: [UInt8] = []
        appendString(text, value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The date-time in a string. `nil` for anything else. Allocates no memory if the string has no escapes.
    public static func instant(_ text: Span<UInt8>, _ value: Range<Int>) -> Instant? {
        guard kind(text, value) == .string, value.count >= 2 else { return nil }
        let content = (value.lowerBound + 1)..<(value.upperBound - 1)
        if nextBackslash(text, content) == content.upperBound { return Instant(iso8601: text.extracting(content)) }
        return string(text, value).flatMap { Instant(iso8601: $0) }
    }

    /// The value at a path of keys below `object`. `nil` if it does not exist. Of duplicate keys, the last one counts.
    public static func value(at path: [String], of object: Range<Int>, in text: Span<UInt8>) -> Range<Int>? {
        var value = object
        for key in path {
            let wanted = Array(key.utf8)
            var found: Range<Int>?
            var members = JSONMembers(of: value, in: text)
            while let member = members.next(in: text) {
                if isKey(text, member.key, wanted) {
                    found = member.value
                }
            }
            guard let found else { return nil }
            value = found
        }
        return value
    }

    /// Calls `body` with the extents of each member's key, including its quotes, and value, in the order of the text.
    ///
    /// `string` decodes a key. A value other than an object has no members.
    public static func forEachMember(
        of object: Range<Int>, in text: Span<UInt8>, _ body: (_ key: Range<Int>, _ value: Range<Int>) throws -> Void
    ) rethrows {
        var members = JSONMembers(of: object, in: text)
        while let member = members.next(in: text) {
            try body(member.key, member.value)
        }
    }

    /// Calls `body` with the extent of each element. A value other than an array has no elements.
    public static func forEachElement(
        of array: Range<Int>, in text: Span<UInt8>, _ body: (_ element: Range<Int>) throws -> Void
    ) rethrows {
        var elements = JSONElements(of: array, in: text)
        while let element = elements.next(in: text) {
            try body(element)
        }
    }

    /// Whether the decoded key has these bytes.
    static func isKey(_ text: Span<UInt8>, _ key: Range<Int>, _ wanted: [UInt8]) -> Bool {
        let bytes = (key.lowerBound + 1)..<max(key.lowerBound + 1, key.upperBound - 1)
        if nextBackslash(text, bytes) == bytes.upperBound {
            return bytes.count == wanted.count && zip(bytes, wanted).allSatisfy { text[$0] == $1 }
        }
        var decoded: [UInt8] = []
        appendString(text, key, to: &decoded)
        return decoded == wanted
    }
}
