public import ExportCore

/// Removes the excluded values from rows, and replaces others by hashes.
public struct RowRedaction: Sendable {
    private let key: HashKey?
    private var tree = PathTree()
    private var actions: [Int: Action] = [:]

    private enum Action {
        case exclude, hash
        /// A part of an excluded value that is kept.
        case keep
    }

    /// Nodes with kept values below them.
    private var keeping: Set<Int> = []

    /// Creates the redaction of an output. `nil` if nothing is excluded or hashed.
    public init?(_ privacy: Privacy) {
        guard privacy.changesRows else { return nil }
        precondition(privacy.hash.isEmpty || privacy.key != nil, "the hash key has to be read first")
        key = privacy.key
        for path in privacy.hash { actions[tree.insert(path)] = .hash }
        for path in privacy.exclude { actions[tree.insert(path)] = .exclude }
    }

    /// Creates the redaction of an exclusion. `nil` if nothing is excluded.
    init?(_ exclusion: Exclusion) {
        self.init(Privacy(exclude: exclusion.paths))
        for path in exclusion.except {
            actions[tree.insert(path)] = .keep
            for length in path.indices { keeping.insert(tree.insert(Array(path[..<length]))) }
        }
    }

    /// Appends a row, a validated and minified object, without the excluded values.
    public func append(row: Span<UInt8>, to output: inout [UInt8]) {
        append(0..<row.count, of: PathTree.root, isExcluded: false, row, to: &output)
    }

    /// Appends a value. The depth of recursion is limited by the excluded and hashed paths, and the lists on their way.
    ///
    /// - Parameter isExcluded: Whether only the kept parts of the value are appended.
    private func append(
        _ value: Range<Int>, of node: Int, isExcluded: Bool, _ row: Span<UInt8>, to output: inout [UInt8]
    ) {
        switch JSONText.kind(row, value) {
        case .object:
            output.append(Byte.openBrace)
            var isFirst = true
            var members = JSONMembers(of: value, in: row)
            while let member = members.next(in: row) {
                let child = child(of: node, row, member.key)
                let action = child.flatMap { actions[$0] }
                let isExcluded = action == .exclude || isExcluded && action != .keep
                if isExcluded, !(child.map(keeping.contains) ?? false) { continue }
                if !isFirst { output.append(Byte.comma) }
                isFirst = false
                output.append(row, member.key)
                output.append(Byte.colon)
                if action == .hash {
                    appendHash(of: member.value, row, to: &output)
                } else if let child {
                    append(member.value, of: child, isExcluded: isExcluded, row, to: &output)
                } else {
                    output.append(row, member.value)
                }
            }
            output.append(Byte.closeBrace)
        case .array:
            output.append(Byte.openBracket)
            var isFirst = true
            var elements = JSONElements(of: value, in: row)
            while let element = elements.next(in: row) {
                if !isFirst { output.append(Byte.comma) }
                isFirst = false
                append(element, of: node, isExcluded: isExcluded, row, to: &output)
            }
            output.append(Byte.closeBracket)
        case .string, .number, .true, .false, .null:
            if isExcluded { output.append("null") } else { output.append(row, value) }
        }
    }

    /// The node of a key. A key that has dots itself, such as `a.b`, is the same path as `b` in `a`, as everywhere at the service.
    private func child(of node: Int, _ row: Span<UInt8>, _ key: Range<Int>) -> Int? {
        tree.child(of: node, row, key) ?? tree.descendant(of: node, row, key) { actions[$0] != nil }
    }

    /// Appends the hash of a value. Strings are decoded before hashing, other values are hashed as written, and null stays null.
    private func appendHash(of value: Range<Int>, _ row: Span<UInt8>, to output: inout [UInt8]) {
        guard let key, !JSONText.isNull(row, value) else { return output.append("null") }
        var text: [UInt8] = []
        if JSONText.kind(row, value) == .string {
            JSONText.appendString(row, value, to: &text)
        } else {
            text.append(row, value)
        }
        output.append(Byte.quote)
        output += key.digits(of: text)
        output.append(Byte.quote)
    }
}

/// Values that are removed from rows.
public struct Exclusion: Sendable, Hashable {
    /// Their paths from the row inwards, which apply to all elements of lists.
    public var paths: [[String]]
    /// The paths of their parts that are kept.
    public var except: [[String]]

    /// An exclusion that removes nothing.
    public static let none = Exclusion(paths: [])

    /// Creates an exclusion.
    public init(paths: [[String]], except: [[String]] = []) {
        (self.paths, self.except) = (paths, except)
    }
}
