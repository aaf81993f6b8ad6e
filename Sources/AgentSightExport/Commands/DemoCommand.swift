import ArgumentParser
import ExportCore
import ExportHTTP
import ExportReport
import ExportStore
import Foundation
import SampleAPI

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs a pipeline against a mock server, in one process.",
        discussion: """
            Lists the committed windows and their files. Needs no API key and no network.

            Examples:
              agentsight-export demo
              agentsight-export demo pipelines/nightly.yml
            """
    )

    @Argument(
        help: "A pipeline file. Default: two weeks of daily windows, exported to demo-export.",
        completion: .file(extensions: ["yml", "yaml"]))
    var file: String?

    @OptionGroup var progress: ProgressOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (file, output, progress) = (file, output, progress)
        let text = try file.map(PipelineOptions.read) ?? DemoPipeline.text
        try await finish {
            try await withSampleService { endpoint, _ in
                setenv("AGENTSIGHT_API_ENDPOINT", endpoint, 1)
                setenv("AGENTSIGHT_API_KEY", SampleService.key, 1)
                let plan = try PipelineOptions.plan(text: text, file: file ?? "demo.yml")
                let export = Export(
                    plan: plan, console: output.console, logger: output.logger, progress: progress.progress)
                let status = try await export.run(
                    RunNotifier(metricsFile: nil, webhook: nil, network: NetworkSettings(), console: output.console))
                if case .folder(let path) = plan.destination { try show(plan, in: path) }
                return status
            }
        }
    }

    private func show(_ plan: ExportPlan, in path: String) throws {
        let folder = FolderDestination(path: path)
        var rows: [[String]] = []
        for window in plan.windows {
            guard case .manifest(let manifest, _) = try folder.commitState(of: window) else { continue }
            for (index, file) in manifest.files.enumerated() {
                rows.append([
                    index == 0 ? window.key : "", index == 0 ? manifest.status.rawValue : "", Figures.count(file.rows, "row"),
                    Figures.bytes(file.bytes), "\(path)/\(file.path)",
                ])
            }
        }
        try StandardOutput.write(StandardOutput.table(rows))
    }
}
