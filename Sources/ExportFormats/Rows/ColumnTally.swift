/// Counts of the rows of a file by column, in the order of the columns.
public struct ColumnTally: Sendable, Hashable {
    /// Values that do not fit their columns' types.
    public private(set) var misfits: [Int: Int] = [:]
    /// Values that were cut, since the cells of a spreadsheet hold no more.
    public private(set) var cuts: [Int: Int] = [:]
    /// The columns, of those that are watched, in which no row has had a value yet.
    public private(set) var empty: [Int]

    /// - Parameter watched: The columns whose emptiness is of interest, such as `TableLayout.keyCells`.
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
