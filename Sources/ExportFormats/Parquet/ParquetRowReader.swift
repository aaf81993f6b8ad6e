public import ExportCore

/// Reads a Parquet file that this program wrote sequentially, one row group at a time, and checks every page, its checksum, and the
/// statistics of every column.
public struct ParquetRowReader: RowReader {
    private var groups: ParquetGroupReader
    private let fault: RowReadError?
    /// The places of the key columns.
    private let id: Int?
    private let startedAt: Int?

    /// Creates a reader.
    /// - Parameters:
    ///   - keys: The columns that hold the `id` and `started_at` of rows.
    ///   - columns: The names of all columns.
    public init(_ footer: ParquetFooter, keys: Manifest.File.KeyColumns, columns: [String]?) {
        let names = footer.columns.map { Array($0.name.utf8) }
        func place(_ name: String?) -> Int? { name.flatMap { names.firstIndex(of: Array($0.utf8)) } }
        let (id, startedAt) = (place(keys.id), place(keys.startedAt))
        (self.id, self.startedAt) = (id, startedAt)
        if let columns, columns.map({ Array($0.utf8) }) != names {
            fault = .parquet(.columns)
        } else if let name = keys.id, id == nil {
            fault = .noColumn(name: name)
        } else if let name = keys.startedAt, startedAt == nil {
            fault = .noColumn(name: name)
        } else {
            fault = nil
        }
        groups = ParquetGroupReader(footer) { column in
            if column == id { .integers([]) } else if column == startedAt { .instants([]) } else { .nothing }
        }
    }

    public mutating func read(_ bytes: Span<UInt8>, _ body: (WrittenRow) throws -> Void) throws {
        if let fault { throw fault }
        let (id, startedAt) = (id, startedAt)
        try groups.read(bytes) { rows, columns in
            var (ids, times): ([Int64?]?, [Instant?]?)
            if let id, case .integers(let values) = columns[id] { ids = values }
            if let startedAt, case .instants(let values) = columns[startedAt] { times = values }
            for row in 0..<rows { try body(WrittenRow(id: ids?[row], startedAt: times?[row])) }
        }
    }

    public mutating func finish() throws(RowReadError) {
        if let fault { throw fault }
        try groups.finish()
    }
}
