/// A parsed YAML text, with the place of each part.
struct TreeNode {
    var place: SourcePosition
    var content: Content

    enum Content {
        /// The characters as YAML reads them; what they mean is for the setting to say.
        case scalar(String, isPlain: Bool)
        case list([TreeNode])
        case map([TreeEntry])
        /// A part whose problem has been noted already.
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
