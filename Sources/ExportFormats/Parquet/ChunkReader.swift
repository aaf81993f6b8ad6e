import ExportCore

/// Reads the pages of one column within a row group, and compares them with the footer.
struct ChunkReader {
    /// The values that are kept, row by row.
    enum Kept {
        case nothing
        case integers([Int64?])
        case instants([Instant?])
        case texts(ColumnTexts)
    }

    private let column: ParquetFooter.Column
    private let chunk: ParquetFooter.Chunk
    private let group: Int
    private(set) var kept: Kept
    /// The ranges of the dictionary's values in `dictionaryPage`. `nil` if there is no dictionary.
    private var dictionary: [Range<Int>]?
    private var dictionaryPage: [UInt8] = []
    private var rows = 0
    private var nulls = 0
    private var bounds: ColumnBounds

    /// The maximum size of a page, more than any that is written: a single value may be as large as a response of the service.
    private static let largestPage = 512 << 20

    init(_ column: ParquetFooter.Column, _ chunk: ParquetFooter.Chunk, group: Int, keeping kept: Kept) {
        self.column = column
        self.chunk = chunk
        self.group = group
        self.kept = kept
        bounds = ColumnBounds(column.type)
    }

    private var broken: RowReadError { .parquet(.page(column: column.name, group: group)) }

    /// Reads the page at an offset, if it is complete.
    /// - Returns: The end of the page. `nil` if bytes are missing.
    mutating func readPage(_ bytes: Span<UInt8>, at start: Int) throws(RowReadError) -> Int? {
        var reader = ThriftReader(at: start)
        let header: ThriftStructure
        do { header = try reader.structure(bytes) } catch {
            // Headers are short, so one that is incomplete after 64 KiB is invalid.
            guard case .truncated = error, bytes.count - start < 1 << 16 else { throw broken }
            return nil
        }
        guard let size = header.integer(2), let stored = header.integer(3), (0...Self.largestPage).contains(size),
            (0...Self.largestPage).contains(stored)
        else { throw broken }
        let end = reader.position + stored
        guard end <= bytes.count else { return nil }
        let content = bytes.extracting(reader.position..<end)
        guard header.integer(4) == Int(Int32(bitPattern: Checksum.crc32(content))) else {
            throw .parquet(.checksum(column: column.name, group: group))
        }
        if chunk.compression == .none {
            try read(content, header)
        } else {
            let page: [UInt8]
            do { page = try PageCodec.decompress(content, chunk.compression, size: size) } catch { throw broken }
            try read(page.span, header)
        }
        return end
    }

    private mutating func read(_ page: Span<UInt8>, _ header: ThriftStructure) throws(RowReadError) {
        switch header.integer(1).flatMap(PageKind.init) {
        case .dictionary:
            guard dictionary == nil, rows == 0, let data = header.structure(7), data.integer(2) == PageEncoding.plain.rawValue,
                let values = data.integer(1), (0...page.count).contains(values)
            else { throw broken }
            var places: [Range<Int>] = []
            var position = 0
            for _ in 0..<values { places.append(try place(page, &position)) }
            guard position == page.count else { throw broken }
            (dictionary, dictionaryPage) = (places, [UInt8](copying: page))
        case .data:
            guard let data = header.structure(5), let values = data.integer(1), values >= 0, values <= chunk.values - rows,
                let encoding = data.integer(2).flatMap(PageEncoding.init), data.integer(3) == PageEncoding.runs.rawValue,
                data.integer(4) == PageEncoding.runs.rawValue
            else { throw broken }
            try read(page, rows: values, encoding)
            rows += values
        case nil: throw broken
        }
    }

    private mutating func read(_ page: Span<UInt8>, rows: Int, _ encoding: PageEncoding) throws(RowReadError) {
        guard page.count >= 4 else { throw broken }
        let length = Int(Self.word(page, 0, bytes: 4))
        guard length <= page.count - 4 else { throw broken }
        var levels = HybridRunReader(4..<4 + length, bitWidth: 1)
        var position = 4 + length
        var indices: HybridRunReader?
        if encoding == .dictionary {
            guard dictionary != nil, position < page.count, page[position] <= 32 else { throw broken }
            indices = HybridRunReader(position + 1..<page.count, bitWidth: Int(page[position]))
            position = page.count
        }
        var bit = 0
        for _ in 0..<rows {
            guard let level = levels.next(page), level <= 1 else { throw broken }
            if level == 0 {
                nulls += 1
                keepNull()
            } else if indices != nil {
                guard let index = indices?.next(page), let places = dictionary, Int(index) < places.count else { throw broken }
                let (all, place) = (dictionaryPage, places[Int(index)])
                try take(all.span.extracting(place))
            } else if column.type == .boolean {
                guard position + bit / 8 < page.count else { throw broken }
                let value = page[position + bit / 8] >> UInt8(bit % 8) & 1
                bounds.add(Int64(value))
                keepText { $0.append(contentsOf: value == 1 ? "true".utf8 : "false".utf8) }
                bit += 1
            } else {
                try take(page.extracting(place(page, &position)))
            }
        }
        guard position + (bit + 7) / 8 == page.count else { throw broken }
    }

    /// The range of a value in PLAIN encoding.
    private func place(_ page: Span<UInt8>, _ position: inout Int) throws(RowReadError) -> Range<Int> {
        var length = 8
        if column.type == .text {
            guard page.count - position >= 4 else { throw broken }
            length = Int(Self.word(page, position, bytes: 4))
            position += 4
        }
        guard length <= page.count - position else { throw broken }
        defer { position += length }
        return position..<position + length
    }

    private static func word(_ page: Span<UInt8>, _ position: Int, bytes: Int) -> UInt64 {
        (0..<bytes).reduce(0) { $0 | UInt64(page[position + $1]) << UInt64(8 * $1) }
    }

    private mutating func keepNull() {
        switch kept {
        case .nothing: break
        case .integers(var values):
            kept = .nothing
            values.append(nil)
            kept = .integers(values)
        case .instants(var values):
            kept = .nothing
            values.append(nil)
            kept = .instants(values)
        case .texts(var texts):
            kept = .nothing
            texts.appendNull()
            kept = .texts(texts)
        }
    }

    private mutating func keepText(_ append: (inout [UInt8]) -> Void) {
        guard case .texts(var texts) = kept else { return }
        kept = .nothing
        texts.append(append)
        kept = .texts(texts)
    }

    private mutating func take(_ value: Span<UInt8>) throws(RowReadError) {
        switch column.type {
        case .boolean: throw broken
        case .integer, .timestamp: bounds.add(Int64(bitPattern: Self.word(value, 0, bytes: 8)))
        case .number: bounds.add(Double(bitPattern: Self.word(value, 0, bytes: 8)))
        case .text:
            guard (try? UTF8Span(validating: value)) != nil else { throw broken }
            bounds.add(value)
        }
        switch kept {
        case .nothing: break
        case .integers(var values):
            kept = .nothing
            values.append(integer(value))
            kept = .integers(values)
        case .instants(var values):
            kept = .nothing
            values.append(instant(value))
            kept = .instants(values)
        case .texts(var texts):
            kept = .nothing
            texts.append { append(value, to: &$0) }
            kept = .texts(texts)
        }
    }

    /// Appends a value as text: numbers in decimal, times in ISO 8601.
    private func append(_ value: Span<UInt8>, to text: inout [UInt8]) {
        let word = column.type == .text ? 0 : Self.word(value, 0, bytes: 8)
        switch column.type {
        case .text: text.append(value, 0..<value.count)
        case .boolean: break
        case .integer: text.append(contentsOf: "\(Int64(bitPattern: word))".utf8)
        case .timestamp: text.append(contentsOf: "\(Instant(microseconds: Int64(bitPattern: word)))".utf8)
        case .number: text.append(contentsOf: "\(Double(bitPattern: word))".utf8)
        }
    }

    private func integer(_ value: Span<UInt8>) -> Int64? {
        switch column.type {
        case .integer: Int64(bitPattern: Self.word(value, 0, bytes: 8))
        case .text: Int64(String(decoding: [UInt8](copying: value), as: UTF8.self))
        case .boolean, .timestamp, .number: nil
        }
    }

    private func instant(_ value: Span<UInt8>) -> Instant? {
        switch column.type {
        case .timestamp: Instant(microseconds: Int64(bitPattern: Self.word(value, 0, bytes: 8)))
        case .text: Instant(iso8601: value)
        case .boolean, .integer, .number: nil
        }
    }

    /// Compares the values that were read with the footer.
    consuming func finish() throws(RowReadError) -> Kept {
        var isRight = rows == chunk.values && nulls == chunk.nulls
        if chunk.low != nil || chunk.high != nil {
            let found = bounds.encoded
            isRight = isRight && found?.low == chunk.low && found?.high == chunk.high
        }
        guard isRight else { throw .parquet(.statistics(column: column.name, group: group)) }
        return kept
    }
}

/// The values of a column within a row group, as text.
struct ColumnTexts {
    private(set) var bytes: [UInt8] = []
    /// The range of each row's value in `bytes`. `nil` for null.
    private(set) var values: [Range<Int>?] = []

    mutating func appendNull() { values.append(nil) }

    mutating func append(_ append: (inout [UInt8]) -> Void) {
        let start = bytes.count
        append(&bytes)
        values.append(start..<bytes.count)
    }
}
