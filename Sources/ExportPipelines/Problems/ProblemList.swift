import ExportCore

/// Where something stands that the user wrote.
struct SourcePosition: Hashable {
    /// Or the option or the variable.
    var file: String
    var line = 1
    var column = 1
    /// Whether it is an option or a variable, whose lines nobody counts.
    var isArgument = false
}

/// Gathers what is wrong.
struct ProblemList {
    /// The pipeline file's name: its problems come first.
    let file: String
    private var problems: [PipelineProblem] = []
    /// Found beyond those that are noted.
    private var more = 0

    /// Nobody reads more, and a file of nothing but mistakes would take its time.
    private static let most = 100

    init(file: String) {
        self.file = file
    }

    var isEmpty: Bool { problems.isEmpty }

    /// Notes a mistake. `text` is what is wrong, as written; nil where it could be a secret.
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

    /// The name that a mistyped one probably means; nil also if its problem is no longer noted.
    func nearest(to name: String, in known: some Sequence<String>) -> String? {
        problems.count < Self.most ? NearestName.of(name, in: known) : nil
    }
}

/// A text that may be shown: not a key, not endless, without control characters.
package struct ShownText: Hashable {
    let text: String

    /// Nil for what holds an API key, wherever it may have been pasted.
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

    /// Names of settings stand in sentences, and a key or a line break may have been pasted into one of them.
    package static func presentable(_ sentence: String) -> String {
        let sentence = sentence.shown()
        guard holdsKey(sentence) else { return sentence }
        // By scalars: what stands behind a key may be a mark, which makes another character of its end.
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
