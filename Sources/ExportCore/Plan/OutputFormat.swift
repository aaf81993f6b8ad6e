extension Output {
    /// The format of an output's files.
    ///
    /// A new format is a case here. The compiler then names every place that has to answer for it: its traits, its writer and its reader,
    /// and each warehouse that loads it.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case ndjson, csv, parquet
    }
}

/// The properties of a format that the rest of the program uses.
package struct FormatTraits: Sendable, Hashable {
    /// Whether rows are written as the service sent them where no columns are asked for. Otherwise every field is a column then.
    package let keepsRows: Bool
    /// Whether the fields of a nested object are columns of their own, unless `flatten` says otherwise.
    package let flattensByDefault: Bool
    /// Whether `dialect` says how it is written.
    package let hasDialects: Bool
    /// Whether `compression` is that of the parts of a file, and not of the file as a whole.
    package let compressesInside: Bool
    /// Whether the contents of several files, one behind the other, are one file, but for what stands before their rows.
    package let joinsWindows: Bool
}

extension Output.Format {
    /// The properties of this format. A new format has to answer here.
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

    /// How names of its files end, before the ending of a compression.
    package var fileExtension: String { rawValue }
}
