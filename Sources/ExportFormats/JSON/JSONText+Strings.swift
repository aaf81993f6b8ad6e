extension JSONText {
    /// Appends the decoded string, as returned by `string`.
    static func appendString(_ text: Span<UInt8>, _ string: Range<Int>, to output: inout [UInt8]) {
        guard string.count >= 2 else { return }
        var position = string.lowerBound + 1
        let end = string.upperBound - 1
        while position < end {
            let run = position..<nextBackslash(text, position..<end)
            output.append(text, run)
            position = run.upperBound
            if position < end {
                position = appendEscape(text, position..<end, to: &output)
            }
        }
    }

    /// The index of the first backslash, or the end of the range if there is none.
    static func nextBackslash(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        text.firstIndex(of: Byte.backslash, in: range) ?? range.upperBound
    }

    /// Decodes the escape at the start of the range and returns its end.
    private static func appendEscape(_ text: Span<UInt8>, _ rest: Range<Int>, to output: inout [UInt8]) -> Int {
        let start = rest.lowerBound
        guard rest.count >= 2 else {
            output.append(Byte.backslash)
            return rest.upperBound
        }
        switch text[start + 1] {
        case 0x62: output.append(0x08)
        case 0x66: output.append(0x0C)
        case 0x6E: output.append(Byte.lineFeed)
        case 0x72: output.append(Byte.carriageReturn)
        case 0x74: output.append(Byte.tab)
        case 0x75: return appendUnicodeEscape(text, rest, to: &output)
        case let byte: output.append(byte)
        }
        return start + 2
    }

    private static func appendUnicodeEscape(_ text: Span<UInt8>, _ rest: Range<Int>, to output: inout [UInt8]) -> Int {
        let start = rest.lowerBound
        guard let first = codeUnit(text, rest) else {
            output.append(text, rest)
            return rest.upperBound
        }
        if let scalar = Unicode.Scalar(first) {
            output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return start + 6
        }
        if first < 0xDC00, let second = codeUnit(text, (start + 6)..<max(start + 6, rest.upperBound)),
            (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        {
            output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return start + 12
        }
        output.append(text, start..<(start + 6))
        return start + 6
    }

    /// The number in a `\uXXXX` at the start of the range.
    static func codeUnit(_ text: Span<UInt8>, _ rest: Range<Int>) -> UInt32? {
        let start = rest.lowerBound
        guard rest.count >= 6, text[start] == Byte.backslash, text[start + 1] == 0x75 else { return nil }
        var unit: UInt32 = 0
        for position in (start + 2)..<(start + 6) {
            guard let digit = Byte.hexadecimal(text[position]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }
}

extension [UInt8] {
    /// A copy of the bytes.
    public init(copying bytes: Span<UInt8>) {
        self = []
        append(bytes, 0..<bytes.count)
    }

    /// Appends a range of the text, in one copy.
    @inline(__always)
    mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
        // The pointer is used only inside the closure, while the span keeps the bytes alive; `extracting` checks the range.
        text.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    mutating func append(_ text: StaticString) {
        // The pointer is to constant bytes of the program.
        text.withUTF8Buffer { append(contentsOf: $0) }
    }
}
