public import ExportCore

/// Collects the keys that rows have below given objects, what `metadata.*` stands for, and what kinds of values they have.
///
/// A path ends at the first value that is not an object with members: a scalar, null, an array or `{}`. Of more keys than can become
/// columns (`ColumnLimits`), the first in their order are collected and one more: whichever row had them, and whatever came before.
public struct KeyDiscovery: Sendable {
    /// The table whose rows are looked at.
    public let table: Table
    /// The keys that the paths begin with, each once.
    public let fields: [String]
    /// The fields of a conversation in which rows of the table, or their keys, are.
    public let scannedFields: [String]
    private let prefixes: [[String]]
    private let watched: [[String]]
    private let fieldNodes: [Int]
    private var tree: PathTree
    /// The keys found, as nodes of a tree.
    private var nodes: [Node]
    /// The part of the limits that the leaves use.
    private var taken = ColumnLimits.Taken()
    /// Paths that the tree does not have: it is added to between rows alone.
    private var fresh: [KeyPath: ValueKinds] = [:]
    /// Behind this path, in order, nothing is collected: enough stands before it. Nil while there is not.
    private var last: KeyPath?

    private struct Node {
        var role = Role.inside
        var kinds: ValueKinds = []
    }

    private enum Role {
        /// Leads to a prefix, or to what is watched.
        case way
        /// A prefix, or below one.
        case inside
        /// A path below a prefix that was collected.
        case leaf
        /// A path that is watched, and collected once it is seen.
        case watched, seen
    }

    /// - Parameters:
    ///   - prefixes: The paths of the objects, `["metadata"]`; none is empty.
    ///   - watched: Paths of single values, collected where they are below no prefix, and whatever their number.
    ///   - keys: What was collected before.
    public init(table: Table = .conversations, prefixes: [[String]], watched: [[String]] = [], keys: [DiscoveredKey] = []) {
        self.table = table
        self.prefixes = prefixes
        self.watched = watched
        var tree = PathTree()
        let inside = prefixes.map { tree.insert($0) }
        let single = watched.filter { path in !prefixes.contains { path.starts(with: $0) } }.map { tree.insert($0) }
        // By bytes, as the tree below: two names that only look alike are two fields.
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

    /// The same, by their nodes.
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

    /// Collects from the value that a row has for `fields[index]`, a validated one. Where all keys are known, nothing is allocated.
    public mutating func collect(field index: Int, _ value: Range<Int>, in text: Span<UInt8>) {
        take(value, of: fieldNodes[index], text)
        takeFresh()
    }

    /// Collects from a whole row, a validated object.
    public mutating func collect(row: Range<Int>, in text: Span<UInt8>) {
        collect(PathTree.root, row, text)
        takeFresh()
    }

    /// Adds what another collected, whose paths are the same.
    /// - Returns: the keys that are new, or have values of kinds that are.
    @discardableResult
    public mutating func formUnion(_ other: KeyDiscovery) -> [DiscoveredKey] {
        add(other.keys)
    }

    /// Adds keys of the table that were collected before.
    /// - Returns: those that are new, or have values of kinds that are.
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

    /// The node of a path. Nil where it is not collected.
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

    /// Recurses no deeper than the row is nested, which validation has bounded.
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
        // Paths below it are longer, and follow it.
        guard isCollected(path) else { return }
        guard JSONText.hasMembers(text, value) else {
            fresh[path, default: []].formUnion(JSONText.kinds(text, value))
            if fresh.count > 2 * ColumnLimits.columns { cutFresh() }
            return
        }
        var members = JSONMembers(of: value, in: text)
        while let member = members.next(in: text) { collectFresh(path.appending(member.key, text), member.value, text) }
    }

    /// Forgets keys of a row that cannot be among the first, where it has very many.
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

    /// Begins the tree anew with those that may become columns, where there are many more.
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

    /// The path of a member, whose key stands in the text as a JSON string.
    func appending(_ key: Range<Int>, _ text: Span<UInt8>) -> KeyPath {
        var decoded: [UInt8] = []
        JSONText.appendString(text, key, to: &decoded)
        return KeyPath(keys + [decoded])
    }

    static func < (left: KeyPath, right: KeyPath) -> Bool {
        left.keys.lexicographicallyPrecedes(right.keys) { $0.lexicographicallyPrecedes($1) }
    }
}
