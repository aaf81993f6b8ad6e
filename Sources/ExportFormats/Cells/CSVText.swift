/// Comma-separated values without a header, for a client that reads them from a file. Null is an empty field, and all text is quoted.
package enum CSVText {
    /// Appends a row: the number first, then the cells.
    package static func append(_ row: RowCells, after number: Int64, to output: inout [UInt8]) {
        output.append(contentsOf: String(number).utf8)
        let bytes = row.bytes.span
        for cell in row.cells {
            output.append(Byte.comma)
            guard let cell else { continue }
            output.append(Byte.quote)
            var start = cell.lowerBound
            while let quote = bytes.firstIndex(of: Byte.quote, in: start..<cell.upperBound) {
                output.append(bytes, start..<(quote + 1))
                output.append(Byte.quote)
                start = quote + 1
            }
            output.append(bytes, start..<cell.upperBound)
            output.append(Byte.quote)
        }
        output.append(Byte.lineFeed)
    }
}
