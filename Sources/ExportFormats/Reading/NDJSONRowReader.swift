public import ExportCore

/// Reads newline-delimited JSON, one line at a time.
public struct NDJSONRowReader: RowReader {
    private let id: [UInt8]?
    private let startedAt: [UInt8]?
    /// The beginning of a line that continues in the next chunk.
    private var pending: [UInt8] = []
    private var row = 1

    /// The maximum length of a line, more than the largest response of the service.
    private static let longestLine = 128 * 1_048_576

    /// Creates a reader.
    /// - Parameter keys: The keys under which rows have their `id` and `started_at`.
    public init(keys: Manifest.File.KeyColumns) {
        id = keys.id.map { Array($0.utf8) }
        startedAt = keys.startedAt.map { Array($0.utf8) }
    }

    public mutating func read(_ chunk: Span<UInt8>, _ body: (WrittenRow) throws -> Void) throws {
        var start = 0
        while let position = chunk.firstIndex(of: Byte.lineFeed, in: start..<chunk.count) {
            if pending.isEmpty {
                try body(read(line: chunk.extracting(start..<position)))
            } else {
                pending.append(chunk, start..<position)
                try body(read(line: pending.span))
                pending.removeAll(keepingCapacity: true)
            }
            row += 1
            start = position + 1
        }
        pending.append(chunk, start..<chunk.count)
        if pending.count > Self.longestLine { throw RowReadError.tooLong(row: row) }
    }

    private func read(line: Span<UInt8>) throws(RowReadError) -> WrittenRow {
        let object: Range<Int>
        do { object = try JSONText.validate(line) } catch { throw .notAnObject(row: row) }
        guard JSONText.kind(line, object) == .object else { throw .notAnObject(row: row) }
        var (idValue, startedAtValue): (Range<Int>?, Range<Int>?) = (nil, nil)
        // Of duplicate keys, the last one counts.
        JSONText.forEachMember(of: object, in: line) { key, value in
            if let id, JSONText.isKey(line, key, id) { idValue = value }
            if let startedAt, JSONText.isKey(line, key, startedAt) { startedAtValue = value }
        }
        return WrittenRow(
            id: idValue.flatMap { value in
                JSONText.int64(line, value) ?? JSONText.string(line, value).flatMap { Int64($0) }
            },
            startedAt: startedAtValue.flatMap { JSONText.instant(line, $0) })
    }

    public mutating func finish() throws(RowReadError) {
        guard pending.isEmpty else { throw .truncated(row: row) }
    }
}
