extension JSONText {
    /// Appends a validated value in canonical form: the order of keys, escapes, white space, and the notation of numbers make no
    /// difference.
    ///
    /// Different values have different forms. The form is for digests, and is not JSON.
    static func appendCanonical(_ text: Span<UInt8>, _ value: Range<Int>, to output: inout [UInt8]) {
        switch kind(text, value) {
        case .string: appendCanonicalString(text, value, to: &output)
        case .number: appendCanonicalNumber(text, value, to: &output)
        case .object: appendCanonicalObject(text, value, to: &output)
        case .array:
            output.append(Byte.openBracket)
            forEachElement(of: value, in: text) { element in
                appendCanonical(text, element, to: &output)
                output.append(Byte.comma)
            }
            output.append(Byte.closeBracket)
        case .true: output.append("true")
        case .false: output.append("false")
        case .null: output.append("null")
        }
    }

    /// The byte that ends a string. It does not occur in UTF-8, so the content of a string cannot contain it.
    private static let endOfText: UInt8 = 0xFF

    private static func appendCanonicalString(_ text: Span<UInt8>, _ value: Range<Int>, to output: inout [UInt8]) {
        output.append(Byte.quote)
        appendString(text, value, to: &output)
        output.append(endOfText)
    }

    private static func appendCanonicalObject(_ text: Span<UInt8>, _ object: Range<Int>, to output: inout [UInt8]) {
        var members: [(key: Range<Int>, value: Range<Int>)] = []
        forEachMember(of: object, in: text) { key, value in members.append((key, value)) }
        members.sort { precedes(text, $0.key, $1.key) }
        output.append(Byte.openBrace)
        for member in members {
            appendString(text, member.key, to: &output)
            output.append(endOfText)
            appendCanonical(text, member.value, to: &output)
            output.append(Byte.comma)
        }
        output.append(Byte.closeBrace)
    }

    /// Whether a key precedes another one, by their decoded bytes.
    private static func precedes(_ text: Span<UInt8>, _ first: Range<Int>, _ second: Range<Int>) -> Bool {
        if nextBackslash(text, first) < first.upperBound || nextBackslash(text, second) < second.upperBound {
            var decoded: (first: [UInt8], second: [UInt8]) = ([], [])
            appendString(text, first, to: &decoded.first)
            appendString(text, second, to: &decoded.second)
            return decoded.first.lexicographicallyPrecedes(decoded.second)
        }
        // Without the closing quotes, which are greater than some characters.
        let (first, second) = (first.dropLast(), second.dropLast())
        for (left, right) in zip(first, second) where text[left] != text[right] { return text[left] < text[right] }
        return first.count < second.count
    }

    /// Appends the significant digits and the exponent of ten: `1`, `1.0` and `10e-1` are one number.
    private static func appendCanonicalNumber(_ text: Span<UInt8>, _ value: Range<Int>, to output: inout [UInt8]) {
        output.append(0x23)
        let start = output.count
        if text[value.lowerBound] == Byte.minus { output.append(Byte.minus) }
        let significant = output.count
        var (fraction, exponent, isNegativeExponent) = (0, 0, false)
        var (isFraction, isExponent) = (false, false)
        for position in value {
            switch text[position] {
            case Byte.dot: isFraction = true
            case 0x65, 0x45: isExponent = true
            case Byte.minus: isNegativeExponent = isExponent
            case let byte where Byte.isDigit(byte) && isExponent:
                // Clamped to a value larger than any practical exponent.
                exponent = min(exponent * 10 + Int(byte - Byte.zero), 1 << 40)
            case let byte where Byte.isDigit(byte):
                if byte != Byte.zero || output.count > significant { output.append(byte) }
                if isFraction { fraction += 1 }
            default: break
            }
        }
        guard output.count > significant else {
            // Zero has no sign.
            output.removeSubrange(start...)
            return output.append(Byte.zero)
        }
        exponent = (isNegativeExponent ? -exponent : exponent) - fraction
        while output.last == Byte.zero {
            output.removeLast()
            exponent += 1
        }
        output.append(0x65)
        output += String(exponent).utf8
    }
}
