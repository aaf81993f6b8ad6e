/// The columns that were discovered in a destination, in the order of their discovery: `columns.json`.
///
/// It only grows, so that a column keeps its place in every header.
public struct ColumnCatalog: Sendable, Hashable, Codable {
    /// Of this file; 1.
    public private(set) var format = 1
    public private(set) var columns: [Entry] = []

    public struct Entry: Sendable, Hashable, Codable {
        public let name: String
        /// Keys from the row inwards.
        public let path: [String]
        /// The window in which it was first seen. Nil: the service named it before any row showed it.
        public let window: String?
    }

    public init() {}

    /// Full paths, in order.
    public var paths: [[String]] { columns.map(\.path) }

    /// Adds what is not there yet, in the order of their keys: what a window brings does not depend on the order of its answers.
    ///
    /// Keys are compared by their bytes, as JSON does: é in one letter and in two are two keys.
    public mutating func add(_ paths: some Sequence<[String]>, window: String?) {
        var known = Set(self.paths.map(Self.bytes))
        let ordered = paths.map { ($0, Self.bytes($0)) }.sorted { left, right in
            left.1.lexicographicallyPrecedes(right.1) { $0.lexicographicallyPrecedes($1) }
        }
        for (path, bytes) in ordered where known.insert(bytes).inserted {
            columns.append(Entry(name: Column.name(of: path), path: path, window: window))
        }
    }

    /// Forgets what was added after the first so many: the window that brought it did not come to its end.
    public mutating func keepFirst(_ count: Int) {
        columns = Array(columns.prefix(count))
    }

    private static func bytes(_ path: [String]) -> [[UInt8]] {
        path.map { Array($0.utf8) }
    }
}
