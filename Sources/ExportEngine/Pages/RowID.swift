import ExportFormats

/// The id of a conversation in the spool.
enum RowID {
    /// - Throws: `EncodingError` where the row has none: every row that was kept had one.
    static func read(_ row: Span<UInt8>) throws -> Int64 {
        guard let value = JSONText.value(at: ["id"], of: 0..<row.count, in: row), let id = JSONText.int64(row, value) else {
            throw EncodingError.noID
        }
        return id
    }
}
