public import ExportCore

/// Comma-separated values (RFC 4180) in UTF-8: a header, then a record a row.
///
/// Null, and a value that is missing, is an empty field; the empty string is `""`. Strings are decoded, numbers and booleans
/// stand as they came, objects and arrays are JSON text. A field is quoted only where it has to be.
///
/// `warehouse` ends records with LF. `spreadsheet` begins with a byte order mark, ends records with CRLF, and makes text
/// inert that would run as a formula (`FormulaGuard`).
public struct CSVEncoder: RowEncoder {
    private let table: TableLayout
    private let dialect: Output.Dialect

    /// Creates an encoder for the columns of a layout.
    public init(layout: TableLayout, dialect: Output.Dialect) {
        table = layout
        self.dialect = dialect
    }

    public func appendHeader(to output: inout [UInt8]) {
        if dialect == .spreadsheet {
            output.append(contentsOf: [0xEF, 0xBB, 0xBF])
        }
        for index in table.columns.indices {
            appendSeparator(before: index, to: &output)
            appendText(table.columns[index].name.utf8.span, to: &output)
        }
        appendEndOfRecord(to: &output)
    }

    public func appendFooter(to output: inout [UInt8]) {}

    public func append(row: Span<UInt8>, to output: inout [UInt8], tally: inout ColumnTally) throws(RowError) {
        try RowError.checkIsObject(row)
        let extents = RowExtents(row, table)
        // For what has to be made before it can be quoted: one allocation a row, not one a cell.
        var scratch: [UInt8] = []
        for index in table.cells.indices {
            appendSeparator(before: index, to: &output)
            if !extents.isMisfit(index) { append(table.cells[index], row, extents, by: &scratch, to: &output) }
        }
        appendEndOfRecord(to: &output)
        tally.add(extents, of: row, table)
    }

    public var layout: TableLayout? { table }

    private func append(
        _ cell: TableLayout.Cell, _ row: Span<UInt8>, _ extents: borrowing RowExtents, by scratch: inout [UInt8],
        to output: inout [UInt8]
    ) {
        if cell.kind == .rest {
            scratch.removeAll(keepingCapacity: true)
            if extents.appendRest(of: cell.node, row, table, to: &scratch) { CSVField.append(scratch.span, to: &output) }
        } else if cell.kind == .constant {
            appendText(table.constant.utf8.span, to: &output)
        } else if let value = extents.value(of: cell, row) {
            if cell.kind != .json, JSONText.kind(row, value) == .string {
                append(string: value, row, by: &scratch, to: &output)
            } else {
                CSVField.append(row.extracting(value), to: &output)
            }
        }
    }

    private func append(string: Range<Int>, _ row: Span<UInt8>, by scratch: inout [UInt8], to output: inout [UInt8]) {
        let content = (string.lowerBound + 1)..<(string.upperBound - 1)
        if JSONText.nextBackslash(row, content) == content.upperBound {
            appendText(row.extracting(content), to: &output)
        } else {
            scratch.removeAll(keepingCapacity: true)
            JSONText.appendString(row, string, to: &scratch)
            appendText(scratch.span, to: &output)
        }
    }

    /// A field of text. JSON needs no guard: what is not a number begins with a bracket, a brace, a quote or a letter.
    private func appendText(_ text: Span<UInt8>, to output: inout [UInt8]) {
        if dialect == .spreadsheet, FormulaGuard.isFormula(text) {
            var inert = [Byte.apostrophe]
            inert.append(text, 0..<text.count)
            CSVField.append(inert.span, to: &output)
        } else {
            CSVField.append(text, to: &output)
        }
    }

    private func appendSeparator(before index: Int, to output: inout [UInt8]) {
        if index > 0 { output.append(Byte.comma) }
    }

    private func appendEndOfRecord(to output: inout [UInt8]) {
        if dialect == .spreadsheet { output.append(Byte.carriageReturn) }
        output.append(Byte.lineFeed)
    }
}
