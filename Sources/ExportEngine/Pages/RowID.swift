import ExportFormats

/// The id of a conversation in the spool.
enum RowID {
    /// Reads the id of a row.
    /// - Throws: `EncodingError` if the row has none, although every kept row had one.
    static func read(_ row: Span<UInt8>) throws -> Int64 {
        guard let value = JSONText.value(at: ["id"], of: 0..<row.count, in: row), let id = JSONText.int64(row, value) else {
            throw EncodingError.noID
        }
        return id
    }
}
