import ExportCore

extension PipelineProblem {
    /// The line with the problem, and a marker below it. `nil` if nothing may be displayed, or the line is not in the file.
    ///
    ///       12 | fetch: { page_size: 101, rate: … }
    ///          |                     ^^^
    ///
    /// It shows the offending text. Of the rest of the line only names of settings are shown, because any value could be a secret.
    func excerpt(of lines: [Substring.UnicodeScalarView], file: String) -> String? {
        guard let text, self.file == file, lines.indices.contains(line - 1), lines[line - 1].count <= Self.longestLine else {
            return nil
        }
        let written = Array(lines[line - 1].reversed().starts(with: ["\r"]) ? lines[line - 1].dropLast() : lines[line - 1])
        let length = text.unicodeScalars.count
        guard (1...written.count + 1).contains(column), written[(column - 1)...].starts(with: text.unicodeScalars) else {
            return nil
        }
        let before = Self.names(in: written[..<(column - 1)])
        let number = String(line)
        let margin = String(repeating: " ", count: number.count)
        // Tabs are kept before the marker, so that it is aligned.
        let indent = String(before.map { $0 == "\t" ? "\t" : " " })
        return "    \(number) | \(before)\(text)\(Self.names(in: written[(column - 1 + length)...]))\n"
            + "    \(margin) | \(indent)\(String(repeating: "^", count: max(1, length)))"
    }

    /// The maximum length of a line for which an excerpt is shown.
    private static let longestLine = 1000

    /// Joins consecutive `…` with only punctuation between them.
    private static func folded(_ line: String) -> String {
        let parts = line.splitExactly(at: "…", omittingEmptySubsequences: false)
        let marks = " ,:{}[]-".unicodeScalars
        let inner = parts.dropFirst().dropLast().filter { !$0.unicodeScalars.allSatisfy(marks.contains) }
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return line }
        return ([first] + inner + [last]).joined(separator: "…")
    }

    /// A part of a line with only its names of settings and punctuation; everything else is replaced by `…`.
    private static func names(in part: ArraySlice<Unicode.Scalar>) -> String {
        let known = Set(SectionName.allCases.flatMap(\.keys))
        let marks: Set<Unicode.Scalar> = [" ", "\t", ",", ":", "{", "}", "[", "]", "-"]
        var shown = ""
        var rest = part
        while let first = rest.first {
            if marks.contains(first) {
                shown.unicodeScalars.append(first)
                rest = rest.dropFirst()
            } else {
                let word = rest.prefix { !marks.subtracting(["-"]).contains($0) }
                let text = String(String.UnicodeScalarView(word))
                shown += known.contains(text) ? text : "…"
                rest = rest.dropFirst(word.count)
            }
        }
        return folded(shown)
    }
}

extension PipelineProblems {
    /// The problems, each with its line.
    /// - Parameters:
    ///   - source: The file's text.
    ///   - file: The file's name as passed to the loader.
    public func explained(source: String, file: String) -> String {
        // By scalars, because CR LF is a single character in Swift.
        let lines = source.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let name = ShownText.presentable(file)
        let shown = problems.map { problem in
            problem.description + (problem.excerpt(of: lines, file: name).map { "\n\($0)" } ?? "")
        }
        return (shown + others).joined(separator: "\n")
    }
}
