/// A key that rows have below one of their objects.
public struct DiscoveredKey: Sendable, Hashable, Codable {
    /// The table whose rows have the key.
    public var table: Table
    /// Keys from the row inwards: `["metadata", "customer_tier"]`.
    public var path: [String]
    /// The kinds of the values that were seen.
    public var kinds: ValueKinds

    /// Creates a key of a table, with the kinds of values that were seen in it.
    public init(table: Table = .conversations, path: [String], kinds: ValueKinds = []) {
        self.table = table
        self.path = path
        self.kinds = kinds
    }
}

/// The columns that were discovered in a destination, in the order of their discovery: `columns.json`.
///
/// It only grows, so that a column keeps its place in every header, and types only widen.
public struct ColumnCatalog: Sendable, Hashable, Codable {
    /// The format of this file; 1.
    public private(set) var format = 1
    /// All discovered columns, in the order in which they were added, which is the order in the files.
    public private(set) var columns: [Entry] = []
    /// Runs that discovered columns which not all of their windows have yet, because they are in progress or were interrupted. `nil` if
    /// there are none.
    public private(set) var incompleteRuns: [String]?

    enum CodingKeys: String, CodingKey {
        case format, columns
        case incompleteRuns = "incomplete_runs"
    }

    /// Returns the catalog with a run added whose windows get the new columns when it ends.
    package func awaitingCompletion(of run: String) -> ColumnCatalog {
        var catalog = self
        if incompleteRuns?.contains(where: { $0.equalsExactly(run) }) != true {
            catalog.incompleteRuns = (incompleteRuns ?? []) + [run]
        }
        return catalog
    }

    /// The catalog after the windows of all runs got their columns.
    package var completed: ColumnCatalog {
        var catalog = self
        catalog.incompleteRuns = nil
        return catalog
    }

    /// A discovered column, as `columns.json` holds it.
    public struct Entry: Sendable, Hashable, Codable {
        /// The table that has the column.
        public let table: Table
        /// The column's name in the files.
        public let name: String
        /// Keys from the row inwards.
        public let path: [String]
        /// The type of the column. `nil` as long as all its values were null.
        public fileprivate(set) var type: ColumnType?
        /// The window in which the key was first seen. `nil` if the service listed it before any row had it.
        public let window: String?
    }

    /// Creates an empty catalog.
    public init() {}

    /// The columns of a table, in order.
    public func columns(of table: Table) -> [Entry] {
        columns.filter { $0.table == table }
    }

    /// Adds columns for new keys, in the order of the keys, and widens the types of existing columns. The result does not depend on the
    /// order in which a window's responses came.
    ///
    /// Keys are compared by their bytes, as in JSON: a composed and a decomposed é make two keys.
    /// - Returns: The tables that had no room left for a key (`ColumnLimits`).
    @discardableResult
    public mutating func add(_ keys: some Sequence<DiscoveredKey>, window: String?) -> Set<Table> {
        merge(keys, window) { key, entry in
            guard let entry else { return ColumnType.inferred(from: key.kinds) }
            return ColumnType.inferred(from: key.kinds, widening: entry.type)
        }
    }

    /// Gives a type to columns that have none, and changes no other type. Adds new keys only if `isColumn` returns true for them.
    public mutating func settle(
        _ keys: some Sequence<DiscoveredKey>, window: String?, where isColumn: (DiscoveredKey) -> Bool
    ) {
        let known = Set(columns.map { Self.bytes($0.table, $0.path) })
        merge(keys.filter { known.contains(Self.bytes($0.table, $0.path)) || isColumn($0) }, window) { key, entry in
            entry?.type ?? ColumnType.inferred(from: key.kinds)
        }
    }

    @discardableResult
    private mutating func merge(
        _ keys: some Sequence<DiscoveredKey>, _ window: String?, type: (DiscoveredKey, Entry?) -> ColumnType?
    ) -> Set<Table> {
        var places: [[[UInt8]]: Int] = [:]
        var taken: [Table: ColumnLimits.Taken] = [:]
        var full: Set<Table> = []
        for (index, entry) in columns.enumerated() {
            places[Self.bytes(entry.table, entry.path)] = index
            taken[entry.table, default: .init()].add(entry.path)
        }
        let ordered = keys.map { ($0, Self.bytes($0.table, $0.path)) }.sorted { left, right in
            left.1.lexicographicallyPrecedes(right.1) { $0.lexicographicallyPrecedes($1) }
        }
        for (key, bytes) in ordered {
            if let place = places[bytes] {
                columns[place].type = type(key, columns[place])
            } else if taken[key.table, default: .init()].hasRoom(for: key.path) {
                places[bytes] = columns.count
                taken[key.table, default: .init()].add(key.path)
                columns.append(
                    Entry(table: key.table, name: Column.name(of: key.path), path: key.path, type: type(key, nil), window: window))
            } else {
                full.insert(key.table)
            }
        }
        return full
    }

    /// The bytes that distinguish a key of a table from others.
    package static func bytes(_ table: Table, _ path: [String]) -> [[UInt8]] {
        [Array(table.rawValue.utf8)] + path.map { Array($0.utf8) }
    }
}

extension ColumnCatalog.Entry {
    /// Reads `columns.json`.
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // Older versions had only one table.
        table = try container.decodeIfPresent(Table.self, forKey: .table) ?? .conversations
        name = try container.decode(String.self, forKey: .name)
        path = try container.decode([String].self, forKey: .path)
        type = try container.decodeIfPresent(ColumnType.self, forKey: .type)
        window = try container.decodeIfPresent(String.self, forKey: .window)
    }
}

extension ColumnCatalog: StoredState {
    /// The newest format of `columns.json` that this version reads, and the one that it writes.
    package static let newestFormat = 1
    /// The largest `columns.json` that is read, in bytes.
    package static let largestFile = 32 << 20

    /// Whether the number of columns is within the limit and each has a path.
    package var isWithinBounds: Bool {
        columns.count <= ColumnLimits.maximumRead && columns.allSatisfy { !$0.path.isEmpty }
    }
}

/// A key that has no column of its own, because the column's name is taken. Its values are in the rest.
public struct ColumnCollision: Sendable, Hashable {
    /// The table that has both.
    public let table: Table
    /// The column's name.
    public let name: String
    /// The path of the key, for display.
    public let key: String
    /// The key or column that has the name, for display.
    public let holder: String

    /// Creates a collision of a key with the column that has its name.
    public init(table: Table, name: String, key: String, holder: String) {
        (self.table, self.name, self.key, self.holder) = (table, name, key, holder)
    }
}
