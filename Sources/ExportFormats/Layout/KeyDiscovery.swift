/// Collects the paths of the keys that rows have below given objects: what `metadata.*` stands for.
///
/// A path ends at the first value that is not an object with members: a scalar, null, an array or `{}`.
public struct KeyDiscovery: Sendable {
    private var tree: PathTree
    /// By node of the tree.
    private var roles: [Role]

    private enum Role {
        /// Leads to a prefix.
        case way
        /// A prefix, or below one.
        case inside
        /// A path that was collected.
        case leaf
    }

    /// `prefixes`: the paths of the objects, `["metadata"]`.
    public init(prefixes: [[String]]) {
        var tree = PathTree()
        let nodes = prefixes.map { tree.insert($0) }
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

    /// Collects from one row: a validated, minified JSON object. Where all its keys are known, nothing is allocated.
    public mutating func collect(row: Span<UInt8>) {
        collect(PathTree.root, 0..<row.count, row)
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
    private mutating func collect(_ node: Int, _ object: Range<Int>, _ row: Span<UInt8>) {
        let isInside = roles[node] != .way
        var members = JSONMembers(of: object, in: row)
        while let member = members.next(in: row) {
            let known = tree.child(of: node, row, member.key)
            guard known != nil || isInside else { continue }
            let child = known ?? tree.insertChild(of: node, row, member.key)
            if isInside, child == roles.count {
                roles.append(.inside)
            }
            if JSONText.hasMembers(row, member.value) {
                collect(child, member.value, row)
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
