import ExportCore

/// Reads the cells of newline-delimited JSON: each column is a key of the row.
///
/// In a text column, strings are decoded and other values are JSON text. In other columns, values are unchanged.
public struct NDJSONCellReader: CellReader {
    private let types: [ColumnType]
    private let isReplacing: Bool
    /// The columns' keys.
    private var tree = PathTree()
    /// The column of each node of the tree.
    private var columns: [Int: Int] = [:]
    /// The beginning of a line that continues in the next chunk.
    private var pending: [UInt8] = []
    private var row = 1
    private var cells: RowCells

    /// The maximum length of a line, more than the largest response of the service.
    private static let longestLine = 128 * 1_048_576

    init(_ columns: [CellColumn], replacing isReplacing: Bool) {
        types = columns.map(\.type)
        self.isReplacing = isReplacing
        cells = RowCells(count: columns.count)
        for (index, column) in columns.enumerated() { self.columns[tree.insert([column.name])] = index }
    }

    public mutating func read(_ chunk: Span<UInt8>, _ body: (RowCells) throws -> Void) throws {
        var start = 0
        for position in chunk.indices where chunk[position] == Byte.lineFeed {
            if pending.isEmpty {
                try read(line: chunk.extracting(start..<position))
            } else {
                pending.append(chunk, start..<position)
                let line = pending
                pending.removeAll(keepingCapacity: true)
                try read(line: line.span)
            }
            try body(cells)
            row += 1
            start = position + 1
        }
        pending.append(chunk, start..<chunk.count)
        if pending.count > Self.longestLine { throw RowReadError.tooLong(row: row) }
    }

    private mutating func read(line: Span<UInt8>) throws(RowReadError) {
        let object: Range<Int>
        do { object = try JSONText.validate(line) } catch { throw .notAnObject(row: row) }
        guard JSONText.kind(line, object) == .object else { throw .notAnObject(row: row) }
        cells.clear()
        var members = JSONMembers(of: object, in: line)
        while let member = members.next(in: line) {
            guard let node = tree.child(of: PathTree.root, line, member.key), let column = columns[node] else { continue }
            set(column, line, member.value)
        }
    }

    /// Sets a cell. Of duplicate keys, the last one counts.
    private mutating func set(_ column: Int, _ line: Span<UInt8>, _ value: Range<Int>) {
        switch JSONText.kind(line, value) {
        case .null: cells.setNull(column)
        case .string where types[column] != .json:
            cells.set(column, replacing: isReplacing) { JSONText.appendString(line, value, to: &$0) }
        default: cells.set(column, replacing: isReplacing, json: line, value)
        }
    }

    public mutating func finish() throws(RowReadError) {
        guard pending.isEmpty else { throw .truncated(row: row) }
    }
}
