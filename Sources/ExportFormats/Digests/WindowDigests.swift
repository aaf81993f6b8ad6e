/// The digests of a window's rows. In a file: a line of JSON that describes their coverage, and 24 bytes for each row.
public struct WindowDigests: Sendable, Hashable {
    /// The top-level keys of rows that the digests cover, in order.
    public var keys: [String]
    /// Values below these that are excluded.
    public var leftOut: Exclusion
    /// Identifies the key of the digests. `nil` for unkeyed digests.
    public var keyDigest: String?
    /// The digests, sorted by `id`, each id once.
    public private(set) var rows: [RowDigest]

    /// The maximum number of digests, which are held in memory. Larger windows have none.
    public static let maximumRows = 1 << 20
    /// The supported formats. The second records exclusions and the key of the digests. Formats 1 and 2 used SHA-256.
    private static let formats = 3...4
    private static let bytesPerRow = 24

    /// Creates the digests of a window.
    /// - Parameter rows: The digests in any order. Of several with the same id, the last one counts.
    public init(keys: [String], leftOut: Exclusion = .none, keyDigest: String? = nil, rows: [RowDigest]) {
        (self.keys, self.leftOut, self.keyDigest) = (keys, leftOut, keyDigest)
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
        let format = leftOut == .none && keyDigest == nil ? Self.formats.lowerBound : Self.formats.upperBound
        var content = Array("{\"format\":\(format),\"rows\":\(rows.count),\"keys\":".utf8)
        content.append(list: keys) { $0.appendJSONString($1) }
        for (name, paths) in [("left_out", leftOut.paths), ("except", leftOut.except)] where !paths.isEmpty {
            content += ",\"\(name)\":".utf8
            content.append(list: paths) { content, path in content.append(list: path) { $0.appendJSONString($1) } }
        }
        if let keyDigest {
            content += ",\"hash_key\":".utf8
            content.appendJSONString(keyDigest)
        }
        content += [Byte.closeBrace, Byte.lineFeed]
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

    /// Parses a file's content. `nil` if it is invalid, or in a format that this version does not know.
    public init?(decoding content: [UInt8]) {
        guard let end = content.firstIndex(of: Byte.lineFeed) else { return nil }
        let line = content.span.extracting(0..<end)
        guard let head = try? JSONText.validate(line) else { return nil }
        func number(_ key: String) -> Int? {
            JSONText.value(at: [key], of: head, in: line).flatMap { JSONText.int64(line, $0) }.map(Int.init)
        }
        func texts(_ list: Range<Int>) -> [String] {
            var texts: [String] = []
            JSONText.forEachElement(of: list, in: line) { if let text = JSONText.string(line, $0) { texts.append(text) } }
            return texts
        }
        func paths(_ key: String) -> [[String]] {
            var paths: [[String]] = []
            guard let list = JSONText.value(at: [key], of: head, in: line) else { return paths }
            JSONText.forEachElement(of: list, in: line) { paths.append(texts($0)) }
            return paths
        }
        guard number("format").map(Self.formats.contains) == true, let count = number("rows"), 0...Self.maximumRows ~= count,
            content.count == end + 1 + count * Self.bytesPerRow, let list = JSONText.value(at: ["keys"], of: head, in: line)
        else { return nil }
        let leftOut = Exclusion(paths: paths("left_out"), except: paths("except"))
        // Rows are compared by their ids.
        guard !leftOut.paths.contains(where: { $0.isEmpty || $0 == ["id"] }) else { return nil }
        var rows: [RowDigest] = []
        rows.reserveCapacity(count)
        func word(_ place: Int) -> UInt64 { content[place..<place + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        for place in stride(from: end + 1, to: content.count, by: Self.bytesPerRow) {
            let row = RowDigest(id: Int64(bitPattern: word(place)), lean: word(place + 8), whole: word(place + 16))
            if let last = rows.last, last.id >= row.id { return nil }
            rows.append(row)
        }
        (self.keys, self.leftOut, self.rows) = (texts(list), leftOut, rows)
        keyDigest = JSONText.value(at: ["hash_key"], of: head, in: line).flatMap { JSONText.string(line, $0) }
    }
}

extension [UInt8] {
    /// Appends a JSON list.
    fileprivate mutating func append<Item>(list: [Item], _ append: (inout [UInt8], Item) -> Void) {
        self.append(Byte.openBracket)
        for (index, item) in list.enumerated() {
            if index > 0 { self.append(Byte.comma) }
            append(&self, item)
        }
        self.append(Byte.closeBracket)
    }
}
