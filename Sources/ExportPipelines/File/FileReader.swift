/// A setting as written.
struct Written<Value> {
    var value: Value
    var place: SourcePosition
    /// The text before references are expanded, because values from the environment are never displayed.
    var text: String
}

/// The value of a setting in a file.
enum Field<Value> {
    case absent
    /// An invalid value, already reported as a problem.
    case broken
    case given(Written<Value>)

    var given: Written<Value>? {
        if case .given(let written) = self { written } else { nil }
    }

    var value: Value? { given?.value }

    var isAbsent: Bool {
        if case .absent = self { true } else { false }
    }

    /// Whether the value, or its absence, is valid.
    var isSound: Bool {
        if case .broken = self { false } else { true }
    }
}

/// Reads a tree into a `PipelineFile` and reports all problems. There is one extension for each section.
struct FileReader {
    let environment: [String: String]
    /// Names of variables whose values are not text.
    var unreadable: Set<String> = []
    /// Returns the files whose names match a pattern.
    var findFiles: (String) throws -> [String] = { _ in [] }
    var problems: ProblemList

    /// One map of the file.
    struct Section {
        let name: SectionName
        /// The path of the section: `fetch`, `outputs.0`. Empty at the top level.
        let path: String
        let place: SourcePosition
        fileprivate(set) var entries: [String: TreeEntry] = [:]
        /// The keys in the order of the file.
        fileprivate(set) var order: [String] = []

        subscript(key: String) -> TreeEntry? { entries[key] }

        func path(_ key: String) -> String {
            path.isEmpty ? key : "\(path).\(key)"
        }
    }

    /// The entries of a map. `knows` returns whether a key is valid although it is not in the section's list.
    mutating func section(
        _ node: TreeNode, _ name: SectionName, path: String, knows: (String) -> Bool = { _ in false }
    ) -> Section {
        var section = Section(name: name, path: path, place: node.place)
        guard case .map(let entries) = node.content else {
            if node.shape != .nothing { refuseShape(of: node, path, expected: .map) }
            return section
        }
        let known = name.keys
        for entry in entries {
            guard known.contains(entry.key) || knows(entry.key) else {
                let owner = [.column, .compression, .agent, .refresh].contains(name) ? nil : SectionName.owner(of: entry.key)
                let nearest = problems.nearest(to: entry.key, in: known)
                problems.add(.unknownKey(in: name, elsewhere: owner, nearest: nearest), at: entry.place, text: entry.key)
                continue
            }
            guard section.entries.updateValue(entry, forKey: entry.key) == nil else {
                problems.add(.repeatedKey, at: entry.place, text: entry.key)
                continue
            }
            section.order.append(entry.key)
        }
        return section
    }

    /// Reports a value of the wrong kind, such as a list instead of text. Its text is not displayed, because it may be a misplaced key.
    mutating func refuseShape(of node: TreeNode, _ name: String, expected: Expectation) {
        guard node.shape != .unreadable else { return }
        problems.add(.wrongShape(name, expected: expected, found: node.shape), at: node.place, text: nil)
    }

    /// A map within a section. Empty if it is missing.
    mutating func section(_ key: String, _ name: SectionName, in parent: Section) -> Section {
        guard let entry = parent[key] else { return Section(name: name, path: parent.path(key), place: parent.place) }
        return section(entry.value, name, path: parent.path(key))
    }

    /// The text of a value, with references expanded.
    mutating func text(_ node: TreeNode, _ name: String, _ expected: Expectation = .text) -> Written<String>? {
        guard case .scalar(let text, _) = node.content, node.shape == .text else {
            refuseShape(of: node, name, expected: expected)
            return nil
        }
        do throws(VariableReferences.Fault) {
            return Written(
                value: try VariableReferences.expand(text, environment, unreadable: unreadable), place: node.place, text: text)
        } catch {
            switch error {
            case .unreadable(let name): problems.add(.unreadableVariable, at: node.place, text: name)
            case .unset(let name): problems.add(.unsetVariable, at: node.place, text: name)
            case .broken: problems.add(.brokenReference, at: node.place, text: text)
            }
            return nil
        }
    }

    /// The value that `parse` returns for a text.
    mutating func field<Value>(
        _ key: String, in section: Section, _ expected: Expectation, nearest: (String) -> String? = { _ in nil },
        _ parse: (String) -> Value?
    ) -> Field<Value> {
        guard let entry = section[key] else { return .absent }
        return value(entry.value, section.path(key), expected, nearest: nearest, parse)
    }

    mutating func value<Value>(
        _ node: TreeNode, _ name: String, _ expected: Expectation, nearest: (String) -> String? = { _ in nil },
        _ parse: (String) -> Value?
    ) -> Field<Value> {
        guard let written = text(node, name, expected) else { return .broken }
        guard let value = parse(written.value) else {
            // Values from the environment are not displayed, and a suggestion would reveal them.
            let nearest = written.text == written.value ? nearest(written.value) : nil
            problems.add(.unfit(name, expected: expected, nearest: nearest), at: node.place, text: written.text)
            return .broken
        }
        return .given(Written(value: value, place: node.place, text: written.text))
    }

    /// One of a few words.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ key: String, in section: Section, _ type: Value.Type = Value.self
    ) -> Field<Value> {
        let words = type.allCases.map(\.rawValue)
        return field(key, in: section, .oneOf(words), nearest: { NearestName.of($0, in: words) }, Value.init(rawValue:))
    }

    mutating func wholeNumber(_ key: String, in section: Section) -> Field<Int> {
        let range = SectionName.ranges[key, default: 0...0]
        return field(key, in: section, .wholeNumber(range)) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// - Parameter others: Other valid values, which the caller has read.
    mutating func flag(
        _ node: TreeNode, _ name: String, _ expected: Expectation = .flag, others: [String] = []
    ) -> Bool? {
        let yes: Set<String> = ["yes", "on", "1", "y"]
        let no: Set<String> = ["no", "off", "0", "n"]
        return value(node, name, expected) { word in
            if yes.contains(word.lowercased()) { return "true" }
            return no.contains(word.lowercased()) ? "false" : NearestName.of(word, in: others)
        } _: { word in
            ["true": true, "false": false][word.lowercased()]
        }.value
    }

    /// The nodes of a list. `nil` if the value is not a list.
    mutating func list(_ node: TreeNode, _ name: String) -> [TreeNode]? {
        guard case .list(let nodes) = node.content else {
            refuseShape(of: node, name, expected: .list)
            return nil
        }
        return nodes
    }
}
