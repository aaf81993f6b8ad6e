/// An encoder for newline-delimited JSON: one object per line, each ended by a line feed, without a header.
public struct NDJSONEncoder: RowEncoder {
    public let layout: TableLayout?
    /// The text before each column's value: `{"id":`, `,"name":`.
    private let names: [[UInt8]]

    /// Creates an encoder.
    /// - Parameter layout: The columns, in whose order each row becomes an object, with null for missing values. `nil` for unchanged rows.
    public init(layout: TableLayout? = nil) {
        self.layout = layout
        let columns = layout?.columns ?? []
        names = columns.enumerated().map { index, column in
            var bytes = [index == 0 ? Byte.openBrace : Byte.comma]
            bytes.appendJSONString(column.name)
            bytes.append(Byte.colon)
            return bytes
        }
    }

    public func appendHeader(to output: inout [UInt8]) {}
    public func appendFooter(to output: inout [UInt8]) {}

    public func append(row: Span<UInt8>, to output: inout [UInt8], tally: inout ColumnTally) throws(RowError) {
        try RowError.checkIsObject(row)
        if let layout {
            appendColumns(row, layout, to: &output, &tally)
        } else {
            output.append(row, 0..<row.count)
        }
        output.append(Byte.lineFeed)
    }

    private func appendColumns(
        _ row: Span<UInt8>, _ layout: TableLayout, to output: inout [UInt8], _ tally: inout ColumnTally
    ) {
        let extents = RowExtents(row, layout)
        if names.isEmpty { output.append(Byte.openBrace) }
        for index in names.indices {
            output.append(contentsOf: names[index])
            if extents.isMisfit(index) {
                output.append("null")
            } else {
                append(layout.cells[index], row, extents, layout, to: &output)
            }
        }
        output.append(Byte.closeBrace)
        tally.add(extents, of: row, layout)
    }

    private func append(
        _ cell: TableLayout.Cell, _ row: Span<UInt8>, _ extents: borrowing RowExtents, _ layout: TableLayout,
        to output: inout [UInt8]
    ) {
        if cell.kind == .rest {
            if !extents.appendRest(of: cell.node, row, layout, to: &output) { output.append("null") }
        } else if cell.kind == .constant {
            output.appendJSONString(layout.constant)
        } else if let value = extents.value(of: cell, row) {
            let isQuoted = cell.kind.isText && JSONText.isNumberOrBoolean(row, value)
            if isQuoted { output.append(Byte.quote) }
            output.append(row, value)
            if isQuoted { output.append(Byte.quote) }
        } else {
            output.append("null")
        }
    }
}

extension JSONText {
    static func isNumberOrBoolean(_ text: Span<UInt8>, _ value: Range<Int>) -> Bool {
        switch kind(text, value) {
        case .number, .true, .false: true
        case .object, .array, .string, .null: false
        }
    }
}

extension [UInt8] {
    /// Appends the text as a JSON string.
    mutating func appendJSONString(_ text: String) {
        append(Byte.quote)
        for byte in text.utf8 {
            switch byte {
            case Byte.quote, Byte.backslash:
                append(Byte.backslash)
                append(byte)
            case 0..<0x20:
                append("\\u00")
                append(byte >> 4 | Byte.zero)
                append(contentsOf: String(byte & 0xF, radix: 16).utf8)
            default:
                append(byte)
            }
        }
        append(Byte.quote)
    }
}
