import ExportCore
import Yams

/// Parses YAML into a tree, and refuses features that pipeline files do not support: anchors, aliases, tags, several documents.
struct TreeComposer {
    let file: String
    /// Whether `file` is an option.
    var isArgument = false
    /// An offset for columns of the first line, if the YAML follows other text.
    var columnShift = 0
    /// Whether the text may be the value of a key setting. A pasted key may begin with `!`, and then looks like a tag.
    var mayBeKey = false

    private static let depthLimit = 16
    /// The maximum number of aliases. More are refused before parsing, because the parser hashes keys, and nested aliases in a key take
    /// unbounded time.
    private static let aliasLimit = 16
    /// The tags of plain, unspecific and quoted values.
    private static let usualTags = Set([Tag.Name.implicit, .nonSpecific, .str].map(\.rawValue))

    /// Parses the text. `nil` if it has no tree, for a reason that is reported as a problem.
    func compose(_ text: String, _ problems: inout ProblemList) -> TreeNode? {
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        if let place = placeOfAliasFlood(in: text) {
            problems.add(.anchor, at: place, text: nil)
            return nil
        }
        do {
            // Anchors are valid as long as their parser.
            let parser = try Parser(yaml: text, encoding: .utf8)
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else {
                    problems.add(.emptyFile, at: SourcePosition(file: file, isArgument: isArgument), text: nil)
                    return nil
                }
                return node(root, depth: 0, mayBeKey: mayBeKey, &problems)
            }
        } catch let error as YamlError {
            add(error, text, &problems)
        } catch {
            problems.add(.notYAML("unreadable"), at: SourcePosition(file: file, isArgument: isArgument), text: nil)
        }
        return nil
    }

    private func node(_ node: Node, depth: Int, mayBeKey: Bool, _ problems: inout ProblemList) -> TreeNode {
        let place = place(node.mark)
        guard depth <= Self.depthLimit, node.anchor == nil else {
            problems.add(node.anchor == nil ? .tooDeep : .anchor, at: place, text: nil)
            return TreeNode(place: place, content: .unreadable)
        }
        if !Self.usualTags.contains(node.writtenTag) {
            problems.add(.tag, at: place, text: mayBeKey ? nil : node.writtenTag)
        }
        switch node {
        case .scalar(let scalar):
            return TreeNode(place: place, content: .scalar(scalar.string, isPlain: scalar.style == .plain))
        case .sequence(let sequence):
            return TreeNode(
                place: place,
                content: .list(sequence.map { self.node($0, depth: depth + 1, mayBeKey: mayBeKey, &problems) }))
        case .mapping(let mapping):
            var entries: [TreeEntry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    problems.add(.keyIsNoText, at: self.place(key.mark), text: nil)
                    continue
                }
                let mayBeKey = mayBeKey || Self.mayHoldKey(name.string)
                let value = self.node(value, depth: depth + 1, mayBeKey: mayBeKey, &problems)
                entries.append(TreeEntry(key: name.string, place: self.place(name.mark), value: value))
            }
            return TreeNode(place: place, content: .map(entries))
        case .alias:
            problems.add(.anchor, at: place, text: nil)
            return TreeNode(place: place, content: .unreadable)
        }
    }

    /// Whether a setting of this name may hold, or have been mistaken for, an API key.
    static func mayHoldKey(_ name: some StringProtocol) -> Bool {
        name == "source" || name.lowercased().containsExactly("key")
    }

    private func place(_ mark: Mark?) -> SourcePosition {
        place(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private func place(line: Int, column: Int) -> SourcePosition {
        SourcePosition(file: file, line: line, column: column + (line == 1 ? columnShift : 0), isArgument: isArgument)
    }

    /// Corrects the line of an error, because the parser counts one more line if the text ends without a line feed.
    private func place(_ mark: Mark, within text: String) -> SourcePosition {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard mark.line > lines.count, let last = lines.last else { return place(mark) }
        return place(line: lines.count, column: last.unicodeScalars.count + 1)
    }

    private func add(_ error: YamlError, _ text: String, _ problems: inout ProblemList) {
        switch error {
        case .composer(let context?, _, let mark, _) where context.text.containsExactly("single document"):
            problems.add(.secondDocument, at: place(mark), text: nil)
        case .composer(_, _, let mark, _):
            problems.add(.anchor, at: place(mark), text: nil)
        case .scanner(_, _, let mark, _) where columnOfTab(in: text, line: mark.line) != nil:
            problems.add(.tab, at: place(line: mark.line, column: columnOfTab(in: text, line: mark.line) ?? 1), text: nil)
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            problems.add(.notYAML(problem), at: place(mark, within: text), text: nil)
        case .duplicatedKeysInMapping(let keys, let context):
            problems.add(.repeatedKey, at: place(context.mark), text: keys.first)
        case .reader(let problem, let offset, _, _):
            let lines = text.prefix(offset ?? 0).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let column = (lines.last?.unicodeScalars.count ?? 0) + 1
            problems.add(.notYAML(problem), at: place(line: max(1, lines.count), column: column), text: nil)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            problems.add(.notYAML("unreadable"), at: SourcePosition(file: file, isArgument: isArgument), text: nil)
        }
    }

    /// The column, from 1, of a tab in the indentation of a line. `nil` if there is none.
    private func columnOfTab(in text: String, line: Int) -> Int? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.indices.contains(line - 1) else { return nil }
        let margin = lines[line - 1].utf8.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return Array(margin).firstIndex(of: UInt8(ascii: "\t")).map { $0 + 1 }
    }

    private func placeOfAliasFlood(in text: String) -> SourcePosition? {
        var count = 0
        for (line, content) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var mayBegin = true
            for (column, character) in content.unicodeScalars.enumerated() {
                if mayBegin, character == "#" { break }
                if mayBegin, character == "*" { count += 1 }
                if count > Self.aliasLimit { return place(line: line + 1, column: column + 1) }
                mayBegin = " \t\r[{,:?-".unicodeScalars.contains(character)
            }
        }
        return nil
    }
}

extension Node {
    /// The tag as written, before it is resolved.
    fileprivate var writtenTag: String {
        switch self {
        case .scalar(let scalar): scalar.tag.description
        case .sequence(let sequence): sequence.tag.description
        case .mapping(let mapping): mapping.tag.description
        case .alias(let alias): alias.tag.description
        }
    }
}
