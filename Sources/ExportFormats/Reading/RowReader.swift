public import ExportCore

/// Reads the rows of a written file, chunk by chunk, and the values that identify each row.
public protocol RowReader {
    /// Reads the next bytes of the content, and calls `body` with each row that ends in them.
    ///
    /// Throws a `RowReadError` if they are not in the format, and what `body` throws. After an error the reader must not be used.
    mutating func read(_ chunk: Span<UInt8>, _ body: (WrittenRow) throws -> Void) throws

    /// Ends the reading. Throws if the content is incomplete.
    mutating func finish() throws(RowReadError)
}

/// The values that identify and order a row of a file. `nil` if the file has no such column, or the row no such value.
public struct WrittenRow: Sendable, Hashable {
    /// The row's id. `nil` if the file has none, or it is not an integer.
    public var id: Int64?
    /// The row's `started_at`. `nil` if the file has none, or it is not a time.
    public var startedAt: Instant?

    /// Creates a row.
    public init(id: Int64? = nil, startedAt: Instant? = nil) {
        self.id = id
        self.startedAt = startedAt
    }
}

/// An error of reading rows. Rows are counted from 1. The error contains nothing of their content.
public enum RowReadError: Error, Sendable, Hashable {
    case notAnObject(row: Int)
    /// A misplaced quote, or a carriage return that does not end a record.
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
