public import ExportCore

/// Reads the rows of a file that was written, chunk by chunk, and as much of each as tells it from the others.
public protocol RowReader {
    /// Reads the next bytes of the content, and calls `body` with each row that ends in them.
    ///
    /// Throws a `RowReadError` where they are not the format, and what `body` throws. After an error the reader is of no more use.
    mutating func read(_ chunk: Span<UInt8>, _ body: (WrittenRow) throws -> Void) throws

    /// Ends the reading. Throws where the content ends too early.
    mutating func finish() throws(RowReadError)
}

/// The values that identify and order a row of a file; nil if the file has no such column, or the row no such value.
public struct WrittenRow: Sendable, Hashable {
    /// The row's id. Nil where the file has none, or it is no whole number.
    public var id: Int64?
    /// The row's `started_at`. Nil where the file has none, or it is no time.
    public var startedAt: Instant?

    /// Creates a row as `verify` sees it.
    public init(id: Int64? = nil, startedAt: Instant? = nil) {
        self.id = id
        self.startedAt = startedAt
    }
}

/// Why content is not rows of its format. Rows are counted from 1; nothing is said of what is in them.
public enum RowReadError: Error, Sendable, Hashable {
    case notAnObject(row: Int)
    /// A quote where none may be, or a carriage return that ends no record.
    case badlyQuoted(row: Int)
    case fields(row: Int, found: Int, expected: Int)
    case tooLong(row: Int)
    case noHeader
    case noColumn(name: String)
    /// The content ends inside a row.
    case truncated(row: Int)
    case parquet(ParquetError)
}

extension RowReadError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnObject(let row): "row \(row) is not a JSON object"
        case .badlyQuoted(let row): "row \(row) has invalid CSV quoting"
        case .fields(let row, let found, let expected): "row \(row) has \(found) fields, but the header has \(expected)"
        case .tooLong(let row): "row \(row) is longer than the limit"
        case .noHeader: "there is no header"
        case .noColumn(let name): "the header has no column \(name)"
        case .truncated(let row): "the content ends inside row \(row)"
        case .parquet(let error): "\(error)"
        }
    }
}
