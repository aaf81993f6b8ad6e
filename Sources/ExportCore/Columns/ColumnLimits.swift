/// The limits for keys of rows that become columns of a table. Other keys stay in the rest.
///
/// Rows from outside determine the keys, and each column appears in every header, every manifest and every table of a warehouse.
public enum ColumnLimits {
    /// Columns of a table at most: as many as BigQuery takes; none of the other systems takes more.
    public static let columns = 10_000
    /// Bytes of the keys from the row to a value at most, each with one more.
    public static let keyBytes = 1024
    /// The same of all columns of a table.
    public static let allBytes = 1 << 19

    /// Columns of all tables at most, in a destination of an older version, which had no limit.
    package static let maximumRead = 100_000

    /// The part of `allBytes` that a path uses.
    package static func bytes(of path: [String]) -> Int { path.reduce(0) { $0 + $1.utf8.count + 1 } }

    /// The part of the limits that the columns of a table use.
    package struct Taken: Sendable {
        /// Columns that were added.
        package private(set) var columns = 0
        /// Bytes of their paths.
        package private(set) var bytes = 0

        /// Creates a count of nothing.
        package init() {}

        /// Counts a column by its path.
        package mutating func add(_ path: [String]) { add(bytes: ColumnLimits.bytes(of: path)) }

        /// Counts a column whose path has so many bytes.
        package mutating func add(bytes: Int) {
            self.columns += 1
            self.bytes += bytes
        }

        func hasRoom(for path: [String]) -> Bool {
            let more = ColumnLimits.bytes(of: path)
            return columns < ColumnLimits.columns && more <= keyBytes && bytes + more <= allBytes
        }

        /// Whether some key among these has no place: then those behind them need not be known.
        package var isBeyond: Bool { columns > ColumnLimits.columns || bytes > allBytes }
    }
}
