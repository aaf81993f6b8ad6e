/// The quoting of a CSV field (RFC 4180, section 2, rules 5 to 7).
enum CSVField {
    /// Ends a field whose content stands from `start` to the end of the output: puts it in quotes where it is empty, or has
    /// more in it than plain ASCII text without commas and quotes. A null field is not to be ended at all.
    static func close(from start: Int, in output: inout [UInt8]) {
        let length = output.count - start
        guard length == 0 || needsQuotes(output.span.extracting(start..<output.count)) else { return }
        let quotes = countQuotes(output.span.extracting(start..<output.count))
        output.append(contentsOf: repeatElement(Byte.quote, count: quotes + 2))
        var field = output.mutableSpan
        spread(start, length, quotes, in: &field)
    }

    /// Moves the content from the front of the field to its place between the outer quotes, each of its own quotes doubled.
    ///
    /// Goes backwards, so that nothing is overwritten before it was read: eight bytes at once down to the last quote among them. What
    /// such a store puts below that quote is written again, and must not reach what is still to be read.
    private static func spread(_ start: Int, _ length: Int, _ quotes: Int, in output: inout MutableSpan<UInt8>) {
        var source = start + length
        var target = source + quotes + 1
        while source > start {
            if source - start >= ByteWord.width {
                let word = ByteWord(output.span, at: source - ByteWord.width)
                let plain = word.bytesAbove(Byte.quote)
                if plain == ByteWord.width {
                    // By a constant, so that the next step need not wait for what was found in this one.
                    word.store(to: &output, at: target - ByteWord.width)
                    source -= ByteWord.width
                    target -= ByteWord.width
                    continue
                }
                if target - source >= ByteWord.width {
                    word.store(to: &output, at: target - ByteWord.width)
                    source -= plain
                    target -= plain
                }
            }
            source -= 1
            let byte = output[source]
            output[target - 1] = byte
            if byte == Byte.quote { output[target - 2] = Byte.quote }
            target -= byte == Byte.quote ? 2 : 1
        }
        output[start] = Byte.quote
    }

    /// More than RFC 4180 asks for, since quotes never harm: readers exist that take white space at the ends away, or end a row
    /// at a vertical tab or a line separator.
    private static func needsQuotes(_ content: Span<UInt8>) -> Bool {
        if content[0] == Byte.space || content[content.count - 1] == Byte.space { return true }
        var position = 0
        while position <= content.count - ByteWord.width {
            let word = ByteWord(content, at: position)
            if word.equal(Byte.comma) | word.equal(Byte.quote) | word.belowSpace | word.beyondASCII != 0 { return true }
            position += ByteWord.width
        }
        while position < content.count {
            let byte = content[position]
            if byte == Byte.comma || byte == Byte.quote || byte < Byte.space || byte >= 0x80 { return true }
            position += 1
        }
        return false
    }

    private static func countQuotes(_ content: Span<UInt8>) -> Int {
        var count = 0
        var position = 0
        while position <= content.count - ByteWord.width {
            count += ByteWord(content, at: position).occurrences(of: Byte.quote)
            position += ByteWord.width
        }
        while position < content.count {
            count += content[position] == Byte.quote ? 1 : 0
            position += 1
        }
        return count
    }
}
