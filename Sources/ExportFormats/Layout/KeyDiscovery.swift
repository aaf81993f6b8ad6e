/// Collects the paths of the keys that rows have below given objects: what `metadata.*` stands for.
///
/// A path ends at the first value that is not an object with members: a scalar, null, an array or `{}`.
public struct KeyDiscovery: Sendable {
    private var tree: PathTree
    /// By node of the tree.
    private var roles: [Role]
    /// The keys that the prefixes begin with, each once.
    public let fields: [String]
    private let fieldNodes: [Int]

    private enum Role {
        /// Leads to a prefix.
        case way
        /// A prefix, or below one.
        case inside
        /// A path that was collected.
        case leaf
    }

    /// `prefixes`: the paths of the objects, `["metadata"]`; none is empty.
    public init(prefixes: [[String]]) {
        var tree = PathTree()
        let nodes = prefixes.map { tree.insert($0) }
        fields = Set(prefixes.compactMap(\.first)).sorted()
        fieldNodes = fields.map { tree.insert([$0]) }
        self.tree = tree
        roles = [Role](repeating: .way, count: tree.count)
        for node in nodes {
            roles[node] = .inside
        }
    }

    /// Goes on from paths that were collected before.
    public init(prefixes: [[String]], paths: [[String]]) {
        self.init(prefixes: prefixes)
        for path in paths { setRole(.leaf, of: tree.insert(path)) }
    }

    /// The paths collected, from the row inwards, in the order of their keys' bytes: it does not depend on that of the rows.
    public var paths: [[String]] {
        roles.indices.filter { roles[$0] == .leaf }.map(tree.path(of:)).sorted { left, right in
            left.lexicographicallyPrecedes(right) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Collects from the value that a row has for `fields[index]`, a validated one. Where all keys are known, nothing is allocated.
    public mutating func collect(field index: Int, _ value: Range<Int>, in text: Span<UInt8>) {
        if JSONText.hasMembers(text, value) { collect(fieldNodes[index], value, text) }
    }

    /// Adds what another collected, whose prefixes are the same.
    /// - Returns: the paths that are new.
    @discardableResult
    public mutating func formUnion(_ other: KeyDiscovery) -> [[String]] {
        other.paths.filter { path in
            let node = tree.insert(path)
            let isNew = node >= roles.count || roles[node] != .leaf
            setRole(.leaf, of: node)
            return isNew
        }
    }

    /// Recurses no deeper than the row is nested, which validation has bounded.
    private mutating func collect(_ node: Int, _ object: Range<Int>, _ text: Span<UInt8>) {
        let isInside = roles[node] != .way
        var members = JSONMembers(of: object, in: text)
        while let member = members.next(in: text) {
            let known = tree.child(of: node, text, member.key)
            guard known != nil || isInside else { continue }
            let child = known ?? tree.insertChild(of: node, text, member.key)
            if isInside, child == roles.count {
                roles.append(.inside)
            }
            if JSONText.hasMembers(text, member.value) {
                collect(child, member.value, text)
            } else if isInside {
                roles[child] = .leaf
            }
        }
    }

    private mutating func setRole(_ role: Role, of node: Int) {
        while roles.count < tree.count {
            roles.append(.inside)
        }
        roles[node] = role
    }
}
