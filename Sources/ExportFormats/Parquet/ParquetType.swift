import ExportCore

/// The type of a column in a Parquet file.
enum ParquetType: Sendable, Hashable {
    case boolean
    case integer
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp
    case number
    /// Text in UTF-8. Also for decimals, which may have more digits than readers support.
    case text

    /// Creates the Parquet type of a column type.
    /// - Parameter type: The type of the column. `nil` for any value, as text.
    init(_ type: ColumnType?) {
        self =
            switch type {
            case .boolean: .boolean
            case .integer: .integer
            case .timestamp: .timestamp
            case .number: .number
            case .decimal, .string, .json, nil: .text
            }
    }

    /// The number of the physical type: BOOLEAN, INT64, DOUBLE or BYTE_ARRAY.
    var physicalType: Int {
        switch self {
        case .boolean: 0
        case .integer, .timestamp: 2
        case .number: 5
        case .text: 6
        }
    }
}

/// The encoding of a page's values, by its number in the format.
enum PageEncoding: Int, Sendable, CaseIterable {
    case plain = 0
    case runs = 3
    case dictionary = 8
}

/// The kind of a page, by its number in the format.
enum PageKind: Int, Sendable {
    case data = 0
    case dictionary = 2
}
