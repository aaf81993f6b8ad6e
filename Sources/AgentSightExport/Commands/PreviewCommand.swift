import ArgumentParser
import ExportCore
import ExportEngine
import ExportReport
import Foundation

struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Shows the first rows as they would be written.",
        discussion: """
            Examples:
              agentsight-export preview pipelines/nightly.yml
              agentsight-export preview pipelines/nightly.yml --page 2 --page-size 25
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Option(help: "Rows at most, 1 to 100.")
    var limit = 10

    @Option(help: "One page of the service's own, by its number, from 1.")
    var page: Int?

    @Option(help: "With --page: rows of a page, 1 to 100.")
    var pageSize: Int?

    @Option(name: .customLong("output"), help: "Which output of the file, from 1.")
    var outputNumber = 1

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100).contains(pageSize ?? limit) else { throw ValidationError("a page has 1 to 100 rows") }
        guard (page ?? 1) >= 1 else { throw ValidationError("pages are numbered from 1") }
        guard page != nil || pageSize == nil else {
            throw ValidationError("--page-size goes with --page; use --limit for the first rows")
        }
    }

    func run() async throws {
        let plan = try pipeline.plan()
        guard plan.outputs.indices.contains(outputNumber - 1) else {
            throw CommandFailure(
                "--output \(outputNumber): the file has \(Figures.count(plan.outputs.count, "output")).", .wrongCommand)
        }
        let (rows, page, index) = (pageSize ?? limit, page ?? 1, outputNumber - 1)
        let (console, logger) = (output.console, output.logger)
        try await finish {
            let (text, count) = try await Interruption.withHandling {
                try await Service.withClient(for: plan, logger: logger) {
                    try await Preview(plan, output: index).rows(rows, page: page, from: $0)
                }
            }
            try Answer.write(Data(text))
            if count == 0 { console.note("no row: the service has none for these filters in \(plan.spanWords)") }
            return .done
        }
    }
}

extension ExportPlan {
    /// From the first window to the last, for people.
    fileprivate var spanWords: String {
        guard let first = windows.first, let last = windows.last else { return "a span without windows" }
        return first.range.union(last.range).description
    }
}
