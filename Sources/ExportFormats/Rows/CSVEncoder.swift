public import ExportCore

/// Comma-separated values (RFC 4180) in UTF-8: a header, then a record a row.
///
/// Null, and a value that is missing, is an empty field; the empty string is `""`. Strings are decoded, numbers and booleans
/// stand as they came, objects and arrays are JSON text. A field is quoted only where it has to be.
///
/// `warehouse` ends records with LF. `spreadsheet` begins with a byte order mark, ends records with CRLF, and makes text
/// inert that would run as a formula (`FormulaGuard`).
public struct CSVEncoder: RowEncoder {
    private let layout: TableLayout
    private let dialect: Output.Dialect

    public init(layout: TableLayout, dialect: Output.Dialect) {
        self.layout = layout
        self.dialect = dialect
    }

    public func appendHeader(to output: inout [UInt8]) {
        if dialect == .spreadsheet {
            output.append(contentsOf: [0xEF, 0xBB, 0xBF])
        }
        for index in layout.columns.indices {
            appendSeparator(before: index, to: &output)
            let start = output.count
            output.append(contentsOf: layout.columns[index].name.utf8)
            closeText(from: start, in: &output)
        }
        appendEndOfRecord(to: &output)
    }

    public func append(row: Span<UInt8>, to output: inout [UInt8], misfits: inout [Int: Int]) throws(RowError) {
        try RowError.checkIsObject(row)
        let extents = RowExtents(row, layout)
        for index in layout.cells.indices {
            appendSeparator(before: index, to: &output)
            if !extents.isMisfit(index) { append(layout.cells[index], row, extents, to: &output) }
        }
        appendEndOfRecord(to: &output)
        for cell in extents.misfits { misfits[cell, default: 0] += 1 }
    }

    public var columnNames: [String]? { layout.columns.map(\.name) }

    private func append(
        _ cell: TableLayout.Cell, _ row: Span<UInt8>, _ extents: borrowing RowExtents, to output: inout [UInt8]
    ) {
        let start = output.count
        if cell.kind == .rest {
            guard extents.appendRest(of: cell.node, row, layout, to: &output) else { return }
            CSVField.close(from: start, in: &output)
        } else if cell.kind == .constant {
            output.append(contentsOf: layout.constant.utf8)
            closeText(from: start, in: &output)
        } else if let value = extents.value(of: cell, row) {
            if cell.kind != .json, JSONText.kind(row, value) == .string {
                JSONText.appendString(row, value, to: &output)
                closeText(from: start, in: &output)
            } else {
                output.append(row, value)
                CSVField.close(from: start, in: &output)
            }
        }
    }

    /// Ends a field of text. JSON needs no guard: what is not a number begins with a bracket, a brace, a quote or a letter.
    private func closeText(from start: Int, in output: inout [UInt8]) {
        if dialect == .spreadsheet, FormulaGuard.isFormula(output.span.extracting(start..<output.count)) {
            output.insert(Byte.apostrophe, at: start)
        }
        CSVField.close(from: start, in: &output)
    }

    private func appendSeparator(before index: Int, to output: inout [UInt8]) {
        if index > 0 { output.append(Byte.comma) }
    }

    private func appendEndOfRecord(to output: inout [UInt8]) {
        if dialect == .spreadsheet { output.append(Byte.carriageReturn) }
        output.append(Byte.lineFeed)
    }
}
