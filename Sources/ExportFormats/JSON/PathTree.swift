/// A tree of key paths that is searched with the encoded keys of a row.
///
/// A node is a number, and a parent's is lower than its children's. Keys are distinguished by their bytes and not by canonical equivalence,
/// as in `String`: `é` has two encodings, and a row may have both as keys.
struct PathTree: Sendable {
    static let root = 0

    private struct Node {
        let parent: Int
        /// The range of the key in `keys`.
        let key: Range<Int>
        let hash: UInt64
        /// Whether the key has a backslash. JSON encodes it as two, so equal bytes in a text represent another key.
        let hasBackslash: Bool
    }

    private var nodes = [Node(parent: -1, key: 0..<0, hash: 0, hasBackslash: false)]
    private var keys: [UInt8] = []
    /// A hash table of node numbers with open addressing. 0, the root, is never a child and marks a free slot.
    private var places = [Int](repeating: 0, count: 16)

    var count: Int { nodes.count }

    func parent(of node: Int) -> Int? {
        node == Self.root ? nil : nodes[node].parent
    }

    /// The keys from the root to the node.
    func path(of node: Int) -> [[UInt8]] {
        var path: [[UInt8]] = []
        var node = node
        while node != Self.root {
            path.append(Array(keys[nodes[node].key]))
            node = nodes[node].parent
        }
        return path.reversed()
    }

    /// The node at the path. `nil` if there is none.
    func node(at path: [[UInt8]]) -> Int? {
        var node = Self.root
        for key in path {
            node = place(of: key.span, below: node).node
            if node == Self.root { return nil }
        }
        return node
    }

    /// The node at the path, which is created if necessary.
    mutating func insert(_ path: [String]) -> Int { insert(path.map { Array($0.utf8) }) }

    mutating func insert(_ path: [[UInt8]]) -> Int {
        path.reduce(Self.root) { node, key in insert(key, below: node) }
    }

    /// The child with this key, given as a JSON string with quotes. `nil` if there is none.
    @inline(__always)
    func child(of node: Int, _ text: Span<UInt8>, _ key: Range<Int>) -> Int? {
        guard key.count >= 2 else { return nil }
        let bytes = (key.lowerBound + 1)..<(key.upperBound - 1)
        let found = place(of: text.extracting(bytes), below: node).node
        if found != 0, !nodes[found].hasBackslash { return found }
        // `\u0061` is `a`, and `a\\nb` is not `a\nb`.
        guard JSONText.nextBackslash(text, bytes) < bytes.upperBound else { return nil }
        return childByDecodedKey(of: node, text, key)
    }

    /// The node that the parts of a key with dots lead to, a level each, or the first on the way for which `ends` holds. `nil` if there is
    /// none.
    func descendant(of node: Int, _ text: Span<UInt8>, _ key: Range<Int>, until ends: (Int) -> Bool) -> Int? {
        // Most keys have neither a dot nor an encoded character.
        guard text.firstIndex(of: UInt8(ascii: "."), in: key) != nil || JSONText.nextBackslash(text, key) < key.upperBound else {
            return nil
        }
        var decoded: [UInt8] = []
        JSONText.appendString(text, key, to: &decoded)
        guard decoded.contains(UInt8(ascii: ".")) else { return nil }
        var node = node
        for part in decoded.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            node = place(of: Array(part).span, below: node).node
            if node == Self.root { return nil }
            if ends(node) { break }
        }
        return node
    }

    private func childByDecodedKey(of node: Int, _ text: Span<UInt8>, _ key: Range<Int>) -> Int? {
        var decoded: [UInt8] = []
        JSONText.appendString(text, key, to: &decoded)
        let found = place(of: decoded.span, below: node).node
        return found == 0 ? nil : found
    }

    private mutating func insert(_ key: [UInt8], below parent: Int) -> Int {
        let (place, hash, node) = place(of: key.span, below: parent)
        if node != 0 { return node }
        let start = keys.count
        keys.append(contentsOf: key)
        nodes.append(
            Node(parent: parent, key: start..<keys.count, hash: hash, hasBackslash: key.contains(Byte.backslash)))
        places[place] = nodes.count - 1
        if nodes.count * 2 > places.count { grow() }
        return nodes.count - 1
    }

    /// The slot of the child, existing or not. The table is never more than half full, so the search terminates.
    @inline(__always)
    private func place(of key: Span<UInt8>, below parent: Int) -> (place: Int, hash: UInt64, node: Int) {
        let hash = XXHash64.hash(key, seed: UInt64(parent))
        var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
        while true {
            let node = places[place]
            if node == 0 || nodes[node].hash == hash && nodes[node].parent == parent && isKey(of: node, key) {
                return (place, hash, node)
            }
            place = (place + 1) & (places.count - 1)
        }
    }

    @inline(__always)
    private func isKey(of node: Int, _ key: Span<UInt8>) -> Bool {
        let own = nodes[node].key
        return own.count == key.count && key.compare(to: keys.span.extracting(own)) == 0
    }

    private mutating func grow() {
        places = [Int](repeating: 0, count: places.count * 2)
        for node in 1..<nodes.count {
            var place = Int(truncatingIfNeeded: nodes[node].hash) & (places.count - 1)
            while places[place] != 0 {
                place = (place + 1) & (places.count - 1)
            }
            places[place] = node
        }
    }
}
