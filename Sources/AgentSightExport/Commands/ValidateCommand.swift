import ArgumentParser
import ExportCore
import ExportPipelines
import ExportReport
import Foundation

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks pipeline files offline.",
        usage: "agentsight-export validate [<options>] <file> ...",
        discussion: """
            Reports every mistake with its line and column.

            Examples:
              agentsight-export validate pipelines/*.yml
              agentsight-export validate --json-schema > pipeline.schema.json
            """
    )

    @Argument(help: "Pipeline files.", completion: .file(extensions: ["yml", "yaml"]))
    var files: [String] = []

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "Override a setting of each file: fetch.concurrency=4 (repeatable).")
    var settings: [String] = []

    @Option(help: "The format: text or json.")
    var format = ResultFormat.text

    @Flag(help: "Print the JSON Schema of pipeline files, for editors.")
    var jsonSchema = false

    func validate() throws {
        if files.isEmpty, !jsonSchema { throw ValidationError("name the pipeline files to check") }
    }

    func run() async throws {
        if jsonSchema { return try StandardOutput.write(Data(PipelineSchema.text().utf8)) }
        let overrides = PipelineOverrides(settings: settings)
        let results = try files.map { file in
            let text = try PipelineOptions.read(file)
            do throws(PipelineProblems) {
                let plan = try PipelineLoader.ofCommand.load(text, file: file, overrides: overrides)
                let words = plan.warnings.map { "\(file): warning: \($0)" }.joined(separator: "\n")
                return FileResult(file: file, windows: plan.windows.count, problems: [], warnings: plan.warnings, words: words)
            } catch {
                return FileResult(
                    file: file, windows: nil, problems: error.problems, more: error.more, warnings: [],
                    words: error.explained(source: text, file: file))
            }
        }
        switch format {
        case .json:
            try StandardOutput.write(json: ValidateOutput(ok: results.allSatisfy(\.ok), files: results))
        case .text:
            for result in results {
                if let windows = result.windows {
                    try StandardOutput.write("\(result.file): ok, \(Figures.count(windows, "window"))")
                }
                if !result.words.isEmpty { Console.standard.write(result.words) }
            }
        }
        if !results.allSatisfy(\.ok) { throw ExitCode(ExitStatus.wrongCommand.rawValue) }
    }
}

private struct ValidateOutput: Encodable {
    let ok: Bool
    let files: [FileResult]
}

private struct FileResult: Encodable {
    let file: String
    let ok: Bool
    let windows: Int?
    let problems: [Problem]
    /// How many others were found; absent where there are none.
    let more: Int?
    /// Settings that are allowed, but probably not intended.
    let warnings: [String]
    let words: String

    struct Problem: Encodable {
        let line: Int
        let column: Int
        /// The offending text; absent where it could be a secret.
        let text: String?
        let message: String
        let suggestion: String?
    }

    enum CodingKeys: CodingKey {
        case file, ok, windows, problems, more, warnings
    }

    init(file: String, windows: Int?, problems: [PipelineProblem], more: Int = 0, warnings: [String], words: String) {
        self.file = file
        ok = problems.isEmpty
        self.windows = windows
        self.more = more == 0 ? nil : more
        self.warnings = warnings
        self.words = words
        self.problems = problems.map {
            Problem(line: $0.line, column: $0.column, text: $0.text, message: $0.message, suggestion: $0.suggestion)
        }
    }
}
