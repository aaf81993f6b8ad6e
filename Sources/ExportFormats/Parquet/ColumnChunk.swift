/// The values of one column within a row group, in the finished pages and the open one.
///
/// Values are stored in a dictionary as long as that is worthwhile. If most of them differ, or they take much memory, later pages hold the
/// values themselves.
struct ColumnChunk {
    let type: ParquetType
    private let codec: PageCodec
    /// Whether the smallest and the largest value are recorded.
    private let hasBounds: Bool

    // The open page
    private var levels = BitList()
    /// The encoded values of the page, if there is no dictionary.
    private var values: [UInt8] = []
    private var booleans = BitList()
    private var indices: [UInt32] = []

    // The row group
    private var dictionary = ValueDictionary()
    private var usesDictionary: Bool
    /// Whether a finished page refers to the dictionary.
    private var needsDictionary = false
    private var bounds: ColumnBounds
    private var nulls = 0
    private var count = 0
    /// The finished pages, each preceded by its header.
    private var pages: [[UInt8]] = []
    /// The size of the finished pages as stored.
    private var storedSize = 0
    /// The size of the pages without compression.
    private var uncompressedSize = 0
    private var dataPages: [PageEncoding: Int] = [:]
    /// Whether a dictionary was not worthwhile, so that the next row group does not try one.
    private var isDictionaryGivenUp: Bool

    /// The minimum size of a page in bytes before compression.
    static let pageSize = 1 << 20
    /// The maximum size of a dictionary in bytes.
    private static let dictionarySize = 1 << 19

    init(_ type: ParquetType, _ codec: PageCodec, hasBounds: Bool, triesDictionary: Bool = true) {
        self.type = type
        self.codec = codec
        self.hasBounds = hasBounds
        bounds = ColumnBounds(type)
        isDictionaryGivenUp = !triesDictionary
        usesDictionary = triesDictionary && type != .boolean
    }

    /// The chunk of the column in the next row group.
    func next() -> ColumnChunk {
        ColumnChunk(type, codec, hasBounds: hasBounds, triesDictionary: !isDictionaryGivenUp)
    }

    /// The approximate size of the chunk in memory.
    var size: Int {
        storedSize + values.count + indices.count * 4 + levels.bytes.count
            + (usesDictionary || needsDictionary ? dictionary.size : 0)
    }

    mutating func appendNull() throws(DeflateError) {
        levels.append(false)
        nulls += 1
        count += 1
        // A page of only nulls is tiny, but its levels take memory.
        if levels.count >= 8 * Self.pageSize { try finishPage() }
    }

    mutating func append(_ value: Bool) throws(DeflateError) {
        begin()
        bounds.add(Int64(value ? 1 : 0))
        booleans.append(value)
        if booleans.bytes.count >= Self.pageSize { try finishPage() }
    }

    mutating func append(_ value: Int64) throws(DeflateError) {
        try append(word: UInt64(bitPattern: value)) { $0.add(value) }
    }

    mutating func append(_ value: Double) throws(DeflateError) {
        try append(word: value.bitPattern) { $0.add(value) }
    }

    private mutating func append(word: UInt64, _ note: (inout ColumnBounds) -> Void) throws(DeflateError) {
        begin()
        if usesDictionary {
            let bytes: InlineArray<8, UInt8> = [
                UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word >> 16),
                UInt8(truncatingIfNeeded: word >> 24), UInt8(truncatingIfNeeded: word >> 32),
                UInt8(truncatingIfNeeded: word >> 40),
                UInt8(truncatingIfNeeded: word >> 48), UInt8(truncatingIfNeeded: word >> 56),
            ]
            let (index, isNew) = dictionary.place(of: bytes.span)
            if isNew { note(&bounds) }
            try append(index: index, isNew)
        } else {
            note(&bounds)
            values.append(littleEndian: word)
            if values.count >= Self.pageSize { try finishPage() }
        }
    }

    /// Appends a text in UTF-8.
    mutating func append(_ text: Span<UInt8>) throws(DeflateError) {
        begin()
        if usesDictionary {
            let (index, isNew) = dictionary.place(of: text)
            if isNew, hasBounds { bounds.add(text) }
            try append(index: index, isNew)
        } else {
            if hasBounds { bounds.add(text) }
            values.append(plain: text, as: .text)
            if values.count >= Self.pageSize { try finishPage() }
        }
    }

    private mutating func begin() {
        levels.append(true)
        count += 1
    }

    private mutating func append(index: UInt32, _ isNew: Bool) throws(DeflateError) {
        indices.append(index)
        guard isNew else { return }
        if dictionary.count >= 1024 || dictionary.size >= Self.pageSize / 16, !isDictionaryWorthIt {
            try leaveDictionary()
        } else if dictionary.size >= Self.dictionarySize {
            try finishPage()
            usesDictionary = false
        }
    }

    /// Whether each value occurs at least twice on average.
    private var isDictionaryWorthIt: Bool { dictionary.count > 0 && dictionary.count * 2 <= count - nulls }

    private mutating func leaveDictionary() throws(DeflateError) {
        isDictionaryGivenUp = dictionary.count > 0
        usesDictionary = false
        guard !needsDictionary else { return try finishPage(withDictionary: true) }
        for index in indices { dictionary.append(Int(index), to: &values, as: type) }
        indices.removeAll(keepingCapacity: false)
        dictionary = ValueDictionary()
        if values.count >= Self.pageSize { try finishPage() }
    }

    // MARK: Pages

    private mutating func finishPage() throws(DeflateError) { try finishPage(withDictionary: usesDictionary) }

    private mutating func finishPage(withDictionary: Bool) throws(DeflateError) {
        guard levels.count > 0 else { return }
        var page: [UInt8] = []
        page.reserveCapacity(values.count + indices.count * 2 + levels.bytes.count + 64)
        var runs: [UInt8] = []
        levels.appendRuns(to: &runs)
        page.append(littleEndian: UInt32(runs.count))
        page += runs
        if withDictionary {
            let bitWidth = max(1, 32 - UInt32(max(0, dictionary.count - 1)).leadingZeroBitCount)
            page.append(UInt8(bitWidth))
            HybridRuns.append(indices, bitWidth: bitWidth, to: &page)
            needsDictionary = true
        } else {
            page += type == .boolean ? booleans.bytes : values
        }
        let encoding: PageEncoding = withDictionary ? .dictionary : .plain
        dataPages[encoding, default: 0] += 1
        let stored = try stored(page, .data, encoding, values: levels.count)
        storedSize += stored.count
        pages.append(stored)
        levels.removeAll()
        booleans.removeAll()
        values.removeAll(keepingCapacity: true)
        indices.removeAll(keepingCapacity: true)
    }

    /// A stored page, preceded by its header.
    private mutating func stored(
        _ page: [UInt8], _ kind: PageKind, _ encoding: PageEncoding, values: Int
    ) throws(DeflateError) -> [UInt8] {
        let stored = try codec.compress(page)
        var header = ThriftWriter()
        header.append { header in
            header.int32(1, kind.rawValue)
            header.int32(2, page.count)
            header.int32(3, stored.count)
            header.int32(4, Int(Int32(bitPattern: Checksum.crc32(stored.span))))
            switch kind {
            case .data:
                header.structure(5) { data in
                    data.int32(1, values)
                    data.int32(2, encoding.rawValue)
                    data.int32(3, PageEncoding.runs.rawValue)
                    data.int32(4, PageEncoding.runs.rawValue)
                }
            case .dictionary:
                header.structure(7) { dictionary in
                    dictionary.int32(1, values)
                    dictionary.int32(2, encoding.rawValue)
                }
            }
        }
        uncompressedSize += header.bytes.count + page.count
        return header.bytes + stored
    }

    // MARK: The end of the row group

    /// Appends the pages to the file, and returns their entry for the footer.
    /// - Parameter offset: The offset of `output` in the file.
    mutating func finish(
        name: String, offset: Int, to output: inout [UInt8]
    ) throws(DeflateError) -> (metadata: ThriftWriter, compressed: Int, uncompressed: Int) {
        if usesDictionary, !needsDictionary, !isDictionaryWorthIt { try leaveDictionary() }
        try finishPage()
        let start = output.count
        if needsDictionary {
            var page: [UInt8] = []
            for index in 0..<dictionary.count { dictionary.append(index, to: &page, as: type) }
            output += try stored(page, .dictionary, .plain, values: dictionary.count)
        }
        let dataStart = output.count
        for index in pages.indices {
            output += pages[index]
            // Otherwise the row group would be in memory twice.
            pages[index] = []
        }
        let size = output.count - start
        let metadata = metadata(
            name, dictionaryOffset: needsDictionary ? offset + start : nil, dataOffset: offset + dataStart, size: size)
        return (metadata, size, uncompressedSize)
    }

    private func metadata(_ name: String, dictionaryOffset: Int?, dataOffset: Int, size: Int) -> ThriftWriter {
        var encodings = Set(dataPages.keys).union([.runs])
        if needsDictionary { encodings.insert(.plain) }
        let inOrder = PageEncoding.allCases.filter(encodings.contains)
        var writer = ThriftWriter()
        writer.append { chunk in
            // Deprecated; 0 because the metadata are stored here.
            chunk.int64(2, 0)
            chunk.structure(3) { column in
                column.int32(1, type.physicalType)
                column.list(2, of: .int32, count: inOrder.count) { list in
                    for encoding in inOrder { list.append(int32: encoding.rawValue) }
                }
                column.list(3, of: .binary, count: 1) { $0.append(binary: name.utf8) }
                column.int32(4, codec.number)
                column.int64(5, count)
                column.int64(6, uncompressedSize)
                column.int64(7, size)
                column.int64(9, dataOffset)
                if let dictionaryOffset { column.int64(11, dictionaryOffset) }
                column.structure(12) { statistics in
                    statistics.int64(3, nulls)
                    if hasBounds, let (low, high) = bounds.encoded {
                        statistics.binary(5, high)
                        statistics.binary(6, low)
                        statistics.boolean(7, true)
                        statistics.boolean(8, true)
                    }
                }
                let kinds = [PageEncoding.plain, .dictionary].filter { dataPages[$0] != nil }
                column.list(13, of: .structure, count: kinds.count + (needsDictionary ? 1 : 0)) { list in
                    if needsDictionary { Self.append(.dictionary, .plain, count: 1, to: &list) }
                    for encoding in kinds { Self.append(.data, encoding, count: dataPages[encoding] ?? 0, to: &list) }
                }
            }
        }
        return writer
    }

    private static func append(_ kind: PageKind, _ encoding: PageEncoding, count: Int, to list: inout ThriftWriter) {
        list.append { pages in
            pages.int32(1, kind.rawValue)
            pages.int32(2, encoding.rawValue)
            pages.int32(3, count)
        }
    }
}
