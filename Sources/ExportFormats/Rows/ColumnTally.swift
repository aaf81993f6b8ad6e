/// Statistics of a file's rows by the index of the column.
public struct ColumnTally: Sendable, Hashable {
    /// The number of values that do not fit the type of a column.
    public private(set) var misfits: [Int: Int] = [:]
    /// The number of values in a column that were cut to the size of a spreadsheet's cell.
    public private(set) var cuts: [Int: Int] = [:]
    /// The watched columns in which no row has had a value yet.
    public private(set) var empty: [Int]

    /// Creates an empty tally.
    /// - Parameter watched: The columns that are checked for being empty, such as `TableLayout.keyCells`.
    public init(watching watched: [Int] = []) {
        empty = watched
    }

    mutating func noteCut(_ cell: Int) { cuts[cell, default: 0] += 1 }

    mutating func add(_ extents: borrowing RowExtents, of row: Span<UInt8>, _ layout: TableLayout) {
        for cell in extents.misfits { misfits[cell, default: 0] += 1 }
        // Nothing to do once each has had a value.
        for place in empty.indices.reversed() where extents.value(of: layout.cells[empty[place]], row) != nil {
            empty.remove(at: place)
        }
    }
}
