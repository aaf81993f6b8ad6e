/// A field of a CSV record, and its quoting (RFC 4180, section 2, rules 5 to 7).
enum CSVField {
    /// Appends a field, quoted if it is empty or is not plain ASCII text without commas and quotes. Nothing must be appended for a null
    /// field.
    static func append(_ content: Span<UInt8>, to output: inout [UInt8]) {
        if content.isEmpty || needsQuotes(content) {
            appendQuoted(content, to: &output)
        } else {
            output.append(content, 0..<content.count)
        }
    }

    /// Appends a field in quotes, with its own quotes doubled.
    private static func appendQuoted(_ content: Span<UInt8>, to output: inout [UInt8]) {
        output.append(addingCapacity: 2 * content.count + 2) { field in
            field.append(Byte.quote)
            // There is room for twice the bytes and a closing quote, so every step stays within the buffer, even bytes that the next step
            // overwrites.
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

    /// Writes a byte, twice if it is a quote. Without branches: it is always written twice, and the second is overwritten unless it is a
    /// quote.
    @inline(__always)
    private static func put(_ byte: UInt8, _ target: inout UnsafeMutablePointer<UInt8>) {
        target[0] = byte
        target[1] = byte
        target += byte == Byte.quote ? 2 : 1
    }

    /// Whether a field is quoted. That is more often than RFC 4180 requires, because some readers trim white space, or end a row at a
    /// vertical tab or a line separator.
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
