/// PostgreSQL's text format of COPY: one row per line, with cells separated by tabs.
///
/// Line feeds, tabs and backslashes are escaped, so that no row contains a line that ends the data or is a command of the client.
package enum CopyText {
    /// Appends a row: the number first, then the cells.
    package static func append(_ row: RowCells, after number: Int64, to output: inout [UInt8]) {
        output.append(contentsOf: String(number).utf8)
        let bytes = row.bytes.span
        for cell in row.cells {
            output.append(Byte.tab)
            if let cell { append(bytes, cell, to: &output) } else { output.append("\\N") }
        }
        output.append(Byte.lineFeed)
    }

    private static func append(_ text: Span<UInt8>, _ cell: Range<Int>, to output: inout [UInt8]) {
        var start = cell.lowerBound
        for position in cell {
            guard let escape = escape(text[position]) else { continue }
            output.append(text, start..<position)
            output.append(Byte.backslash)
            output.append(escape)
            start = position + 1
        }
        output.append(text, start..<cell.upperBound)
    }

    @inline(__always)
    private static func escape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case Byte.backslash: Byte.backslash
        case Byte.lineFeed: UInt8(ascii: "n")
        case Byte.carriageReturn: UInt8(ascii: "r")
        case Byte.tab: UInt8(ascii: "t")
        default: nil
        }
    }
}
