/// Writes the content of one file in a format: the header, the rows, and the footer.
///
/// An encoder is a value, and a copy of an unused one encodes another file. The output may be consumed at any time, so that memory stays
/// bounded for files of any length.
///
/// ```swift
/// var encoder = output.rowEncoder(layout)
/// var content: [UInt8] = []
/// encoder.appendHeader(to: &content)
/// for row in rows { try encoder.append(row: row.span, to: &content) }
/// try encoder.appendFooter(to: &content)
/// ```
public protocol RowEncoder: Sendable {
    /// Appends the content before the first row of a file.
    mutating func appendHeader(to output: inout [UInt8])

    /// Appends a row: a validated and minified JSON object. Throws if it is not an object.
    ///
    /// Updates the tally of the columns.
    mutating func append(row: Span<UInt8>, to output: inout [UInt8], tally: inout ColumnTally) throws(RowError)

    /// Appends the content after the last row of a file.
    mutating func appendFooter(to output: inout [UInt8]) throws(RowError)

    /// The columns. `nil` for unchanged rows.
    var layout: TableLayout? { get }
}

extension RowEncoder {
    /// Appends a row without a tally.
    public mutating func append(row: Span<UInt8>, to output: inout [UInt8]) throws(RowError) {
        var tally = ColumnTally()
        try append(row: row, to: &output, tally: &tally)
    }
}

/// An error of writing a row.
public enum RowError: Error, Sendable, Hashable {
    case notAnObject
    /// A field that should hold a list has another value.
    case noList(field: String)
    /// Compression failed, in a format that compresses its content itself.
    case compression(DeflateError)
}

extension RowError {
    /// Whether the row itself is the reason, so that other rows can be written.
    public var isOfRow: Bool {
        switch self {
        case .notAnObject, .noList: true
        case .compression: false
        }
    }
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
    /// Throws unless the text begins and ends like an object.
    static func checkIsObject(_ row: Span<UInt8>) throws(RowError) {
        guard row.count >= 2, row[0] == Byte.openBrace, row[row.count - 1] == Byte.closeBrace else { throw .notAnObject }
    }
}
