/// Reads the row groups of a Parquet file that this program wrote, chunk by chunk, and passes on the kept values.
struct ParquetGroupReader {
    private let footer: ParquetFooter
    private let keeping: @Sendable (Int) -> ChunkReader.Kept
    /// The offset of `pending` in the file.
    private var offset = 0
    private var pending: [UInt8] = []
    private var group = 0
    private var chunk: ChunkReader?
    /// The values that were kept of the columns read in the row group.
    private var kept: [ChunkReader.Kept] = []

    /// Creates a reader.
    /// - Parameter keeping: Returns what is kept of a column, by its index.
    init(_ footer: ParquetFooter, keeping: @escaping @Sendable (Int) -> ChunkReader.Kept) {
        self.footer = footer
        self.keeping = keeping
    }

    /// Reads the next bytes, and calls `body` with the number of rows of each row group that ends in them, and the kept values of its
    /// columns.
    mutating func read(_ bytes: Span<UInt8>, _ body: (Int, [ChunkReader.Kept]) throws -> Void) throws {
        // The last row group is followed by the footer, which was already read.
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

    private var column: Int { kept.count }
    private var chunkEnd: Int { footer.groups[group].chunks[column].extent.upperBound }

    private mutating func readPage(at position: Int) throws(RowReadError) -> Int? {
        guard position < pending.count else { return nil }
        var reader =
            chunk
            ?? ChunkReader(
                footer.columns[column], footer.groups[group].chunks[column], group: group + 1, keeping: keeping(column))
        chunk = nil
        let end = try reader.readPage(pending.span, at: position)
        chunk = reader
        if let end, offset + end > chunkEnd { throw .parquet(.page(column: footer.columns[column].name, group: group + 1)) }
        return end
    }

    private mutating func finishChunk(_ body: (Int, [ChunkReader.Kept]) throws -> Void) throws {
        if let chunk { kept.append(try chunk.finish()) }
        chunk = nil
        guard column == footer.columns.count else { return }
        try body(footer.groups[group].rows, kept)
        kept = []
        group += 1
    }

    /// Ends the reading. Throws if the file is incomplete.
    func finish() throws(RowReadError) {
        guard group == footer.groups.count, offset >= footer.start else { throw .parquet(.noFooter) }
    }
}
