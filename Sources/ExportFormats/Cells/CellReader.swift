public import ExportCore

/// Reads the cells of rows that were written, chunk by chunk.
public protocol CellReader {
    /// Reads the next bytes of the content, and calls `body` with the cells of each row that ends in them.
    ///
    /// Throws a `RowReadError` where they are not the format, and what `body` throws. After an error the reader is of no more use.
    mutating func read(_ chunk: Span<UInt8>, _ body: (RowCells) throws -> Void) throws

    /// Ends the reading. Throws where the content ends too early.
    mutating func finish() throws(RowReadError)
}

extension Output.Format {
    /// Returns a reader of the cells of a file that this program wrote.
    /// - Parameters:
    ///   - columns: Those to read. A row that lacks one has null there.
    ///   - footer: Of a format that has one. Nil: it has none, or it cannot be read, and neither can the rows.
    ///   - isReplacing: Whether U+0000, and in JSON an unpaired surrogate too, becomes U+FFFD.
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
