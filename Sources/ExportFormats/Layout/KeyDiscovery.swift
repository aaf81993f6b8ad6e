public import ExportCore

/// Collects the keys that rows have below given objects, what `metadata.*` stands for, and what kinds of values they have.
///
/// A path ends at the first value that is not an object with members: a scalar, null, an array or `{}`.
public struct KeyDiscovery: Sendable {
    public let table: Table
    /// The keys that the paths begin with, each once.
    public let fields: [String]
    /// The fields of a conversation in which rows of the table, or their keys, are.
    public let scannedFields: [String]
    private let fieldNodes: [Int]
    private var tree: PathTree
    /// By node of the tree.
    private var nodes: [Node]

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
    ///   - watched: Paths of single values, collected where they are below no prefix.
    ///   - keys: What was collected before.
    public init(table: Table = .conversations, prefixes: [[String]], watched: [[String]] = [], keys: [DiscoveredKey] = []) {
        self.table = table
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

    /// What was collected, in the order of the keys' bytes from the row inwards: it does not depend on that of the rows.
    public var keys: [DiscoveredKey] {
        nodes.indices.filter { nodes[$0].role == .leaf || nodes[$0].role == .seen }
            .map { DiscoveredKey(table: table, path: tree.path(of: $0), kinds: nodes[$0].kinds) }
            .sorted { left, right in
                left.path.lexicographicallyPrecedes(right.path) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            }
    }

    /// Collects from the value that a row has for `fields[index]`, a validated one. Where all keys are known, nothing is allocated.
    public mutating func collect(field index: Int, _ value: Range<Int>, in text: Span<UInt8>) {
        take(value, of: fieldNodes[index], text)
    }

    /// Collects from a whole row, a validated object.
    public mutating func collect(row: Range<Int>, in text: Span<UInt8>) {
        collect(PathTree.root, row, text)
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
        keys.filter { key in
            let node = tree.insert(key.path)
            while nodes.count < tree.count { nodes.append(Node()) }
            let isKnown = nodes[node].role == .leaf || nodes[node].role == .seen
            defer { note(key.kinds, of: node) }
            return !isKnown || !key.kinds.isSubset(of: nodes[node].kinds)
        }
    }

    private mutating func note(_ kinds: ValueKinds, of node: Int) {
        switch nodes[node].role {
        case .watched, .seen: nodes[node].role = .seen
        case .way, .inside, .leaf: nodes[node].role = .leaf
        }
        nodes[node].kinds.formUnion(kinds)
    }

    /// Recurses no deeper than the row is nested, which validation has bounded.
    private mutating func collect(_ node: Int, _ object: Range<Int>, _ text: Span<UInt8>) {
        let isInside = nodes[node].role == .inside || nodes[node].role == .leaf
        var members = JSONMembers(of: object, in: text)
        while let member = members.next(in: text) {
            let known = tree.child(of: node, text, member.key)
            guard known != nil || isInside else { continue }
            let child = known ?? tree.insertChild(of: node, text, member.key)
            if isInside, child == nodes.count { nodes.append(Node()) }
            take(member.value, of: child, text)
            if isInside, !JSONText.hasMembers(text, member.value) { note(JSONText.kinds(text, member.value), of: child) }
        }
    }

    private mutating func take(_ value: Range<Int>, of node: Int, _ text: Span<UInt8>) {
        if nodes[node].role == .watched || nodes[node].role == .seen { note(JSONText.kinds(text, value), of: node) }
        if JSONText.hasMembers(text, value) { collect(node, value, text) }
    }
}
