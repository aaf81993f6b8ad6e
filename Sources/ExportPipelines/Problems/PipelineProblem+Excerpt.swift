extension PipelineProblem {
    /// The line it stands in, and a mark below it; nil where the line could hold a secret, or is not of the file.
    ///
    ///       12 |   page_size: 101
    ///          |              ^^^
    func excerpt(of source: String, file: String) -> String? {
        guard let text, self.file == ShownText.presentable(file) else { return nil }
        // By scalars: a carriage return and a line feed are one character.
        let lines = source.unicodeScalars.split(separator: "\n", maxSplits: line, omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return nil }
        let written = String(lines[line - 1].last == "\r" ? lines[line - 1].dropLast() : lines[line - 1])
        // A key may be of any form, and stand beside what is wrong.
        guard !written.contains("api_key"), !ShownText.holdsKey(written) else { return nil }
        let scalars = written.unicodeScalars.map { $0 == "\t" || !$0.isControl ? $0 : "\u{FFFD}" }
        guard (1...max(1, scalars.count)).contains(column) else { return nil }
        // Of a long line the part around the mark.
        let start = max(0, column - 1 - Self.before)
        let shown = scalars[start..<min(scalars.count, start + Self.width)]
        // Tabs stay in front of the mark, so that it stands where it should.
        let indent = shown.prefix(column - 1 - start).map { $0 == "\t" ? "\t" : " " }.joined()
        let rest = scalars[(column - 1)...]
        let isThere = rest.starts(with: text.unicodeScalars)
        let length = min(isThere ? text.unicodeScalars.count : 1, max(1, shown.count - (column - 1 - start)))
        let number = String(line)
        let margin = String(repeating: " ", count: number.count)
        return "    \(number) | \(string(shown))\n    \(margin) | \(indent)\(String(repeating: "^", count: max(1, length)))"
    }

    private static let before = 60
    private static let width = 100

    private func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}

extension PipelineProblems {
    /// Each problem, with the line that it stands in.
    /// - Parameters:
    ///   - source: The file's text.
    ///   - file: Its name, as it was given to the loader.
    public func explained(source: String, file: String) -> String {
        problems.map { problem in
            problem.description + (problem.excerpt(of: source, file: file).map { "\n\($0)" } ?? "")
        }.joined(separator: "\n")
    }
}
