public import ExportCore

extension Output {
    /// Returns an encoder for the rows of a file.
    /// - Parameter layout: The columns. `nil` for unchanged rows, which the format has to support.
    public func rowEncoder(_ layout: TableLayout?) -> any RowEncoder {
        switch (format, layout) {
        case (.ndjson, let layout): NDJSONEncoder(layout: layout)
        case (.csv, let layout?): CSVEncoder(layout: layout, dialect: dialect)
        case (.parquet, let layout?): ParquetEncoder(layout: layout, compression: compression)
        case (.csv, nil), (.parquet, nil): preconditionFailure("a layout of \(format) always has columns")
        }
    }
}

extension Output.Format {
    /// Returns a reader for the rows of a file that this program wrote.
    /// - Parameter footer: The footer, for formats that have one. `nil` if there is none, or it cannot be read, in which case the rows
    ///   cannot be read either.
    public func rowReader(of file: Manifest.File, footer: ParquetFooter? = nil) -> (any RowReader)? {
        switch self {
        case .ndjson: NDJSONRowReader(keys: file.keys)
        case .csv: CSVRowReader(keys: file.keys)
        case .parquet: footer.map { ParquetRowReader($0, keys: file.keys, columns: file.columns) }
        }
    }
}
