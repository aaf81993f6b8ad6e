public import ExportCore

/// An encoder for Parquet: typed, flat, nullable columns in row groups, and a footer that lists their positions.
///
/// Strings are decoded. Objects, arrays and decimals are text, as in CSV. A value that does not fit its column's type is in the rest.
public struct ParquetEncoder: RowEncoder {
    private let table: TableLayout
    private let codec: PageCodec
    private var columns: [ColumnChunk]
    /// The size of the file so far, in bytes.
    private var offset = 0
    private var rows = 0
    private var rowsInGroup = 0
    /// An upper bound of the bytes added since the size of the columns was last checked.
    private var bytesSinceLook = 0
    /// The entries of the footer for the row groups.
    private var groups: [UInt8] = []
    private var groupCount = 0

    /// The maximum number of rows in a row group, which is the unit of work in DuckDB.
    static let groupRows = 122_880
    /// The maximum size of a row group in memory, over all columns. When it ends, it takes that amount once more.
    static let groupSize = 4 << 20

    static let magic = Array("PAR1".utf8)

    /// The name of the writer. Its version is independent of the program's, so that a release that does not change the writer does not
    /// change files.
    static let createdBy = "agentsight-export version 1.0.0 (build 1)"

    /// Creates an encoder for the columns of a layout.
    public init(layout: TableLayout, compression: Output.Compression) {
        table = layout
        codec = PageCodec(compression: compression)
        columns = layout.columns.map { [codec] column in
            ColumnChunk(ParquetType(column.content.type), codec, hasBounds: column.content.type != .json)
        }
    }

    public var layout: TableLayout? { table }

    public mutating func appendHeader(to output: inout [UInt8]) {
        output += Self.magic
        offset += Self.magic.count
    }

    public mutating func append(row: Span<UInt8>, to output: inout [UInt8], tally: inout ColumnTally) throws(RowError) {
        try RowError.checkIsObject(row)
        let extents = RowExtents(row, table)
        // A buffer for values that have to be converted: one allocation per row instead of one per cell.
        var scratch: [UInt8] = []
        do {
            for index in table.cells.indices {
                if extents.isMisfit(index) {
                    try columns[index].appendNull()
                } else {
                    try append(index, row, extents, by: &scratch)
                }
            }
        } catch {
            throw .compression(error)
        }
        tally.add(extents, of: row, table)
        rows += 1
        rowsInGroup += 1
        bytesSinceLook += row.count + 8 * columns.count
        if rowsInGroup == Self.groupRows || isFull { try finishGroup(to: &output) }
    }

    public mutating func appendFooter(to output: inout [UInt8]) throws(RowError) {
        if rowsInGroup > 0 { try finishGroup(to: &output) }
        let footer = footer
        output += footer
        output.append(littleEndian: UInt32(footer.count))
        output += Self.magic
    }

    // MARK: Cells

    private mutating func append(
        _ index: Int, _ row: Span<UInt8>, _ extents: borrowing RowExtents, by scratch: inout [UInt8]
    ) throws(DeflateError) {
        let cell = table.cells[index]
        if cell.kind == .rest {
            scratch.removeAll(keepingCapacity: true)
            let hasRest = extents.appendRest(of: cell.node, row, table, to: &scratch)
            if hasRest { try columns[index].append(scratch.span) } else { try columns[index].appendNull() }
        } else if cell.kind == .constant {
            try columns[index].append(table.constant.utf8.span)
        } else if let value = extents.value(of: cell, row) {
            try append(value, of: index, row, by: &scratch)
        } else {
            try columns[index].appendNull()
        }
    }

    private mutating func append(
        _ value: Range<Int>, of index: Int, _ row: Span<UInt8>, by scratch: inout [UInt8]
    ) throws(DeflateError) {
        // Values that do not fit their columns are misfits, and not passed to this function.
        switch columns[index].type {
        case .boolean: try columns[index].append(JSONText.kind(row, value) == .true)
        case .integer: try columns[index].append(JSONText.int64(row, value) ?? 0)
        case .timestamp: try columns[index].append(JSONText.instant(row, value)?.microseconds ?? 0)
        case .number: try columns[index].append(JSONText.double(row, value) ?? 0)
        case .text where table.cells[index].kind != .json && JSONText.kind(row, value) == .string:
            let content = (value.lowerBound + 1)..<(value.upperBound - 1)
            if JSONText.nextBackslash(row, content) == content.upperBound {
                try columns[index].append(row.extracting(content))
            } else {
                scratch.removeAll(keepingCapacity: true)
                JSONText.appendString(row, value, to: &scratch)
                try columns[index].append(scratch.span)
            }
        case .text: try columns[index].append(row.extracting(value))
        }
    }

    // MARK: Row groups

    private var isFull: Bool {
        mutating get {
            guard bytesSinceLook >= 1 << 20 else { return false }
            bytesSinceLook = 0
            return columns.reduce(0) { $0 + $1.size } >= Self.groupSize
        }
    }

    private mutating func finishGroup(to output: inout [UInt8]) throws(RowError) {
        let start = output.count
        // Avoids copies while the output grows.
        output.reserveCapacity(start + columns.reduce(0) { $0 + $1.size })
        let fileOffset = offset - start
        var chunks = ThriftWriter()
        var uncompressed = 0
        do {
            for index in columns.indices {
                let name = table.columns[index].name
                let chunk = try columns[index].finish(name: name, offset: fileOffset, to: &output)
                chunks.append(written: chunk.metadata.bytes)
                uncompressed += chunk.uncompressed
                columns[index] = columns[index].next()
            }
        } catch {
            throw .compression(error)
        }
        let size = output.count - start
        var group = ThriftWriter()
        group.append { group in
            group.list(1, of: .structure, count: columns.count) { $0.append(written: chunks.bytes) }
            group.int64(2, uncompressed)
            group.int64(3, rowsInGroup)
            group.int64(5, offset)
            group.int64(6, size)
        }
        groups += group.bytes
        groupCount += 1
        offset += size
        rowsInGroup = 0
        bytesSinceLook = 0
    }

    // MARK: The footer

    private var footer: [UInt8] {
        var writer = ThriftWriter()
        writer.append { file in
            file.int32(1, 1)
            file.list(2, of: .structure, count: table.columns.count + 1) { list in
                list.append { root in
                    root.binary(4, "rows".utf8)
                    root.int32(5, table.columns.count)
                }
                for (column, chunk) in zip(table.columns, columns) { Self.append(column.name, chunk.type, to: &list) }
            }
            file.int64(3, rows)
            file.list(4, of: .structure, count: groupCount) { $0.append(written: groups) }
            file.binary(6, Self.createdBy.utf8)
            file.list(7, of: .structure, count: table.columns.count) { list in
                // Values are ordered by their type.
                for _ in table.columns { list.append { $0.structure(1) } }
            }
        }
        return writer.bytes
    }

    private static func append(_ name: String, _ type: ParquetType, to list: inout ThriftWriter) {
        list.append { column in
            column.int32(1, type.physicalType)
            // OPTIONAL
            column.int32(3, 1)
            column.binary(4, name.utf8)
            switch type {
            case .boolean, .integer, .number: break
            case .timestamp:
                // TIMESTAMP_MICROS
                column.int32(6, 10)
                column.structure(10) { logical in
                    logical.structure(8) { timestamp in
                        timestamp.boolean(1, true)
                        timestamp.structure(2) { $0.structure(2) }
                    }
                }
            case .text:
                // UTF8
                column.int32(6, 0)
                column.structure(10) { $0.structure(1) }
            }
        }
    }
}
