public import ExportCore

/// Takes out of rows what an output does not write, and hashes what it writes as a hash.
public struct RowRedaction: Sendable {
    private let key: HashKey?
    private var tree = PathTree()
    private var actions: [Int: Action] = [:]

    private enum Action {
        case exclude, hash
    }

    /// Nil where nothing is excluded or hashed.
    public init?(_ privacy: Privacy) {
        guard privacy.changesRows else { return nil }
        precondition(privacy.hash.isEmpty || privacy.key != nil, "the hash key has to be read first")
        key = privacy.key
        for path in privacy.hash { actions[tree.insert(path)] = .hash }
        for path in privacy.exclude { actions[tree.insert(path)] = .exclude }
    }

    /// Appends a row, a validated and minified object, without what is excluded.
    public func append(row: Span<UInt8>, to output: inout [UInt8]) {
        append(0..<row.count, of: PathTree.root, row, to: &output)
    }

    /// Recurses no deeper than the paths that are excluded or hashed, and the lists on their way.
    private func append(_ value: Range<Int>, of node: Int, _ row: Span<UInt8>, to output: inout [UInt8]) {
        switch JSONText.kind(row, value) {
        case .object:
            output.append(Byte.openBrace)
            var isFirst = true
            var members = JSONMembers(of: value, in: row)
            while let member = members.next(in: row) {
                let child = tree.child(of: node, row, member.key)
                let action = child.flatMap { actions[$0] }
                if action == .exclude { continue }
                if !isFirst { output.append(Byte.comma) }
                isFirst = false
                output.append(row, member.key)
                output.append(Byte.colon)
                if action == .hash {
                    appendHash(of: member.value, row, to: &output)
                } else if let child {
                    append(member.value, of: child, row, to: &output)
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
                append(element, of: node, row, to: &output)
            }
            output.append(Byte.closeBracket)
        case .string, .number, .true, .false, .null: output.append(row, value)
        }
    }

    /// Strings are hashed decoded, all else as it is written; null stays null.
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
