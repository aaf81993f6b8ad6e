/// One thing that is wrong in a pipeline file or in what the command line says on top of it.
public struct PipelineProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file's name as given; `--set fetch.concurency=4`, `--from`, `--to` or a variable's name where the text stands there.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// What is wrong, as written. Nil where nothing is written or where it could be a secret.
    public let text: String?
    /// What is wrong and why: `unknown key "concurency" in fetch`.
    public let message: String
    /// What to do next: `did you mean "concurrency"?`
    public let suggestion: String?

    /// `nightly.yml:12:3: error: unknown key "concurency" in fetch; did you mean "concurrency"?`
    public var description: String {
        "\(file):\(line):\(column): error: \(message)\(suggestion.map { "; \($0)" } ?? "")"
    }
}

/// Every problem of a pipeline file, one at least: those of the file in the order of their lines, then those of the command line.
public struct PipelineProblems: Error, Sendable, Hashable, CustomStringConvertible {
    public let problems: [PipelineProblem]

    /// One line a problem.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
