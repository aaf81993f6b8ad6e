/// The lines of a pipeline file under construction.
struct PipelinePage {
    /// A setting, or an example of one as a comment.
    struct Line {
        let key: String
        /// The value in YAML. `nil` if the setting is left out.
        let value: String?
        let example: String?
        let comment: String?

        init(_ key: String, _ value: String?, example: String? = nil, _ comment: String? = nil) {
            self.key = key
            self.value = value
            self.example = example
            self.comment = comment
        }
    }

    private let withComments: Bool
    private(set) var text = ""

    init(withComments: Bool) {
        self.withComments = withComments
    }

    mutating func setting(_ key: String, _ value: String, _ comment: String) {
        write(Line(key, value, comment), indent: "")
    }

    /// A map, which is left out if none of its settings is written.
    mutating func section(_ name: String, _ lines: [Line]) {
        let isEmpty = lines.allSatisfy { $0.value == nil }
        guard withComments || !isEmpty else { return }
        text += isEmpty ? "# \(name):\n" : "\(name):\n"
        for line in lines { write(line, indent: "  ") }
    }

    /// A list of one map, whose first setting is always written.
    mutating func list(_ name: String, _ lines: [Line]) {
        text += "\(name):\n"
        for (index, line) in lines.enumerated() { write(line, indent: index == 0 ? "  - " : "    ") }
    }

    private mutating func write(_ line: Line, indent: String) {
        let comment = withComments ? line.comment.map { "  # \($0)" } ?? "" : ""
        if let value = line.value {
            text += "\(indent)\(line.key): \(value)\(comment)\n"
        } else if withComments, let example = line.example {
            text += "# \(indent)\(line.key): \(example)\(comment)\n"
        }
    }
}
