public import ExportCore

/// The columns of a table in order, and the assignment of a row's values to them.
///
/// A wildcard expands to one column for each known key path below it, followed by a column named `…__rest` for everything that no column
/// holds: unknown keys, and other values where an object was expected. So no value of a row is lost.
public struct TableLayout: Sendable {
    /// The columns, in the order of the file.
    public let columns: [TableColumn]
    /// Known keys without a column because its name is taken, with the holder of the name.
    public let displaced: [Displaced]

    /// A known key that gets no column.
    public struct Displaced: Sendable, Hashable {
        /// The key's path in a row.
        public let path: [String]
        /// The column that the key would have.
        public let key: TableColumn
        /// The column that has the name.
        public let holder: TableColumn
    }

    let tree: PathTree
    /// The role of each node of the tree.
    let roles: [Role]
    /// The values that the columns use from a row.
    let cells: [Cell]
    /// The indices of declared columns that hold the value of a key rather than a known field of the stream.
    public let keyCells: [Int]
    /// The indices of cells that accept only some values.
    let choosyCells: [Int]
    /// The text of the columns that do not depend on the row. All of them have the same.
    let constant: String
    /// Nodes that have children, parents before their children.
    let branches: [Int]

    /// The role of a node for the columns named `…__rest` above it.
    enum Role {
        /// On the way to others: an object is examined, any other value belongs to the rest.
        case way
        /// In a column of its own, unless it is an object with members.
        case leaf
        /// Covered by a column, with everything below it.
        case covered
    }

    /// A compact form of a column for processing rows.
    struct Cell {
        enum Kind {
            case value, json, leaf, rest, constant
            /// Numbers are strings in JSON too, so that readers keep their digits.
            case text, leafText

            var isLeaf: Bool { self == .leaf || self == .leafText }
            var isText: Bool { self == .text || self == .leafText }
        }

        let kind: Kind
        let node: Int
        let type: ColumnType?

        /// Whether the column can hold a value that is not null.
        func takes(_ value: Range<Int>, of row: Span<UInt8>) -> Bool {
            switch type {
            case nil, .json, .string: true
            case .timestamp: JSONText.instant(row, value) != nil
            // Decimals are often sent as strings. In an inferred column, a string has a different meaning.
            case .decimal where !kind.isLeaf && JSONText.isDecimal(row, value): true
            case let type?: JSONText.kinds(row, value).isSubset(of: type.taken)
            }
        }
    }

    /// A key to which a wildcard may expand.
    public struct KnownKey: Sendable, Hashable {
        /// The key's path in a row.
        public let path: [String]
        /// The type of the key's column. `nil` for any value.
        public let type: ColumnType?

        /// Creates a key whose column has a type. If `nil`, the type is determined from the values.
        public init(path: [String], type: ColumnType? = nil) {
            self.path = path
            self.type = type
        }
    }

    /// Creates a layout from column selectors.
    /// - Parameters:
    ///   - known: The known keys with their whole paths, in the order of their columns. A key belongs to the longest wildcard above it. A
    ///     key that is declared as a column, or below one, gets no second column. A key whose column would have the name of another column
    ///     gets none, and its values are in the rest.
    ///   - agent: The value of the agent's column.
    ///   - fields: The stream's fields. The column of the `rest` selector holds the keys that are neither fields nor declared.
    /// - Throws: `LayoutError` if two declared columns have the same name.
    public init(
        _ selectors: [ColumnSelector], known: [KnownKey] = [], fields: [String] = [], agent: String? = nil
    ) throws(LayoutError) {
        constant = agent ?? ""
        var draft = Draft(constant: constant)
        for selector in selectors {
            draft.declare(selector, fields: fields)
        }
        for key in known {
            draft.assign(key)
        }
        for selector in selectors {
            draft.append(selector)
        }
        try Self.checkNames(of: draft.columns)
        columns = draft.columns
        displaced = draft.displaced
        cells = draft.cells
        keyCells = columns.indices.filter { [columns] in columns[$0].content.isKey(besides: fields) }
        choosyCells = cells.indices.filter { [cells] in ![nil, .json, .string].contains(cells[$0].type) }
        tree = draft.tree
        roles = (0..<tree.count).map { draft.roles[$0] ?? .way }
        branches = Set((0..<tree.count).compactMap { [tree] in tree.parent(of: $0) }).sorted()
    }

    /// Checks that the names are distinct. They are compared by bytes, like readers of the file do.
    private static func checkNames(of columns: [TableColumn]) throws(LayoutError) {
        var seen: [[UInt8]: TableColumn] = [:]
        for column in columns {
            if let first = seen.updateValue(column, forKey: Array(column.name.utf8)) {
                throw .duplicateName(column.name, first: first.content, second: column.content)
            }
        }
    }
}

/// A layout under construction.
private struct Draft {
    /// The text of the agent's column.
    private let constant: String
    private(set) var tree = PathTree()
    private(set) var roles: [Int: TableLayout.Role] = [:]
    private(set) var columns: [TableColumn] = []
    private(set) var cells: [TableLayout.Cell] = []
    private(set) var displaced: [TableLayout.Displaced] = []
    /// The columns by the bytes of their names.
    private var holders: [[UInt8]: TableColumn] = [:]
    private var wildcards: Set<Int> = []
    private var declared: Set<Int> = []
    /// The known paths to which each wildcard expands.
    private var leaves: [Int: [(key: TableLayout.KnownKey, node: Int)]] = [:]

    init(constant: String) { self.constant = constant }

    mutating func declare(_ selector: ColumnSelector, fields: [String]) {
        let column = column(of: selector)
        holders[Array(column.name.utf8)] = column
        switch selector {
        case .column(let column):
            let node = tree.insert(column.path)
            declared.insert(node)
            roles[node] = .covered
        case .every(let path):
            let node = tree.insert(path)
            wildcards.insert(node)
            roles[node] = .covered
        case .agent: break
        case .rest:
            for field in fields {
                roles[tree.insert([field])] = .covered
            }
        }
    }

    /// Assigns a known key to its wildcard.
    mutating func assign(_ key: TableLayout.KnownKey) {
        let path = key.path.map { Array($0.utf8) }
        let isCovered = tree.node(at: path).map { roles[$0] != nil } ?? false
        guard !isCovered, let wildcard = wildcard(above: path) else { return }
        let column = Self.column(of: key)
        if let holder = holders[Array(column.name.utf8)] {
            displaced.append(TableLayout.Displaced(path: key.path, key: column, holder: holder))
            return
        }
        holders[Array(column.name.utf8)] = column
        let node = tree.insert(path)
        roles[node] = .leaf
        leaves[wildcard, default: []].append((key, node))
    }

    private static func column(of key: TableLayout.KnownKey) -> TableColumn {
        TableColumn(name: Column.name(of: key.path), content: .leaf(path: key.path, type: key.type))
    }

    /// The column of a selector, independent of known keys.
    private func column(of selector: ColumnSelector) -> TableColumn {
        switch selector {
        case .column(let column): TableColumn(name: column.name, content: .value(path: column.path, type: column.type))
        case .every(let path): TableColumn(name: Column.name(of: path + ["rest"]), content: .rest(path: path))
        case .agent(let name): TableColumn(name: name, content: .constant(constant))
        case .rest: TableColumn(name: "rest", content: .rest(path: []))
        }
    }

    /// The nearest wildcard above the path, unless a nearer declared column covers the path.
    private func wildcard(above path: [[UInt8]]) -> Int? {
        for length in stride(from: path.count - 1, through: 0, by: -1) {
            guard let node = tree.node(at: Array(path.prefix(length))) else { continue }
            if wildcards.contains(node) { return node }
            if declared.contains(node) { return nil }
        }
        return nil
    }

    mutating func append(_ selector: ColumnSelector) {
        let column = column(of: selector)
        switch selector {
        case .column(let declared):
            append(column, tree.insert(declared.path))
        case .every(let path):
            let wildcard = tree.insert(path)
            for leaf in leaves[wildcard] ?? [] { append(Self.column(of: leaf.key), leaf.node) }
            append(column, wildcard)
        case .agent, .rest:
            append(column, PathTree.root)
        }
    }

    private mutating func append(_ column: TableColumn, _ node: Int) {
        columns.append(column)
        cells.append(TableLayout.Cell(kind: Self.kind(of: column.content), node: node, type: column.content.type))
    }

    private static func kind(of content: TableColumn.Content) -> TableLayout.Cell.Kind {
        switch content {
        case .leaf(_, .string), .leaf(_, .decimal): .leafText
        case .leaf: .leaf
        case .value(_, .string), .value(_, .decimal): .text
        case .value(_, .json): .json
        case .value: .value
        case .rest: .rest
        case .constant: .constant
        }
    }
}

/// An error of the columns of a table.
public enum LayoutError: Error, Sendable, Hashable {
    /// Two columns have the same name. Paths consist of keys, which are structure rather than content and may be displayed.
    case duplicateName(String, first: TableColumn.Content, second: TableColumn.Content)
}

extension LayoutError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .duplicateName(let name, let first, let second):
            """
            two columns are named \(name.debugDescription.shown()): \("\(first) and \(second)".shown()); \
            declare one of them under \"columns\" with a name of its own
            """
        }
    }
}
