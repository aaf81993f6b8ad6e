/// A parsed YAML text, with the position of each part.
struct TreeNode {
    var place: SourcePosition
    var content: Content

    enum Content {
        /// The text of a scalar as YAML decodes it. Its meaning depends on the setting.
        case scalar(String, isPlain: Bool)
        case list([TreeNode])
        case map([TreeEntry])
        /// A part whose problem has already been reported.
        case unreadable
    }

    /// The kind of a node, for messages.
    enum Shape {
        case nothing, text, list, map, unreadable
    }

    var shape: Shape {
        switch content {
        case .scalar(let text, let isPlain): isPlain && Self.nullWords.contains(text) ? .nothing : .text
        case .list: .list
        case .map: .map
        case .unreadable: .unreadable
        }
    }

    private static let nullWords: Set<String> = ["", "~", "null", "Null", "NULL"]
}

struct TreeEntry {
    var key: String
    var place: SourcePosition
    var value: TreeNode
}
