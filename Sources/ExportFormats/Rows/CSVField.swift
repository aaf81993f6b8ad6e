/// A field of a CSV record, and its quoting (RFC 4180, section 2, rules 5 to 7).
enum CSVField {
    /// Appends a field: in quotes where it is empty, or has more in it than plain ASCII text without commas and quotes. For a null field
    /// nothing is to be appended at all.
    static func append(_ content: Span<UInt8>, to output: inout [UInt8]) {
        if content.isEmpty || needsQuotes(content) {
            appendQuoted(content, to: &output)
        } else {
            output.append(content, 0..<content.count)
        }
    }

    /// In quotes, each of its own doubled.
    private static func appendQuoted(_ content: Span<UInt8>, to output: inout [UInt8]) {
        output.append(addingCapacity: 2 * content.count + 2) { field in
            field.append(Byte.quote)
            // There is room for twice the bytes and a closing quote, so whatever a step writes, even if the next one overwrites it, stays
            // inside.
            field.withUnsafeMutableBufferPointer { field, end in
                guard var target = field.baseAddress?.advanced(by: end) else { return }
                let start = target
                var source = 0
                while source <= content.count - ByteBlock.width {
                    let block = ByteBlock(content, at: source)
                    if block.equal(Byte.quote).isEmpty {
                        block.store(to: target)
                        target += ByteBlock.width
                    } else {
                        for index in source..<source + ByteBlock.width { put(content[index], &target) }
                    }
                    source += ByteBlock.width
                }
                for index in source..<content.count { put(content[index], &target) }
                end += target - start
            }
            field.append(Byte.quote)
        }
    }

    /// Puts down a byte, twice where it is a quote: always twice, and then over it where it is not, since guesses would fail too often.
    @inline(__always)
    private static func put(_ byte: UInt8, _ target: inout UnsafeMutablePointer<UInt8>) {
        target[0] = byte
        target[1] = byte
        target += byte == Byte.quote ? 2 : 1
    }

    /// More than RFC 4180 asks for, since quotes never harm: readers exist that take white space at the ends away, or end a row
    /// at a vertical tab or a line separator.
    private static func needsQuotes(_ content: Span<UInt8>) -> Bool {
        if content[0] == Byte.space || content[content.count - 1] == Byte.space { return true }
        var position = 0
        while position <= content.count - ByteBlock.width {
            let block = ByteBlock(content, at: position)
            let marks = block.equal(Byte.comma) | block.equal(Byte.quote) | block.belowSpace | block.beyondASCII
            if !marks.isEmpty { return true }
            position += ByteBlock.width
        }
        while position < content.count {
            let byte = content[position]
            if byte == Byte.comma || byte == Byte.quote || byte < Byte.space || byte >= 0x80 { return true }
            position += 1
        }
        return false
    }
}
