import ExportCore

/// A position in the user's input.
struct SourcePosition: Hashable {
    /// The name of the file, the option or the variable.
    var file: String
    var line = 1
    var column = 1
    /// Whether it is an option or a variable, for which lines are not reported.
    var isArgument = false
}

/// Collects problems.
struct ProblemList {
    /// The pipeline file's name: its problems come first.
    let file: String
    private var problems: [PipelineProblem] = []
    /// The number of problems found beyond the recorded ones.
    private var more = 0

    /// The maximum number of recorded problems. More would not be read, and would take time.
    private static let most = 100

    init(file: String) {
        self.file = file
    }

    var isEmpty: Bool { problems.isEmpty }

    /// Records a mistake. `text` is the wrong text as written; `nil` if it could be a secret.
    mutating func add(_ mistake: Mistake, at place: SourcePosition, text: String?) {
        guard problems.count < Self.most else {
            more += 1
            return
        }
        let shown = text.flatMap(ShownText.init)
        problems.append(
            PipelineProblem(
                file: ShownText.presentable(place.file), line: place.line, column: place.column,
                isInArgument: place.isArgument, text: shown?.text,
                message: ShownText.presentable(mistake.message(shown: shown)),
                suggestion: mistake.suggestion.map(ShownText.presentable)))
    }

    var collected: PipelineProblems {
        let file = ShownText.presentable(file)
        let ordered = problems.enumerated().sorted { left, right in
            let (mine, theirs) = (left.element, right.element)
            guard mine.file == file || theirs.file == file else { return left.offset < right.offset }
            guard mine.file == theirs.file else { return mine.file == file }
            return (mine.line, mine.column, left.offset) < (theirs.line, theirs.column, right.offset)
        }
        return PipelineProblems(problems: ordered.map(\.element), more: more)
    }

    /// The name that a mistyped one probably means. Also `nil` if its problem is no longer recorded.
    func nearest(to name: String, in known: some Sequence<String>) -> String? {
        problems.count < Self.most ? NearestName.of(name, in: known) : nil
    }
}

/// A text that is safe to display: not a key, not too long, without control characters.
package struct ShownText: Hashable {
    let text: String

    /// Creates the text. `nil` if it contains an API key.
    init?(_ written: String) {
        guard !Self.holdsKey(written) else { return nil }
        let visible = written.shown()
        text = visible.count <= 80 ? visible : visible.prefix(79) + "…"
    }

    var quoted: String { "\"\(text)\"" }

    /// Whether the text contains the prefix of an API key.
    static func holdsKey(_ text: String) -> Bool {
        text.lowercased().containsExactly("ags_")
    }

    /// A name of a setting in a form that is safe in messages, since a key or a line break may have been pasted into it.
    package static func presentable(_ sentence: String) -> String {
        let sentence = sentence.shown()
        guard holdsKey(sentence) else { return sentence }
        // By scalars, because a combining mark after a key would change its last character.
        var (shown, rest) = (String.UnicodeScalarView(), Array(sentence.unicodeScalars)[...])
        while let scalar = rest.first {
            if rest.prefix(4).map({ $0.properties.lowercaseMapping }).joined().equalsExactly("ags_") {
                shown.append("…")
                rest = rest.dropFirst(4).drop { $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil }
            } else {
                shown.append(scalar)
                rest = rest.dropFirst()
            }
        }
        return String(shown)
    }
}
