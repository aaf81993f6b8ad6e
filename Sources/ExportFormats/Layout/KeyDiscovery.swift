public import ExportCore

/// Collects the keys of rows below given objects, such as those for `metadata.*`, with the kinds of their values.
///
/// A path ends at the first value that is not an object with members: a scalar, null, an array or `{}`. If there are more keys than can
/// become columns (`ColumnLimits`), the first ones in sorted order and one more are collected, regardless of the order of the rows.
public struct KeyDiscovery: Sendable {
    /// The table whose rows are examined.
    public let table: Table
    /// The distinct keys with which the paths begin.
    public let fields: [String]
    /// The fields of a conversation that contain rows of the table, or their keys.
    public let scannedFields: [String]
    private let prefixes: [[String]]
    private let watched: [[String]]
    private let fieldNodes: [Int]
    private var tree: PathTree
    /// The keys found, as nodes of a tree.
    private var nodes: [Node]
    /// The part of the limits that the leaves use.
    private var taken = ColumnLimits.Taken()
    /// Paths that the tree does not have yet, since it is extended only between rows.
    private var fresh: [KeyPath: ValueKinds] = [:]
    /// The path after which, in order, nothing is collected because the limits are reached. `nil` until they are.
    private var last: KeyPath?

    private struct Node {
        var role = Role.inside
        var kinds: ValueKinds = []
    }

    private enum Role {
        /// An object on the way to a prefix or a watched path.
        case way
        /// A prefix, or below one.
        case inside
        /// A path below a prefix that was collected.
        case leaf
        /// A watched path, which is collected once it is seen.
        case watched, seen
    }

    /// Creates a discovery.
    /// - Parameters:
    ///   - prefixes: The paths of the objects, such as `["metadata"]`. None is empty.
    ///   - watched: Paths of single values outside the prefixes, which are collected whatever their number.
    ///   - keys: Keys that were collected before.
    public init(table: Table = .conversations, prefixes: [[String]], watched: [[String]] = [], keys: [DiscoveredKey] = []) {
        self.table = table
        self.prefixes = prefixes
        self.watched = watched
        var tree = PathTree()
        let inside = prefixes.map { tree.insert($0) }
        let single = watched.filter { path in !prefixes.contains { path.starts(with: $0) } }.map { tree.insert($0) }
        // Compared by bytes, like the tree, since two names that only look the same are two fields.
        fields = (prefixes + watched).compactMap(\.first).uniqueExactly()
        scannedFields =
            switch table {
            case .conversations: fields
            case .feedbacks: ["feedbacks"]
            case .messages, .actionLogs, .attachments: ["messages"]
            }
        fieldNodes = fields.map { tree.insert([$0]) }
        self.tree = tree
        nodes = [Node](repeating: Node(role: .way), count: tree.count)
        for node in single { nodes[node].role = .watched }
        for node in inside { nodes[node].role = .inside }
        add(keys)
    }

    /// The collected keys, sorted by their bytes from the row inwards, independent of the order of the rows.
    public var keys: [DiscoveredKey] {
        first.map { DiscoveredKey(table: table, path: $0.path.strings, kinds: nodes[$0.node].kinds) }
    }

    /// The collected paths with their nodes, in order.
    private var first: [(path: KeyPath, node: Int)] {
        var taken = ColumnLimits.Taken()
        return nodes.indices.filter { nodes[$0].role == .leaf || nodes[$0].role == .seen }
            .map { (path: KeyPath(tree.path(of: $0)), node: $0) }.sorted { $0.path < $1.path }
            .filter { path, node in
                guard nodes[node].role == .leaf else { return true }
                defer { taken.add(bytes: path.size) }
                return !taken.isBeyond
            }
    }

    /// Collects keys from a row's validated value of `fields[index]`. Allocates no memory if all keys are known.
    public mutating func collect(field index: Int, _ value: Range<Int>, in text: Span<UInt8>) {
        take(value, of: fieldNodes[index], text)
        takeFresh()
    }

    /// Collects keys from a whole row, a validated object.
    public mutating func collect(row: Range<Int>, in text: Span<UInt8>) {
        collect(PathTree.root, row, text)
        takeFresh()
    }

    /// Adds the keys of another discovery with the same paths.
    /// - Returns: The keys that are new, or have new kinds of values.
    @discardableResult
    public mutating func formUnion(_ other: KeyDiscovery) -> [DiscoveredKey] {
        add(other.keys)
    }

    /// Adds keys of the table that were collected before.
    /// - Returns: The keys that are new, or have new kinds of values.
    @discardableResult
    public mutating func add(_ keys: [DiscoveredKey]) -> [DiscoveredKey] {
        defer { cutIfFull() }
        return keys.filter { key in
            guard let node = insert(KeyPath(key.path.map { Array($0.utf8) })) else { return false }
            let isKnown = nodes[node].role == .leaf || nodes[node].role == .seen
            defer { note(key.kinds, of: node) }
            return !isKnown || !key.kinds.isSubset(of: nodes[node].kinds)
        }
    }

    /// The node of a path. `nil` if it is not collected.
    private mutating func insert(_ path: KeyPath) -> Int? {
        if let node = tree.node(at: path.keys), [.watched, .seen].contains(nodes[node].role) { return node }
        guard isCollected(path) else { return nil }
        let node = tree.insert(path.keys)
        while nodes.count < tree.count { nodes.append(Node()) }
        return node
    }

    private func isCollected(_ path: KeyPath) -> Bool {
        path.size <= ColumnLimits.keyBytes && last.map { path <= $0 } ?? true
    }

    private mutating func note(_ kinds: ValueKinds, of node: Int) {
        switch nodes[node].role {
        case .watched, .seen: nodes[node].role = .seen
        case .leaf: break
        case .way, .inside:
            nodes[node].role = .leaf
            taken.add(bytes: KeyPath(tree.path(of: node)).size)
        }
        nodes[node].kinds.formUnion(kinds)
    }

    /// Collects keys below a node. The depth of recursion is that of the row, which validation has bounded.
    private mutating func collect(_ node: Int, _ object: Range<Int>, _ text: Span<UInt8>) {
        let isInside = nodes[node].role == .inside || nodes[node].role == .leaf
        var members = JSONMembers(of: object, in: text)
        while let member = members.next(in: text) {
            if let child = tree.child(of: node, text, member.key) {
                take(member.value, of: child, text)
                if isInside, !JSONText.hasMembers(text, member.value) { note(JSONText.kinds(text, member.value), of: child) }
            } else if isInside {
                collectFresh(KeyPath(tree.path(of: node)).appending(member.key, text), member.value, text)
            }
        }
    }

    private mutating func take(_ value: Range<Int>, of node: Int, _ text: Span<UInt8>) {
        if nodes[node].role == .watched || nodes[node].role == .seen { note(JSONText.kinds(text, value), of: node) }
        if JSONText.hasMembers(text, value) { collect(node, value, text) }
    }
}

// MARK: Keys that are not known yet

extension KeyDiscovery {
    private mutating func collectFresh(_ path: KeyPath, _ value: Range<Int>, _ text: Span<UInt8>) {
        // Paths below it follow it in order.
        guard isCollected(path) else { return }
        guard JSONText.hasMembers(text, value) else {
            fresh[path, default: []].formUnion(JSONText.kinds(text, value))
            if fresh.count > 2 * ColumnLimits.columns { cutFresh() }
            return
        }
        var members = JSONMembers(of: value, in: text)
        while let member = members.next(in: text) { collectFresh(path.appending(member.key, text), member.value, text) }
    }

    /// Drops keys of a row with very many keys that cannot be among the first.
    private mutating func cutFresh() {
        var taken = ColumnLimits.Taken()
        for path in fresh.keys.sorted() {
            if taken.isBeyond { fresh[path] = nil } else { last = path }
            taken.add(bytes: path.size)
        }
    }

    private mutating func takeFresh() {
        guard !fresh.isEmpty else { return }
        for (path, kinds) in fresh {
            if let node = insert(path) { note(kinds, of: node) }
        }
        fresh = [:]
        cutIfFull()
    }

    /// Rebuilds the tree with the keys that may become columns, if there are many more.
    private mutating func cutIfFull() {
        guard taken.columns > 2 * ColumnLimits.columns || taken.bytes > 2 * ColumnLimits.allBytes else { return }
        let last = first.last { nodes[$0.node].role == .leaf }?.path
        self = KeyDiscovery(table: table, prefixes: prefixes, watched: watched, keys: keys)
        self.last = last
    }
}

/// Keys from the row inwards, in the order of their bytes.
private struct KeyPath: Hashable, Comparable, Sendable {
    let keys: [[UInt8]]

    init(_ keys: [[UInt8]]) { self.keys = keys }

    var strings: [String] { keys.map { String(decoding: $0, as: UTF8.self) } }

    /// The part of the limits that the key uses.
    var size: Int { keys.reduce(0) { $0 + $1.count + 1 } }

    /// The path of a member, whose key is a JSON string in the text.
    func appending(_ key: Range<Int>, _ text: Span<UInt8>) -> KeyPath {
        var decoded: [UInt8] = []
        JSONText.appendString(text, key, to: &decoded)
        return KeyPath(keys + [decoded])
    }

    static func < (left: KeyPath, right: KeyPath) -> Bool {
        left.keys.lexicographicallyPrecedes(right.keys) { $0.lexicographicallyPrecedes($1) }
    }
}
