import ExportCore

/// Reads the cells of comma-separated values (RFC 4180) of the dialect `warehouse`: each column is a field of the header.
///
/// An empty field is null, and `""` is the empty string.
public struct CSVCellReader: CellReader {
    private let columns: [CellColumn]
    private let isReplacing: Bool
    /// The column of each field, or `nil` for a field that is not read. `nil` until the header was read.
    private var fields: [Int?]?
    private var header: [String] = []

    private var state = State.fieldStart
    private var field = 0
    private var value: [UInt8] = []
    private var cells: RowCells
    private var row = 0

    private enum State {
        case fieldStart, plain, quoted
        /// After a quote that ends the field or is the first of two.
        case quoteSeen
    }

    init(_ columns: [CellColumn], replacing isReplacing: Bool) {
        self.columns = columns
        self.isReplacing = isReplacing
        cells = RowCells(count: columns.count)
    }

    public mutating func read(_ chunk: Span<UInt8>, _ body: (RowCells) throws -> Void) throws {
        var position = 0
        while position < chunk.count {
            let byte = chunk[position]
            position += 1
            switch state {
            case .quoted:
                if byte == Byte.quote {
                    state = .quoteSeen
                } else {
                    // Everything up to the next quote.
                    let end = chunk.firstIndex(of: Byte.quote, in: position..<chunk.count) ?? chunk.count
                    value.append(chunk, (position - 1)..<end)
                    position = end
                }
            case .quoteSeen where byte == Byte.quote:
                value.append(byte)
                state = .quoted
            case .fieldStart where byte == Byte.quote:
                state = .quoted
            case .fieldStart, .plain, .quoteSeen:
                switch byte {
                case Byte.comma: endField()
                case Byte.lineFeed: try endRecord(body)
                case _ where byte == Byte.quote || state == .quoteSeen: throw RowReadError.badlyQuoted(row: row)
                default:
                    state = .plain
                    value.append(byte)
                }
            }
        }
    }

    private mutating func endField() {
        let isNull = state == .fieldStart
        state = .fieldStart
        defer {
            value.removeAll(keepingCapacity: true)
            field += 1
        }
        guard let fields else { return header.append(String(decoding: value, as: UTF8.self)) }
        guard !isNull, field < fields.count, let column = fields[field] else { return }
        let text = value
        if columns[column].type == .json {
            cells.set(column, replacing: isReplacing, json: text.span, text.indices)
        } else {
            cells.set(column, replacing: isReplacing) { $0.append(contentsOf: text) }
        }
    }

    private mutating func endRecord(_ body: (RowCells) throws -> Void) throws {
        endField()
        if let fields {
            guard field == fields.count else { throw RowReadError.fields(row: row, found: field, expected: fields.count) }
            try body(cells)
            cells.clear()
        } else {
            fields = header.map { name in columns.firstIndex { $0.name.utf8.elementsEqual(name.utf8) } }
        }
        field = 0
        row += 1
    }

    public mutating func finish() throws(RowReadError) {
        guard fields != nil else { throw .noHeader }
        guard field == 0, state == .fieldStart else { throw .truncated(row: row) }
    }
}
