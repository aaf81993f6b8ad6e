public import ExportCore

/// Reads the cells of written rows, chunk by chunk.
public protocol CellReader {
    /// Reads the next bytes of the content, and calls `body` with the cells of each row that ends in them.
    ///
    /// Throws a `RowReadError` if they are not in the format, and what `body` throws. After an error the reader must not be used.
    mutating func read(_ chunk: Span<UInt8>, _ body: (RowCells) throws -> Void) throws

    /// Ends the reading. Throws if the content is incomplete.
    mutating func finish() throws(RowReadError)
}

extension Output.Format {
    /// Returns a reader of the cells of a file that this program wrote.
    /// - Parameters:
    ///   - columns: The columns to read. A row that lacks one has null there.
    ///   - footer: The footer, for formats that have one. `nil` if there is none, or it cannot be read, in which case the rows cannot be
    ///     read either.
    ///   - isReplacing: Whether U+0000, and in JSON also an unpaired surrogate, is replaced by U+FFFD.
    public func cellReader(
        _ columns: [CellColumn], footer: ParquetFooter? = nil, replacing isReplacing: Bool
    ) -> (any CellReader)? {
        switch self {
        case .ndjson: NDJSONCellReader(columns, replacing: isReplacing)
        case .csv: CSVCellReader(columns, replacing: isReplacing)
        case .parquet: footer.map { ParquetCellReader(columns, of: $0, replacing: isReplacing) }
        }
    }
}
