/// The limits for keys of rows that become columns of a table. Keys beyond them stay in the rest.
///
/// The keys come from untrusted rows, and each column appears in every header, every manifest and every warehouse table.
public enum ColumnLimits {
    /// The maximum number of columns of a table: that of BigQuery, which no other system exceeds.
    public static let columns = 10_000
    /// The maximum size of a path: the UTF-8 bytes of its keys, plus one for each.
    public static let keyBytes = 1024
    /// The maximum size of the paths of all columns of a table.
    public static let allBytes = 1 << 19

    /// The maximum number of columns of all tables together that is read from a destination of an older version, which had no limit.
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

        /// Counts a column by the size of its path.
        package mutating func add(bytes: Int) {
            self.columns += 1
            self.bytes += bytes
        }

        func hasRoom(for path: [String]) -> Bool {
            let more = ColumnLimits.bytes(of: path)
            return columns < ColumnLimits.columns && more <= keyBytes && bytes + more <= allBytes
        }

        /// Whether the limits are exceeded, so that further keys need not be collected.
        package var isBeyond: Bool { columns > ColumnLimits.columns || bytes > allBytes }
    }
}
