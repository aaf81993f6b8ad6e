extension JSONText {
    /// Appends a validated value in one form for all spellings of it: the order of keys, escapes, white space, and how a number is
    /// written make no difference.
    ///
    /// Different values have different forms. The form is for digests, and no JSON.
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

    /// A byte that no UTF-8 has ends a string, so that nothing in it can look like its end.
    private static let endOfText: UInt8 = 0xFF

    private static func appendCanonicalString(_ text: Span<UInt8>, _ value: Range<Int>, to output: inout [UInt8]) {
        output.append(Byte.quote)
        appendString(text, value, to: &output)
        output.append(endOfText)
    }

    private static func appendCanonicalObject(_ text: Span<UInt8>, _ object: Range<Int>, to output: inout [UInt8]) {
        var members: [(key: [UInt8], value: [UInt8])] = []
        forEachMember(of: object, in: text) { key, value in
            var member: (key: [UInt8], value: [UInt8]) = ([], [])
            appendString(text, key, to: &member.key)
            appendCanonical(text, value, to: &member.value)
            members.append(member)
        }
        members.sort { $0.key.lexicographicallyPrecedes($1.key) }
        output.append(Byte.openBrace)
        for member in members {
            output += member.key
            output.append(endOfText)
            output += member.value
            output.append(Byte.comma)
        }
        output.append(Byte.closeBrace)
    }

    /// Appends the significant digits and the exponent of ten: `1`, `1.0` and `10e-1` are one number.
    private static func appendCanonicalNumber(_ text: Span<UInt8>, _ value: Range<Int>, to output: inout [UInt8]) {
        var digits: [UInt8] = []
        var (fraction, exponent, isNegativeExponent) = (0, 0, false)
        var (isFraction, isExponent) = (false, false)
        for position in value {
            switch text[position] {
            case Byte.dot: isFraction = true
            case 0x65, 0x45: isExponent = true
            case Byte.minus: isNegativeExponent = isExponent
            case let byte where Byte.isDigit(byte) && isExponent:
                // No exponent that a number can have is larger: it stays there.
                exponent = min(exponent * 10 + Int(byte - Byte.zero), 1 << 40)
            case let byte where Byte.isDigit(byte):
                digits.append(byte)
                if isFraction { fraction += 1 }
            default: break
            }
        }
        exponent = (isNegativeExponent ? -exponent : exponent) - fraction
        while digits.last == Byte.zero {
            digits.removeLast()
            exponent += 1
        }
        let significant = digits.drop { $0 == Byte.zero }
        output.append(0x23)
        guard !significant.isEmpty else { return output.append(Byte.zero) }
        if text[value.lowerBound] == Byte.minus { output.append(Byte.minus) }
        output += significant
        output.append(0x65)
        output += Array(String(exponent).utf8)
    }
}
