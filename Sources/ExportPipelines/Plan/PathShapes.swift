/// The paths that several templates can produce, as a tree, so that conflicts are found without comparing all pairs.
struct PathShapes {
    /// Child nodes, by a node and the unit that follows; the root is 0.
    private var children: [Step: Int] = [:]
    private var nodes = [Node(first: .max)]

    private struct Step: Hashable {
        let node: Int
        let unit: PathShape.Unit
    }

    private struct Node {
        /// The first shape that passes through the node, and the first that ends there.
        let first: Int
        var end: Int?
    }

    /// Inserts a shape.
    /// - Parameter index: The index of the shape, higher than those of earlier ones.
    mutating func insert(_ shape: PathShape, index: Int) {
        for variant in shape.variants {
            var node = 0
            for unit in variant {
                let step = Step(node: node, unit: unit)
                if let child = children[step] {
                    node = child
                } else {
                    node = nodes.count
                    children[step] = node
                    nodes.append(Node(first: index))
                }
            }
            nodes[node].end = nodes[node].end ?? index
        }
    }

    /// The first shape that conflicts with this one: some of their paths are equal, or one is a folder of the other.
    func first(meeting shape: PathShape) -> Int? {
        shape.variants.flatMap(meeting).min()
    }

    private func meeting(_ variant: [PathShape.Unit]) -> [Int] {
        var found: [Int] = []
        var reached = [0]
        for unit in variant {
            if unit == .slash { found += reached.compactMap { nodes[$0].end } }
            reached = reached.flatMap { node in unit.met.compactMap { children[Step(node: node, unit: $0)] } }
            if reached.isEmpty { return found }
        }
        for node in reached {
            if let end = nodes[node].end { found.append(end) }
            if let below = children[Step(node: node, unit: .slash)] { found.append(nodes[below].first) }
        }
        return found
    }
}
