/// The extents of the values in a row that a layout uses.
struct RowExtents: ~Copyable {
    /// The extents of the values, by node of the layout's tree. Empty if the row lacks the value.
    private var extents: [Range<Int>]
    /// Whether every key of the row is covered, so that nothing is left for the rest.
    private var isRowCovered = true
    /// Cells whose values do not fit their columns.
    private(set) var misfits: [Int] = []
    /// Nodes with columns whose values nevertheless do not fit any.
    private var leftNodes: [Int] = []

    /// Scans the row's top level once, and each examined object once.
    init(_ row: Span<UInt8>, _ layout: TableLayout) {
        extents = [Range<Int>](repeating: 0..<0, count: layout.tree.count)
        extents[PathTree.root] = 0..<row.count
        // A parent's extent is final before its children are searched, so the last of duplicate keys counts at every level.
        for node in layout.branches where !extents[node].isEmpty {
            var members = JSONMembers(of: extents[node], in: row)
            while let member = members.next(in: row) {
                let child = layout.tree.child(of: node, row, member.key)
                if let child {
                    extents[child] = member.value
                }
                if node == PathTree.root, child.map({ layout.roles[$0] }) != .covered {
                    isRowCovered = false
                }
            }
        }
        for cell in layout.choosyCells {
            if let value = value(of: layout.cells[cell], row), !layout.cells[cell].takes(value, of: row) { misfits.append(cell) }
        }
        if !misfits.isEmpty { noteLeft(layout) }
    }

    private mutating func noteLeft(_ layout: TableLayout) {
        for cell in misfits {
            let node = layout.cells[cell].node
            let isTaken = layout.cells.indices.contains { layout.cells[$0].node == node && !misfits.contains($0) }
            if !isTaken, !leftNodes.contains(node) { leftNodes.append(node) }
        }
    }

    /// Whether the column cannot hold its value.
    @inline(__always)
    func isMisfit(_ cell: Int) -> Bool { !misfits.isEmpty && misfits.contains(cell) }

    /// The value for a column other than a rest. `nil` if the row lacks it or it is null.
    @inline(__always)
    func value(of cell: TableLayout.Cell, _ row: Span<UInt8>) -> Range<Int>? {
        guard let value = value(cell.node, row) else { return nil }
        return cell.kind.isLeaf && JSONText.hasMembers(row, value) ? nil : value
    }

    @inline(__always)
    private func value(_ node: Int, _ row: Span<UInt8>) -> Range<Int>? {
        let value = extents[node]
        return JSONText.isNull(row, value) ? nil : value
    }

    /// Appends the values below the node that are in no column of the layout, as JSON. False if there are none, and nothing was appended.
    ///
    /// The rest of a value other than an object is the value itself. So is that of an empty object, which must differ from null.
    func appendRest(of node: Int, _ row: Span<UInt8>, _ layout: TableLayout, to output: inout [UInt8]) -> Bool {
        guard let value = value(node, row), node != PathTree.root || !isRowCovered || !leftNodes.isEmpty else {
            return false
        }
        guard JSONText.hasMembers(row, value) else {
            output.append(row, value)
            return true
        }
        return appendLeftovers(of: node, value, row, layout, to: &output)
    }

    private func appendLeftovers(
        of node: Int, _ object: Range<Int>, _ row: Span<UInt8>, _ layout: TableLayout, to output: inout [UInt8]
    ) -> Bool {
        let start = output.count
        var members = JSONMembers(of: object, in: row)
        while let member = members.next(in: row) {
            let beforeMember = output.count
            output.append(beforeMember == start ? Byte.openBrace : Byte.comma)
            if !appendLeftover(of: node, member, row, layout, to: &output) {
                output.removeSubrange(beforeMember...)
            }
        }
        guard output.count > start else { return false }
        output.append(Byte.closeBrace)
        return true
    }

    private func appendLeftover(
        of node: Int, _ member: JSONMembers.Member, _ row: Span<UInt8>, _ layout: TableLayout, to output: inout [UInt8]
    ) -> Bool {
        if let child = layout.tree.child(of: node, row, member.key) {
            let isOverridden = extents[child] != member.value
            let hasMembers = JSONText.hasMembers(row, member.value)
            switch layout.roles[child] {
            case _ where isOverridden: return false
            case .covered where leftNodes.contains(child), .leaf where leftNodes.contains(child): break
            case .covered: return false
            case .leaf where !hasMembers: return false
            case .leaf, .way:
                guard hasMembers else { break }
                output.append(row, member.key)
                output.append(Byte.colon)
                return appendLeftovers(of: child, member.value, row, layout, to: &output)
            }
        }
        output.append(row, member.key.lowerBound..<member.value.upperBound)
        return true
    }
}

extension JSONText {
    /// Whether a value is an object and not `{}`.
    @inline(__always)
    static func hasMembers(_ text: Span<UInt8>, _ value: Range<Int>) -> Bool {
        guard value.count > 2, text[value.lowerBound] == Byte.openBrace else { return false }
        var position = value.lowerBound + 1
        while position < value.upperBound - 1, Byte.isWhiteSpace(text[position]) { position += 1 }
        return text[position] != Byte.closeBrace
    }
}
