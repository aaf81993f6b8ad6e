/// Removes insignificant white space from validated JSON.
public enum JSONMinifier {
    /// Appends the value without the white space between its tokens; strings and numbers keep every byte.
    public static func append(_ text: Span<UInt8>, _ value: Range<Int>, to output: inout [UInt8]) {
        var copied = value.lowerBound
        var position = value.lowerBound
        while position < value.upperBound {
            let byte = text[position]
            if byte == Byte.quote {
                position = JSONText.endOfString(text, position..<value.upperBound)
            } else if byte > Byte.space {
                position += 1
            } else {
                output.append(text, copied..<position)
                while position < value.upperBound, text[position] <= Byte.space {
                    position += 1
                }
                copied = position
            }
        }
        output.append(text, copied..<position)
    }
}
