import ExportCore

extension FileReader {
    mutating func columns(_ section: Section, of table: Table?) -> Field<[Written<ColumnEntry>]> {
        guard let entry = section["columns"] else { return .absent }
        let path = section.path("columns")
        guard let nodes = list(entry.value, path) else { return .broken }
        guard !nodes.isEmpty else {
            problems.add(.noColumns, at: entry.value.place, text: nil)
            return .broken
        }
        var entries: [Written<ColumnEntry>] = []
        for (index, node) in nodes.enumerated() {
            if case .map = node.content {
                if let column = namedColumn(self.section(node, .column, path: "\(path).\(index)")) { entries.append(column) }
            } else if let column = plainColumn(node, "\(path).\(index)", of: table ?? .conversations) {
                entries.append(column)
            }
        }
        return .given(Written(value: entries, place: entry.value.place, text: ""))
    }

    private mutating func plainColumn(_ node: TreeNode, _ name: String, of table: Table) -> Written<ColumnEntry>? {
        guard let written = text(node, name, .columnEntry) else { return nil }
        if written.value == ColumnSelector.agentPlaceholder {
            return Written(value: .agent(ColumnSelector.agentColumn), place: node.place, text: written.text)
        }
        if written.value == "*" {
            problems.add(.everyColumn, at: node.place, text: written.text)
            return nil
        }
        if written.value.startsExactly(with: "-") {
            problems.add(.columnLeftOut(String(written.value.dropFirst())), at: node.place, text: written.text)
            return nil
        }
        if written.value.endsExactly(with: ".*") {
            let field = String(written.value.dropLast(2))
            guard table.objects.contains(field) else {
                problems.add(.everyKeyOf(table), at: node.place, text: written.text)
                return nil
            }
            return Written(value: .every(field), place: node.place, text: written.text)
        }
        guard let path = Self.dotPath(written.value) else {
            problems.add(.unfit(name, expected: .columnEntry, nearest: nil), at: node.place, text: written.text)
            return nil
        }
        return Written(value: .path(path), place: node.place, text: written.text)
    }

    private mutating func namedColumn(_ section: Section) -> Written<ColumnEntry>? {
        for (key, example) in [("name", "tier"), ("path", "metadata.customer_tier")] where section[key] == nil {
            problems.add(.missing(section.path(key), example: example), at: section.place, text: nil)
        }
        let name = field("name", in: section, .columnName) { text in
            text.isEmpty || text.unicodeScalars.contains(where: \.isControl) ? nil : text
        }
        if let entry = section["path"], case .scalar(ColumnSelector.agentPlaceholder, _) = entry.value.content {
            return name.given.map { Written(value: .agent($0.value), place: $0.place, text: $0.text) }
        }
        let path = field("path", in: section, .columnPath, Self.dotPath)
        let type = choice("type", in: section, ColumnType.self)
        guard let name = name.given, let path = path.value else { return nil }
        let column = Column(name: name.value, path: path, type: type.value)
        return Written(value: .named(column), place: name.place, text: name.text)
    }

    /// Parses a dot path. `nil` if a part is empty or a star.
    static func dotPath(_ text: String) -> [String]? {
        let parts = text.splitExactly(at: ".", omittingEmptySubsequences: false).map(String.init)
        return parts.contains { $0.isEmpty || $0 == "*" || $0.unicodeScalars.contains(where: \.isControl) } ? nil : parts
    }
}
