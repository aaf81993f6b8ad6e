import ArgumentParser
import ExportCore
import ExportReport
import ExportStore
import Foundation

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes an HTML page with the windows, runs, columns and proofs of an export.",
        usage: "agentsight-export report [<options>] <target>",
        discussion: """
            The page is a single file without external resources. The command reads only manifests, columns and run records, and sends no request to \
            the service.

            Examples:
              agentsight-export report pipelines/nightly.yml
              agentsight-export report exports/support -o support.html
              agentsight-export report s3://bucket/support -o - > support.html
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(
        name: [.customShort("o"), .customLong("file")], help: "The output file, or - for standard output.",
        completion: .file(extensions: ["html"]))
    var file = "report.html"

    func run() async throws {
        let file = file
        try await finish {
            if file != "-" { try AtomicFile.check(file) }
            let html = try await target.withTarget(logger: OutputOptions.logger()) { target in
                ReportPage(try await ReportContent(of: target.destination, plan: target.plan, now: .now)).html
            }
            if file == "-" {
                try StandardOutput.write(Data(html.utf8))
                return .done
            }
            try AtomicFile.write(Array(html.utf8), to: file)
            try StandardOutput.write("\(file): \(Figures.bytes(html.utf8.count))")
            return .done
        }
    }
}
