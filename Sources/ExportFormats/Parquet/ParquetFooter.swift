import ExportCore

/// The footer of a Parquet file: its columns, its row groups, and the positions of their parts.
public struct ParquetFooter: Sendable {
    struct Column: Sendable, Hashable {
        let name: String
        let type: ParquetType
    }

    /// The pages of one column within a row group.
    struct Chunk: Sendable {
        /// The extent within the file.
        let extent: Range<Int>
        let compression: FileCompression
        let values: Int
        let nulls: Int
        let low: [UInt8]?
        let high: [UInt8]?
    }

    struct Group: Sendable {
        let rows: Int
        let chunks: [Chunk]
    }

    let columns: [Column]
    let groups: [Group]
    /// The offset of the footer.
    let start: Int

    /// The number of bytes at the end of a file that contain the length of the footer.
    static let tailSize = 8

    /// The extent of the footer within a file of a size.
    /// - Parameter tail: The last bytes of the file.
    static func extent(tail: [UInt8], fileSize: Int) throws(RowReadError) -> Range<Int> {
        guard tail.count == tailSize, Array(tail[4...]) == ParquetEncoder.magic else { throw .parquet(.noFooter) }
        let length = tail.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let end = fileSize - tailSize
        guard end - length >= ParquetEncoder.magic.count else { throw .parquet(.noFooter) }
        return end - length..<end
    }

    /// The largest footer that is read, in bytes.
    private static let largest = 256 << 20

    /// Finds and reads the footer of a file.
    /// - Parameters:
    ///   - size: The size of the file in bytes.
    ///   - bytes: Reads a part of the file, or less if the file ends before.
    /// - Throws: `RowReadError`, and what `bytes` throws.
    public static func read(size: Int, _ bytes: (Range<Int>) async throws -> [UInt8]) async throws -> ParquetFooter {
        guard size >= tailSize else { throw RowReadError.parquet(.noFooter) }
        let extent = try extent(tail: try await bytes(size - tailSize..<size), fileSize: size)
        guard extent.count <= largest else { throw RowReadError.parquet(.noFooter) }
        return try ParquetFooter(try await bytes(extent), at: extent.lowerBound)
    }

    /// Parses a footer.
    /// - Parameters:
    ///   - bytes: The complete footer.
    ///   - start: Its offset in the file.
    /// - Throws: `RowReadError` if this program cannot have written it: it writes flat columns with contiguous parts.
    public init(_ bytes: [UInt8], at start: Int) throws(RowReadError) {
        var reader = ThriftReader()
        guard let file = try? reader.structure(bytes.span), let schema = file.structures(2), let root = schema.first,
            root.integer(5) == schema.count - 1, let groups = file.structures(4)
        else { throw .parquet(.noFooter) }
        let columns = schema.dropFirst().compactMap(Self.column)
        guard columns.count == schema.count - 1 else { throw .parquet(.noFooter) }
        var position = ParquetEncoder.magic.count
        var read: [Group] = []
        for group in groups {
            guard let found = Self.group(group, columns, &position) else { throw .parquet(.noFooter) }
            read.append(found)
        }
        guard position == start, file.integer(3) == read.reduce(0, { $0 &+ $1.rows }) else { throw .parquet(.noFooter) }
        self.columns = columns
        self.groups = read
        self.start = start
    }

    private static func column(_ element: ThriftStructure) -> Column? {
        guard let name = element.text(4), element.integer(5) == nil, element.integer(3) == 1 else { return nil }
        let logical = element.structure(10)
        let type: ParquetType
        switch element.integer(1) {
        case 0: type = .boolean
        case 2 where logical?.structure(8) != nil: type = .timestamp
        case 2: type = .integer
        case 5: type = .number
        case 6 where logical?.structure(1) != nil: type = .text
        default: return nil
        }
        return Column(name: name, type: type)
    }

    private static func group(_ group: ThriftStructure, _ columns: [Column], _ position: inout Int) -> Group? {
        guard let rows = group.integer(3), rows > 0, let chunks = group.structures(1), chunks.count == columns.count else {
            return nil
        }
        var read: [Chunk] = []
        for (chunk, column) in zip(chunks, columns) {
            guard let found = Self.chunk(chunk, column, rows, from: position) else { return nil }
            read.append(found)
            position = found.extent.upperBound
        }
        return Group(rows: rows, chunks: read)
    }

    private static func chunk(_ chunk: ThriftStructure, _ column: Column, _ rows: Int, from position: Int) -> Chunk? {
        guard let data = chunk.structure(3), data.integer(1) == column.type.physicalType,
            let path = data.list(3), path.count == 1, case .binary(let name) = path[0], Array(column.name.utf8) == name,
            let compression = data.integer(4).flatMap(PageCodec.compression(ofNumber:)),
            let size = data.integer(7), size > 0, size < 1 << 48,
            let start = data.integer(11) ?? data.integer(9), start == position, data.integer(5) == rows,
            let statistics = data.structure(12), let nulls = statistics.integer(3)
        else { return nil }
        return Chunk(
            extent: start..<start + size, compression: compression, values: rows, nulls: nulls, low: statistics.binary(6),
            high: statistics.binary(5))
    }
}

/// An error in a Parquet file.
public enum ParquetError: Error, Sendable, Hashable {
    /// The footer cannot be read, or lacks the positions of the columns.
    case noFooter
    /// The columns differ from those that were written.
    case columns
    /// A page of a column cannot be read. Row groups are counted from 1.
    case page(column: String, group: Int)
    /// A page does not match its checksum.
    case checksum(column: String, group: Int)
    /// The number of values of a column, or their bounds, differ from the footer.
    case statistics(column: String, group: Int)
}

extension ParquetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noFooter: "the Parquet footer is missing or cannot be read"
        case .columns: "the Parquet columns differ from the manifest"
        case .page(let column, let group): "a page of column \(column.shown()) in row group \(group) cannot be read"
        case .checksum(let column, let group):
            "a page of column \(column.shown()) in row group \(group) does not match its checksum"
        case .statistics(let column, let group):
            "the statistics of column \(column.shown()) in row group \(group) do not match its values"
        }
    }
}
