import ExportCore

/// One thing that is wrong in a pipeline file or in what the command line says on top of it.
public struct PipelineProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file's name as given; `--set fetch.concurency=4`, `--from`, `--to` or a variable's name where the text stands there.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// Whether `file` is an option or a variable.
    public let isInArgument: Bool
    /// The wrong text, as written. Nil if nothing is written or it could be a secret.
    public let text: String?
    /// The problem and its reason: `unknown key "concurency" in fetch`.
    public let message: String
    /// A suggestion what to do next: `did you mean "concurrency"?`
    public let suggestion: String?

    /// The problem and the suggestion, without the place.
    public var words: String { message + (suggestion.map { "; \($0)" } ?? "") }

    /// `nightly.yml:12:3: error: unknown key "concurency" in fetch; did you mean "concurrency"?`
    public var description: String {
        if !isInArgument { return "\(file):\(line):\(column): error: \(words)" }
        return words.startsExactly(with: file) ? "error: \(words)" : "error: \(file): \(words)"
    }
}

/// The problems of a pipeline file, one at least: those of the file in the order of their lines, then those of the command line.
public struct PipelineProblems: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems in the order of the file; `more` says how many were left out.
    public let problems: [PipelineProblem]
    /// How many others were found. Nothing is known of them: fix these first and check again.
    public let more: Int

    /// One line a problem.
    public var description: String {
        (problems.map(\.description) + others).joined(separator: "\n")
    }

    /// A line for those that are not shown; none where there are none.
    var others: [String] {
        more == 0 ? [] : ["error: \(more) more \(more == 1 ? "problem is" : "problems are") not shown; fix these first"]
    }
}
