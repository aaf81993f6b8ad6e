import ExportCore

/// A problem in a pipeline file or in the settings of the command line.
public struct PipelineProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file's name as given, or `--set fetch.concurency=4`, `--from`, `--to` or the name of a variable if the text comes from there.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The column, from 1, in Unicode scalars.
    public let column: Int
    /// Whether `file` is an option or a variable.
    public let isInArgument: Bool
    /// The wrong text as written. `nil` if nothing is written or it could be a secret.
    public let text: String?
    /// The problem and its reason: `unknown key "concurency" in fetch`.
    public let message: String
    /// A suggestion for what to do next: `did you mean "concurrency"?`
    public let suggestion: String?

    /// The problem and the suggestion, without the position.
    public var words: String { message + (suggestion.map { "; \($0)" } ?? "") }

    /// `nightly.yml:12:3: error: unknown key "concurency" in fetch; did you mean "concurrency"?`
    public var description: String {
        if !isInArgument { return "\(file):\(line):\(column): error: \(words)" }
        return words.startsExactly(with: file) ? "error: \(words)" : "error: \(file): \(words)"
    }
}

/// The problems of a pipeline file, at least one: those of the file in the order of their lines, then those of the command line.
public struct PipelineProblems: Error, Sendable, Hashable, CustomStringConvertible {
    /// The problems in the order of the file. `more` is the number of those left out.
    public let problems: [PipelineProblem]
    /// The number of further problems, whose details are not recorded.
    public let more: Int

    /// One line per problem.
    public var description: String {
        (problems.map(\.description) + others).joined(separator: "\n")
    }

    /// A line about the further problems. Empty if there are none.
    var others: [String] {
        more == 0 ? [] : ["error: \(more) more \(more == 1 ? "problem is" : "problems are") not shown; fix these first"]
    }
}
