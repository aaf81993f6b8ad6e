import ArgumentParser
import ExportCore
import ExportEngine
import ExportReport
import ExportStore
import Foundation
import Logging

struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Prints the first rows in their output format.",
        usage: "agentsight-export preview [<options>] <file>",
        discussion: """
            Examples:
              agentsight-export preview pipelines/nightly.yml
              agentsight-export preview pipelines/nightly.yml --page 2 --page-size 25
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Option(help: "The maximum number of conversations, 1 to 100.")
    var limit = 10

    @Option(help: "Print the rows of this page of the service, counted from 1.")
    var page: Int?

    @Option(help: "With --page: rows per page, 1 to 100.")
    var pageSize: Int?

    @Option(name: .customLong("output"), help: "The output in the pipeline file, counted from 1.")
    var outputNumber = 1

    @Option(
        help:
            "table: columns that fit the terminal; raw: the bytes of the output file. Default: table on a terminal, otherwise raw.")
    var format: PreviewFormat?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100).contains(pageSize ?? limit) else {
            throw ValidationError(
                "--\(pageSize == nil ? "limit" : "page-size") must be a number from 1 to 100, but is \(pageSize ?? limit)")
        }
        guard (page ?? 1) >= 1 else { throw ValidationError("--page must be 1 or more, but is \(page ?? 0)") }
        guard page != nil || pageSize == nil else {
            throw ValidationError("--page-size needs --page; use --limit for the first rows")
        }
    }

    func run() async throws {
        let plan = try pipeline.plan()
        let index = try plan.outputIndex(outputNumber)
        let isTable = (format ?? (isatty(STDOUT_FILENO) == 1 ? .table : .raw)) == .table
        // A table is made of rows of JSON, whatever the file's format.
        let shown = isTable ? plan.withNDJSON(index) : plan
        let (rows, page) = (pageSize ?? limit, page ?? 1)
        let (console, logger) = (output.console, output.logger)
        try await finish {
            let (preview, unnamed) = try await Interruption.withHandling {
                let columns = try await columns(of: shown.outputs[index], in: plan.destination, console, logger)
                return try await Service.withClient(for: shown, logger: logger) { client in
                    try await ExtraCheck.run(shown, from: [client])
                    return (
                        try await Preview(shown, output: index, columns: columns).rows(rows, page: page, from: client),
                        // A key that one of several agents lacks may exist for another.
                        shown.agents.count > 1 ? [] : try await UnlistedKey.all(in: shown, from: [client])
                    )
                }
            }
            for key in unnamed { console.warn(key.warning) }
            let (text, count) = preview
            if isTable, count > 0 {
                let table = PreviewTable(
                    text, of: shown.outputs[index], detail: shown.source.detail, width: Terminal.width(of: STDOUT_FILENO))
                try StandardOutput.write(table.lines.joined(separator: "\n"))
            } else if !isTable {
                try StandardOutput.write(Data(text))
            }
            if count == 0 {
                console.note(
                    "no rows: the service has none that match these filters in \(plan.span?.description ?? "a span without windows")"
                )
            }
            return .done
        }
    }

    /// The columns that the destination has for an output. None where it cannot be read.
    private func columns(
        of output: Output, in destination: DestinationLocation, _ console: Console, _ logger: Logger
    ) async throws -> ColumnCatalog {
        // Rows as the service sends them have no columns.
        guard output.columns != nil else { return ColumnCatalog() }
        do { return try await OpenDestination.with(destination, logger: logger) { try await $0.columns() } } catch let error
            as StoreError
        {
            console.warn(
                "the columns of the destination cannot be read, so columns that other windows have may be missing: \(error)")
            return ColumnCatalog()
        }
    }
}

enum PreviewFormat: String, CaseIterable, ExpressibleByArgument {
    case table, raw
}

extension ExportPlan {
    /// The same, with one output as NDJSON.
    fileprivate func withNDJSON(_ output: Int) -> ExportPlan {
        var plan = self
        plan.outputs[output].format = .ndjson
        return plan
    }
}
