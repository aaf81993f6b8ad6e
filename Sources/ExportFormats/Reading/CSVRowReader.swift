public import ExportCore

/// Reads comma-separated values (RFC 4180) of either dialect, one record at a time. The header is not a row.
public struct CSVRowReader: RowReader {
    private let keys: Manifest.File.KeyColumns
    /// The index of the id's column in the header. `nil` if no such column is read.
    private var idField: Int?
    private var startedAtField: Int?
    private var headerFields: Int?

    private var state = State.fieldStart
    private var field = 0
    /// The bytes of the current field, if it is read.
    private var value: [UInt8] = []
    private var found = WrittenRow()
    private var row = 0

    private enum State {
        case fieldStart, plain, quoted
        /// After a quote that ends the field or is the first of two.
        case quoteSeen
        case carriageReturn
    }

    /// The maximum size of a field that is read. Ids, date-times and sensible names are shorter.
    private static let maximumValueLength = 64 * 1024
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Creates a reader.
    /// - Parameter keys: The columns that hold the `id` and `started_at` of rows.
    public init(keys: Manifest.File.KeyColumns) {
        self.keys = keys
    }

    public mutating func read(_ chunk: Span<UInt8>, _ body: (WrittenRow) throws -> Void) throws {
        for position in chunk.indices {
            let byte = chunk[position]
            switch state {
            case .quoted:
                if byte == Byte.quote { state = .quoteSeen } else { take(byte) }
            case .quoteSeen where byte == Byte.quote:
                take(byte)
                state = .quoted
            case .carriageReturn:
                guard byte == Byte.lineFeed else { throw RowReadError.badlyQuoted(row: row) }
                try endRecord(body)
            case .fieldStart where byte == Byte.quote && isOpening:
                state = .quoted
                value.removeAll(keepingCapacity: true)
            case .fieldStart, .plain, .quoteSeen:
                switch byte {
                case Byte.comma: try endField()
                case Byte.lineFeed: try endRecord(body)
                case Byte.carriageReturn: state = .carriageReturn
                case _ where byte == Byte.quote || state == .quoteSeen: throw RowReadError.badlyQuoted(row: row)
                default:
                    state = .plain
                    take(byte)
                    // The mark precedes the header's first field, which may be quoted.
                    if isByteOrderMark { state = .fieldStart }
                }
            }
        }
    }

    /// Whether a quote opens the field: nothing precedes it except, at the start of the file, the byte order mark.
    private var isOpening: Bool { value.isEmpty || isByteOrderMark }

    private var isByteOrderMark: Bool {
        headerFields == nil && field == 0 && value.count == 3 && value == Self.byteOrderMark
    }

    private mutating func take(_ byte: UInt8) {
        let isWanted = headerFields == nil || field == idField || field == startedAtField
        if isWanted, value.count < Self.maximumValueLength { value.append(byte) }
    }

    private mutating func endField() throws {
        if headerFields == nil {
            let name = field == 0 && value.starts(with: Self.byteOrderMark) ? value.dropFirst(3) : value[...]
            if idField == nil, isName(keys.id, name) { idField = field }
            if startedAtField == nil, isName(keys.startedAt, name) { startedAtField = field }
        } else if field == idField {
            found.id = Int64(String(decoding: value, as: UTF8.self))
        } else if field == startedAtField {
            found.startedAt = Instant(iso8601: String(decoding: value, as: UTF8.self))
        }
        value.removeAll(keepingCapacity: true)
        field += 1
        state = .fieldStart
    }

    private mutating func endRecord(_ body: (WrittenRow) throws -> Void) throws {
        try endField()
        if let headerFields {
            guard field == headerFields else { throw RowReadError.fields(row: row, found: field, expected: headerFields) }
            try body(found)
        } else {
            headerFields = field
            if let name = keys.id, idField == nil { throw RowReadError.noColumn(name: name) }
            if let name = keys.startedAt, startedAtField == nil { throw RowReadError.noColumn(name: name) }
        }
        found = WrittenRow()
        field = 0
        row += 1
    }

    /// Whether a column's name, as far as it was read, is the requested one.
    private func isName(_ wanted: String?, _ name: ArraySlice<UInt8>) -> Bool {
        wanted.map { $0.utf8.prefix(Self.maximumValueLength).elementsEqual(name.prefix(Self.maximumValueLength)) } ?? false
    }

    public mutating func finish() throws(RowReadError) {
        guard headerFields != nil else { throw .noHeader }
        guard field == 0, state == .fieldStart else { throw .truncated(row: row) }
    }
}
