public import ExportCore

/// An encoder for comma-separated values (RFC 4180) in UTF-8: a header, then one record per row.
///
/// Null and missing values are empty fields; the empty string is `""`. Strings are decoded, numbers and booleans are unchanged, objects and
/// arrays are JSON text. A field is quoted only if necessary.
///
/// `warehouse` ends records with LF. `spreadsheet` begins with a byte order mark, ends records with CRLF, neutralizes text that would run
/// as a formula (`FormulaGuard`), and cuts text that exceeds a cell (`SpreadsheetCell`).
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
        // A buffer for values that have to be converted before quoting: one allocation per row instead of one per cell.
        var scratch: [UInt8] = []
        for index in table.cells.indices {
            appendSeparator(before: index, to: &output)
            guard !extents.isMisfit(index) else { continue }
            if !append(table.cells[index], row, extents, by: &scratch, to: &output) { tally.noteCut(index) }
        }
        appendEndOfRecord(to: &output)
        tally.add(extents, of: row, table)
    }

    public var layout: TableLayout? { table }

    /// Appends a value.
    /// - Returns: Whether the whole value was appended; false if it was cut.
    private func append(
        _ cell: TableLayout.Cell, _ row: Span<UInt8>, _ extents: borrowing RowExtents, by scratch: inout [UInt8],
        to output: inout [UInt8]
    ) -> Bool {
        if cell.kind == .rest {
            scratch.removeAll(keepingCapacity: true)
            return extents.appendRest(of: cell.node, row, table, to: &scratch) ? appendField(scratch.span, to: &output) : true
        } else if cell.kind == .constant {
            return appendText(table.constant.utf8.span, to: &output)
        } else if let value = extents.value(of: cell, row) {
            if cell.kind != .json, JSONText.kind(row, value) == .string {
                return append(string: value, row, by: &scratch, to: &output)
            }
            return appendField(row.extracting(value), to: &output)
        }
        return true
    }

    private func append(string: Range<Int>, _ row: Span<UInt8>, by scratch: inout [UInt8], to output: inout [UInt8]) -> Bool {
        let content = (string.lowerBound + 1)..<(string.upperBound - 1)
        if JSONText.nextBackslash(row, content) == content.upperBound { return appendText(row.extracting(content), to: &output) }
        scratch.removeAll(keepingCapacity: true)
        JSONText.appendString(row, string, to: &scratch)
        return appendText(scratch.span, to: &output)
    }

    /// Appends a text field. JSON needs no guard against formulas, since other values than numbers begin with a bracket, a brace, a quote
    /// or a letter.
    @discardableResult
    private func appendText(_ text: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard dialect == .spreadsheet, FormulaGuard.isFormula(text) else { return appendField(text, to: &output) }
        var inert = [Byte.apostrophe]
        inert.append(text, 0..<text.count)
        return appendField(inert.span, to: &output)
    }

    private func appendField(_ field: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard dialect == .spreadsheet, let end = SpreadsheetCell.cut(field) else {
            CSVField.append(field, to: &output)
            return true
        }
        var cut: [UInt8] = []
        cut.append(field, 0..<end)
        SpreadsheetCell.mark.withUTF8Buffer { cut += $0 }
        CSVField.append(cut.span, to: &output)
        return false
    }

    private func appendSeparator(before index: Int, to output: inout [UInt8]) {
        if index > 0 { output.append(Byte.comma) }
    }

    private func appendEndOfRecord(to output: inout [UInt8]) {
        if dialect == .spreadsheet { output.append(Byte.carriageReturn) }
        output.append(Byte.lineFeed)
    }
}
