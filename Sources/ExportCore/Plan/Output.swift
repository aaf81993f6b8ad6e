/// A file that is written for each window: a table in a format.
public struct Output: Sendable, Hashable {
    /// The table, which determines the rows.
    public var table: Table
    /// How rows are written.
    public var format: Format
    /// How the file is compressed.
    public var compression: Compression
    /// The path below the destination, with its placeholders: `conversations/dt={date}/conversations.ndjson.gz`.
    public var path: String
    /// The columns. `nil` for unchanged rows without insignificant white space, which only NDJSON supports.
    public var columns: [ColumnSelector]?
    /// How CSV quotes and ends lines. Formats without dialects ignore it.
    public var dialect: Dialect
    /// The fields that are left out, and those that are written only as hashes.
    public var privacy: Privacy

    /// The intended reader of CSV. `warehouse`: RFC 4180, LF, UTF-8, with null as an empty cell and the empty string as `""`.
    /// `spreadsheet`: CRLF, a byte order mark, and text that would run as a formula neutralized.
    public enum Dialect: String, Sendable, Hashable, CaseIterable {
        case warehouse, spreadsheet
    }

    /// The compression of a file, or of its parts, as the format has it.
    public enum Compression: Sendable, Hashable {
        case none
        /// gzip: zlib at a level from 1 to 9, or the fast encoder of this build if the level is `nil`.
        case gzip(level: Int?)
        /// Zstandard at a level from 1 to 19, or 3 if the level is `nil`.
        case zstd(level: Int?)
    }

    /// Creates an output.
    public init(
        table: Table, format: Format, compression: Compression, path: String, columns: [ColumnSelector]?, dialect: Dialect,
        privacy: Privacy = .none
    ) {
        self.table = table
        self.format = format
        self.compression = compression
        self.path = path
        self.columns = columns
        self.dialect = dialect
        self.privacy = privacy
    }
}

extension Output {
    /// The compression of the file as a whole; none if the format compresses its parts.
    package var fileCompression: Compression { format.traits.compressesInside ? .none : compression }
}

/// The compression of a file as a whole, as its readers need to know it.
public enum FileCompression: Sendable, Hashable {
    case none, gzip, zstd

    /// The extension of file names. Empty without compression.
    public var fileExtension: String {
        switch self {
        case .none: ""
        case .gzip: ".gz"
        case .zstd: ".zst"
        }
    }
}

extension Output.Compression {
    /// The compression without its level.
    public var kind: FileCompression {
        switch self {
        case .none: .none
        case .gzip: .gzip
        case .zstd: .zstd
        }
    }
}

extension Manifest.File {
    /// The compression of the file as a whole; none if the format compresses its parts.
    public var compression: FileCompression {
        if encoder.equalsExactly(Self.noEncoder) || Output.Format(rawValue: format)?.traits.compressesInside == true {
            return .none
        }
        return encoder.startsExactly(with: "zstd ") ? .zstd : .gzip
    }
}
