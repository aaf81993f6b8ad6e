public import ExportCore

/// Reads a Parquet file that this program wrote from its start to its end, a row group at a time: every page, its checksum, and the
/// statistics of every column.
public struct ParquetRowReader: RowReader {
    private let footer: ParquetFooter
    private let keys: Manifest.File.KeyColumns
    private let fault: RowReadError?
    /// Where `pending` begins within the file.
    private var offset = 0
    private var pending: [UInt8] = []
    private var group = 0
    private var column = 0
    private var chunk: ChunkReader?
    private var ids: [Int64?] = []
    private var times: [Instant?] = []

    /// - Parameters:
    ///   - keys: The columns in which rows have their own `id` and `started_at`.
    ///   - columns: The names of all columns.
    public init(_ footer: ParquetFooter, keys: Manifest.File.KeyColumns, columns: [String]?) {
        self.footer = footer
        self.keys = keys
        let found = footer.columns.map(\.name)
        func has(_ name: String?) -> Bool { name.map { name in found.contains { $0.utf8.elementsEqual(name.utf8) } } ?? true }
        if let columns, !columns.elementsEqual(found, by: { $0.utf8.elementsEqual($1.utf8) }) {
            fault = .parquet(.columns)
        } else if let missing = [keys.id, keys.startedAt].first(where: { !has($0) }) ?? nil {
            fault = .noColumn(name: missing)
        } else {
            fault = nil
        }
    }

    public mutating func read(_ bytes: Span<UInt8>, _ body: (WrittenRow) throws -> Void) throws {
        if let fault { throw fault }
        // Behind the last row group is the footer, which was read.
        guard group < footer.groups.count else {
            offset += bytes.count
            return
        }
        pending.append(bytes, 0..<bytes.count)
        var position = 0
        if offset == 0 {
            guard pending.count >= ParquetEncoder.magic.count else { return }
            guard pending.starts(with: ParquetEncoder.magic) else { throw RowReadError.parquet(.noFooter) }
            position = ParquetEncoder.magic.count
        }
        while group < footer.groups.count, let end = try readPage(at: position) {
            position = end
            if offset + position == chunkEnd { try finishChunk(body) }
        }
        offset += position
        pending.removeSubrange(..<position)
        if group == footer.groups.count {
            offset += pending.count
            pending = []
        }
    }

    private var chunkEnd: Int { footer.groups[group].chunks[column].extent.upperBound }

    private mutating func readPage(at position: Int) throws(RowReadError) -> Int? {
        guard position < pending.count else { return nil }
        var reader = chunk ?? opened
        chunk = nil
        let end = try reader.readPage(pending.span, at: position)
        chunk = reader
        if let end, offset + end > chunkEnd { throw .parquet(.page(column: footer.columns[column].name, group: group + 1)) }
        return end
    }

    private var opened: ChunkReader {
        let found = footer.columns[column]
        let kept: ChunkReader.Kept =
            if isName(keys.id, found.name) { .integers([]) } else if isName(keys.startedAt, found.name) { .instants([]) } else {
                .nothing
            }
        return ChunkReader(found, footer.groups[group].chunks[column], group: group + 1, keeping: kept)
    }

    private func isName(_ wanted: String?, _ name: String) -> Bool { wanted.map { $0.utf8.elementsEqual(name.utf8) } ?? false }

    private mutating func finishChunk(_ body: (WrittenRow) throws -> Void) throws {
        if let chunk {
            switch try chunk.finish() {
            case .nothing: break
            case .integers(let values): ids = values
            case .instants(let values): times = values
            }
        }
        chunk = nil
        column += 1
        guard column == footer.columns.count else { return }
        for row in 0..<footer.groups[group].rows {
            try body(WrittenRow(id: ids.isEmpty ? nil : ids[row], startedAt: times.isEmpty ? nil : times[row]))
        }
        (ids, times) = ([], [])
        column = 0
        group += 1
    }

    public mutating func finish() throws(RowReadError) {
        if let fault { throw fault }
        guard group == footer.groups.count, offset >= footer.start else { throw .parquet(.noFooter) }
    }
}
