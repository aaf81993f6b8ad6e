extension Output {
    /// The format of an output's files.
    ///
    /// A new format is a case here. The compiler then reports every place that has to handle it: its traits, its writer and its reader, and
    /// each warehouse that loads it.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case ndjson, csv, parquet
    }
}

/// The properties of a format that the rest of the program uses.
package struct FormatTraits: Sendable, Hashable {
    /// Whether rows are written as the service sent them if no columns are declared. Otherwise every field becomes a column.
    package let keepsRows: Bool
    /// Whether the fields of nested objects become columns of their own, unless `flatten` says otherwise.
    package let flattensByDefault: Bool
    /// Whether `dialect` applies to the format.
    package let hasDialects: Bool
    /// Whether `compression` applies to the parts of a file, and not to the file as a whole.
    package let compressesInside: Bool
    /// Whether several files can be concatenated into one, apart from their headers.
    package let joinsWindows: Bool
}

extension Output.Format {
    /// The properties of this format. A new format has to be added here.
    package var traits: FormatTraits {
        switch self {
        case .ndjson:
            FormatTraits(keepsRows: true, flattensByDefault: false, hasDialects: false, compressesInside: false, joinsWindows: true)
        case .csv:
            FormatTraits(keepsRows: false, flattensByDefault: true, hasDialects: true, compressesInside: false, joinsWindows: true)
        case .parquet:
            FormatTraits(keepsRows: false, flattensByDefault: true, hasDialects: false, compressesInside: true, joinsWindows: false)
        }
    }

    /// The extension of file names, before that of the compression.
    package var fileExtension: String { rawValue }
}
