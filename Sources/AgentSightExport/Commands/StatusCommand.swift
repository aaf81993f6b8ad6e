import ArgumentParser
import ExportCore
import ExportEngine
import ExportStore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows how far an export has come: coverage, gaps, last runs.",
        discussion: """
            Nothing is sent, and no file but the manifests is read.

            Examples:
              agentsight-export status pipelines/nightly.yml
              agentsight-export status exports/support --format json
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "How many of the last runs are shown.")
    var runs = 10

    @Option(help: "text or json.")
    var format = AnswerFormat.text

    func validate() throws {
        guard runs >= 0 else { throw ValidationError("--runs is a number from 0 on") }
    }

    func run() async throws {
        try await finish {
            let target = try target.resolve()
            let folder = target.folder
            let status =
                if let plan = target.plan { try DestinationStatus(of: plan, in: folder) } else { try DestinationStatus(of: folder) }
            let lastRuns = try folder.runNames().suffix(runs).reversed().map { name in
                StatusRun(name: name, record: try folder.runRecord(named: name))
            }
            switch format {
            case .json: try Answer.write(json: StatusAnswer(status, destination: folder.name, runs: lastRuns))
            case .text:
                try Answer.write(StatusText(status: status, plan: target.plan, destination: folder.name, runs: lastRuns).text)
            }
            return .done
        }
    }
}
