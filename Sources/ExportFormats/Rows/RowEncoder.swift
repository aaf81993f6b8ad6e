/// Writes the content of one file in a format: what stands before its rows, the rows, and what stands behind them.
///
/// A value: a copy of one that has written nothing begins another file. What it appends may be taken away at any time, so that memory
/// stays bounded however long the file is.
///
/// ```swift
/// var encoder = output.rowEncoder(layout)
/// var content: [UInt8] = []
/// encoder.appendHeader(to: &content)
/// for row in rows { try encoder.append(row: row.span, to: &content) }
/// try encoder.appendFooter(to: &content)
/// ```
public protocol RowEncoder: Sendable {
    /// Appends what stands before the first row of a file.
    mutating func appendHeader(to output: inout [UInt8])

    /// Appends a row: a JSON object, validated and minified. Throws where it is no object.
    ///
    /// Adds to the tally what the row shows about its columns.
    mutating func append(row: Span<UInt8>, to output: inout [UInt8], tally: inout ColumnTally) throws(RowError)

    /// Appends what stands behind the last row of a file.
    mutating func appendFooter(to output: inout [UInt8]) throws(RowError)

    /// The columns. Nil: rows as they came.
    var layout: TableLayout? { get }
}

extension RowEncoder {
    /// Appends a row without a tally.
    public mutating func append(row: Span<UInt8>, to output: inout [UInt8]) throws(RowError) {
        var tally = ColumnTally()
        try append(row: row, to: &output, tally: &tally)
    }
}

/// Why a row was not written.
public enum RowError: Error, Sendable, Hashable {
    case notAnObject
    /// A field that has to hold a list holds something else.
    case noList(field: String)
    /// Compression failed, in a format that compresses its content itself.
    case compression(DeflateError)
}

extension RowError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnObject: "a row is not a JSON object"
        case .noList(let field): "\(field) in a row is not a list"
        case .compression(let error): "\(error)"
        }
    }
}

extension RowError {
    /// Throws unless the text begins and ends as an object does.
    static func checkIsObject(_ row: Span<UInt8>) throws(RowError) {
        guard row.count >= 2, row[0] == Byte.openBrace, row[row.count - 1] == Byte.closeBrace else { throw .notAnObject }
    }
}
