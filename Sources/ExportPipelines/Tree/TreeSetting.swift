import ExportCore

/// A setting of `--set path=value`, which replaces or creates a node before anything is checked.
struct TreeSetting {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The name of the setting in problems. The value is left out if it could be a key or contain a password.
    private var file: String {
        let mayHoldKey =
            text.startsExactly(with: "source=") || text.containsExactly("@") || text.lowercased().containsExactly("key")
        guard mayHoldKey || ShownText.holdsKey(text) else { return "--set \(text)" }
        guard let name = text.splitExactly(at: "=", omittingEmptySubsequences: false).first, !ShownText.holdsKey(String(name))
        else {
            return "--set"
        }
        return "--set \(name)=…"
    }

    func apply(to tree: inout TreeNode, _ problems: inout ProblemList) {
        guard let sign = text.unicodeScalars.firstIndex(of: "="), sign != text.startIndex else {
            problems.add(.settingWithoutValue, at: SourcePosition(file: file, isArgument: true), text: nil)
            return
        }
        var column = 1
        let steps = text[..<sign].splitExactly(at: ".", omittingEmptySubsequences: false).map { name in
            defer { column += name.unicodeScalars.count + 1 }
            return TreeStep(name: String(name), place: SourcePosition(file: file, column: column, isArgument: true))
        }
        if let empty = steps.first(where: \.name.isEmpty) {
            problems.add(.settingWithoutValue, at: empty.place, text: nil)
            return
        }
        let yaml = String(text.unicodeScalars[sign...].dropFirst())
        var value = TreeNode(
            place: SourcePosition(file: file, column: column, isArgument: true), content: .scalar("", isPlain: true))
        if !yaml.isEmpty {
            let mayBeKey = steps.contains { TreeComposer.mayHoldKey($0.name) }
            let composer = TreeComposer(file: file, isArgument: true, columnShift: column - 1, mayBeKey: mayBeKey)
            guard let composed = composer.compose(yaml, &problems) else { return }
            value = composed
        }
        tree.set(steps[...], to: value, &problems)
    }
}

/// A step in the path of a `--set`.
private struct TreeStep {
    let name: String
    let place: SourcePosition
}

extension TreeNode {
    /// Follows the steps, creating maps as necessary, and sets the value at the end. A missing value removes the setting.
    fileprivate mutating func set(_ steps: ArraySlice<TreeStep>, to value: TreeNode, _ problems: inout ProblemList) {
        guard let step = steps.first else {
            self = value
            return
        }
        if shape == .nothing {
            content = Int(step.name) == nil ? .map([]) : .list([])
        }
        switch content {
        case .unreadable:
            break
        case .scalar:
            problems.add(.settingIntoText, at: step.place, text: step.name)
        case .list(var nodes):
            guard let index = Int(step.name), index >= 0, index <= nodes.count else {
                problems.add(.settingIndex(count: nodes.count), at: step.place, text: step.name)
                return
            }
            if steps.count == 1, value.shape == .nothing {
                if index < nodes.count { nodes.remove(at: index) }
            } else {
                if index == nodes.count { nodes.append(TreeNode(place: step.place, content: .map([]))) }
                nodes[index].set(steps.dropFirst(), to: value, &problems)
            }
            content = .list(nodes)
        case .map(var entries):
            // A metadata key may contain dots, so the longest existing key is used.
            let length =
                (1...steps.count).last { count in
                    entries.contains { $0.key == steps.prefix(count).map(\.name).joined(separator: ".") }
                } ?? 1
            let key = steps.prefix(length).map(\.name).joined(separator: ".")
            let isLast = length == steps.count
            if isLast, value.shape == .nothing {
                entries.removeAll { $0.key == key }
            } else {
                if !entries.contains(where: { $0.key == key }) {
                    let nothing = TreeNode(place: value.place, content: .scalar("", isPlain: true))
                    entries.append(TreeEntry(key: key, place: step.place, value: nothing))
                }
                for index in entries.indices where entries[index].key == key {
                    if isLast { entries[index].place = step.place }
                    entries[index].value.set(steps.dropFirst(length), to: value, &problems)
                }
            }
            content = .map(entries)
        }
    }
}
