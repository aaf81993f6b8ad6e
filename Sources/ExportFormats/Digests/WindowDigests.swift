/// The digests of a window's rows, as a file keeps them: a line of JSON that says what they cover, and 24 bytes for each row.
public struct WindowDigests: Sendable, Hashable {
    /// The top-level keys of rows that the digests cover, in order.
    public var keys: [String]
    /// By `id`, each once.
    public private(set) var rows: [RowDigest]

    /// Digests of more rows would fill the memory: windows that have more are kept without.
    public static let maximumRows = 1 << 20
    private static let format = 1
    private static let bytesPerRow = 24

    /// Creates the digests of a window.
    /// - Parameter rows: In any order. Of several with one id the last counts.
    public init(keys: [String], rows: [RowDigest]) {
        self.keys = keys
        let sorted = rows.indices.sorted { (rows[$0].id, $0) < (rows[$1].id, $1) }
        var distinct: [RowDigest] = []
        distinct.reserveCapacity(rows.count)
        for index in sorted {
            if distinct.last?.id == rows[index].id { distinct.removeLast() }
            distinct.append(rows[index])
        }
        self.rows = distinct
    }

    /// The content of the file.
    public func encoded() -> [UInt8] {
        var content = Array("{\"format\":\(Self.format),\"rows\":\(rows.count),\"keys\":[".utf8)
        for (index, key) in keys.enumerated() {
            if index > 0 { content.append(Byte.comma) }
            content.appendJSONString(key)
        }
        content += [Byte.closeBracket, Byte.closeBrace, Byte.lineFeed]
        content.reserveCapacity(content.count + rows.count * Self.bytesPerRow)
        for row in rows {
            for word in [UInt64(bitPattern: row.id), row.lean, row.whole] {
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    content.append(UInt8(truncatingIfNeeded: word >> shift))
                }
            }
        }
        return content
    }

    /// Reads a file's content. Nil where it is none, or of a format that this version does not know.
    public init?(decoding content: [UInt8]) {
        guard let end = content.firstIndex(of: Byte.lineFeed) else { return nil }
        let line = content.span.extracting(0..<end)
        guard let head = try? JSONText.validate(line) else { return nil }
        func number(_ key: String) -> Int? {
            JSONText.value(at: [key], of: head, in: line).flatMap { JSONText.int64(line, $0) }.map(Int.init)
        }
        guard number("format") == Self.format, let count = number("rows"), 0...Self.maximumRows ~= count,
            content.count == end + 1 + count * Self.bytesPerRow, let list = JSONText.value(at: ["keys"], of: head, in: line)
        else { return nil }
        var (keys, rows): ([String], [RowDigest]) = ([], [])
        JSONText.forEachElement(of: list, in: line) { if let key = JSONText.string(line, $0) { keys.append(key) } }
        rows.reserveCapacity(count)
        func word(_ place: Int) -> UInt64 { content[place..<place + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        for place in stride(from: end + 1, to: content.count, by: Self.bytesPerRow) {
            let row = RowDigest(id: Int64(bitPattern: word(place)), lean: word(place + 8), whole: word(place + 16))
            if let last = rows.last, last.id >= row.id { return nil }
            rows.append(row)
        }
        (self.keys, self.rows) = (keys, rows)
    }
}
