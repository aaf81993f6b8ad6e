public import ExportCore

extension Output {
    /// What writes the rows of a file.
    /// - Parameter layout: The columns; nil for rows as they came, which takes a format that keeps them.
    public func rowEncoder(_ layout: TableLayout?) -> any RowEncoder {
        switch (format, layout) {
        case (.ndjson, let layout): NDJSONEncoder(layout: layout)
        case (.csv, let layout?): CSVEncoder(layout: layout, dialect: dialect)
        case (.csv, nil): preconditionFailure("a layout of CSV always has columns")
        }
    }
}

extension Output.Format {
    /// What reads the rows of a file that this program wrote.
    public func rowReader(_ keys: Manifest.File.KeyColumns) -> any RowReader {
        switch self {
        case .ndjson: NDJSONRowReader(keys: keys)
        case .csv: CSVRowReader(keys: keys)
        }
    }
}
