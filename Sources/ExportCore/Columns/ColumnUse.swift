/// The declared columns of keys in the files of a run, and whether any row had a value in them.
public struct ColumnUse: Sendable, Hashable {
    /// A declared column of a key.
    public struct Column: Sendable, Hashable {
        /// The table that has the column.
        public let table: Table
        /// The column's name in the files.
        public let name: String
        /// The path of its key, for people: `metadata.customer_tier`.
        public let path: String

        /// Creates a column.
        public init(table: Table, name: String, path: String) {
            (self.table, self.name, self.path) = (table, name, path)
        }
    }

    private struct Entry: Hashable {
        let column: Column
        var hadValue: Bool
    }

    /// In the order in which they were added.
    private var entries: [Entry] = []

    /// Creates the use of no columns.
    public init() {}

    /// Adds a column of a file. A column that was added before has a value if it has one in either file.
    public mutating func add(_ column: Column, hadValue: Bool) {
        if let place = entries.firstIndex(where: { $0.column.isExactly(column) }) {
            entries[place].hadValue = entries[place].hadValue || hadValue
        } else {
            entries.append(Entry(column: column, hadValue: hadValue))
        }
    }

    /// Adds the columns of other files.
    public mutating func add(_ other: ColumnUse) {
        for entry in other.entries { add(entry.column, hadValue: entry.hadValue) }
    }

    /// The columns in which no row had a value.
    public var empty: [Column] { entries.filter { !$0.hadValue }.map(\.column) }
}

extension ColumnUse.Column {
    /// By bytes: names that only look alike are two columns.
    fileprivate func isExactly(_ other: Self) -> Bool {
        table == other.table && name.utf8.elementsEqual(other.name.utf8) && path.utf8.elementsEqual(other.path.utf8)
    }
}
