import ArgumentParser
import ExportCore
import ExportEngine
import ExportPipelines
import ExportReport
import ExportStore
import Foundation

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Lists the windows that the pipeline file no longer declares, or removes them with their files.",
        usage: "agentsight-export prune [<options>] <file>",
        discussion: """
            Such windows stay after a later window.from, or after an agent was renamed. Without --delete nothing is changed. Sends no \
            request to the service.

            Examples:
              agentsight-export prune pipelines/nightly.yml
              agentsight-export prune pipelines/nightly.yml --delete
            """
    )

    @Argument(help: "The pipeline file.", completion: .file())
    var file: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "Override a setting of the pipeline file: destination=exports/other (repeatable).")
    var settings: [String] = []

    @Flag(help: "Remove the listed windows and their files.")
    var delete = false

    @Option(help: "The format: text or json.")
    var format = ResultFormat.text

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let plan = try PipelineOptions.plan(
            text: PipelineOptions.read(file), file: file, overrides: .init(settings: settings))
        try await finish {
            try await Interruption.withHandling {
                try await OpenDestination.with(plan.destination, logger: output.logger) { destination in
                    guard try await destination.isDestination() else {
                        throw CommandFailure("\(destination.name) contains no export. Run the pipeline first.", .wrongCommand)
                    }
                    try await show(plan, destination)
                }
            }
            return .done
        }
    }

    private func show(_ plan: ExportPlan, _ destination: any PersistentDestination) async throws {
        let pruning = Pruning(of: plan, in: destination)
        let process = ProcessInfo.processInfo
        let windows =
            delete
            ? try await pruning.delete(holder: "prune, process \(process.processIdentifier) on \(process.hostName)")
            : try await pruning.undeclared()
        guard format == .text else { return try StandardOutput.write(json: PruneOutput(windows, deleted: delete)) }
        if !windows.isEmpty {
            try StandardOutput.write(
                StandardOutput.table(
                    windows.map { window in
                        [
                            window.key.shown(),
                            window.files.map { "\(Figures.count($0.count, "file"))" } ?? "its manifest cannot be read",
                            Figures.bytes(window.bytes),
                        ]
                    }))
        }
        let files = windows.reduce(0) { $0 + ($1.files?.count ?? 0) }
        let size = "\(Figures.count(files, "file")), \(Figures.bytes(windows.map(\.bytes).reduce(0, +)))"
        let count = Figures.count(windows.count, "window")
        if windows.isEmpty {
            try StandardOutput.write("\(plan.pipeline): every window in \(destination.name) is declared")
        } else if delete {
            try StandardOutput.write("\(plan.pipeline): \(count) removed (\(size))")
        } else {
            try StandardOutput.write("\(plan.pipeline): \(count) not declared (\(size)); --delete removes them")
        }
    }
}

/// The output of `prune --format json`.
private struct PruneOutput: Encodable {
    let windows: [Window]
    /// Whether they were removed.
    let deleted: Bool

    struct Window: Encodable {
        let key: String
        /// Null where the manifest cannot be read.
        let files: OrNull<[String]>
        let bytes: Int
    }

    init(_ windows: [Pruning.Undeclared], deleted: Bool) {
        self.windows = windows.map { Window(key: $0.key, files: .init($0.files), bytes: $0.bytes) }
        self.deleted = deleted
    }
}
