import ArgumentParser
import ExportCore
import ExportLoad
import ExportPipelines
import ExportReport
import ExportStore
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Exports every missing or outdated window.",
        discussion: """
            Skips windows that are already committed and proved, unless the pipeline file has changed.

            Examples:
              agentsight-export run pipelines/nightly.yml
              agentsight-export run pipelines/nightly.yml --from 2026-11-05 --to 2026-11-06 --force
              agentsight-export run pipelines/nightly.yml --stdout | jq -r .conversation_id
              agentsight-export run pipelines/backfill.yml --shard 0/4
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Flag(help: "Export committed windows again.")
    var force = false

    @Flag(help: "Take over the destination of a pipeline that was renamed: manifests get the new name, and nothing else changes.")
    var adopt = false

    @Flag(help: "After the export, load the committed windows into the warehouse that the file names under load.")
    var load = false

    @Flag(help: "First compare all committed windows with the service, and export again those that differ.")
    var refresh = false

    @Option(
        help: ArgumentHelp(
            "With --refresh: \(LookKind.choices)", valueName: LookKind.valueName))
    var look: LookKind?

    @Flag(help: "Write the rows of all windows to standard output, uncompressed, and do not write to the destination.")
    var stdout = false

    @Option(name: .customLong("output"), help: "With --stdout: the output in the pipeline file, counted from 1.")
    var outputNumber = 1

    @OptionGroup var shares: ShareOptions

    @OptionGroup var progress: ProgressOptions

    @OptionGroup var notifications: RunNotifierOptions

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if stdout, adopt { throw ValidationError("--adopt cannot be combined with --stdout, which writes no destination") }
        if stdout, load { throw ValidationError("--load cannot be combined with --stdout, which writes no destination") }
        if look != nil, !refresh { throw ValidationError("--look needs --refresh") }
        if refresh, force || stdout {
            throw ValidationError("--refresh cannot be combined with \(force ? "--force" : "--stdout"), which exports all windows")
        }
        if stdout, notifications.metricsFile != nil || notifications.notify != nil {
            throw ValidationError("--metrics-file and --notify cannot be combined with --stdout, which writes no destination")
        }
    }

    func run() async throws {
        // Without a word of the parser's, whose complaints come before there is a run: those show as a last success that is long ago.
        var notifier = notifications.fallback(output.console)
        var plan: ExportPlan
        let share: Share
        do {
            notifier = try notifications.makeNotifier(output.console)
            (share, plan) = try shares.applied(to: pipeline.plan(), output.console)
            if refresh {
                try plan.check(look ?? .lean)
                plan.windowing.refresh = [RefreshTier(look: look ?? .lean)]
                if case .shard(1..., _) = share {
                    output.console.warn("--refresh has no effect with this shard: shard 0 compares the windows of all shards")
                }
            }
        } catch {
            // A file that was broken since yesterday is worth telling, too: under the name that it has, or had.
            let name = pipeline.name ?? notifier.earlierPipeline ?? PipelineLoader.defaultName(ofFile: pipeline.file)
            if !stdout { await notifier.notify(RunRecord(of: name, failed: CommandFailure(error))) }
            throw error
        }
        if stdout {
            let streamed = plan.narrowed(to: share)
            let agents = plan.agents.filter { agent in streamed.windows.contains { $0.agent == agent.name } }
            guard agents.count <= 1 else {
                throw CommandFailure("--stdout streams the rows of one agent: choose it with --agent.", .wrongCommand)
            }
            let index = try plan.outputIndex(outputNumber)
            let format = plan.outputs[index].format
            guard format.traits.joinsWindows || streamed.windows.count <= 1 else {
                throw CommandFailure(
                    """
                    --stdout: \(format.rawValue) has one file per window, and the span has \(streamed.windows.count) windows: narrow it \
                    with --from and --to, add --set window.every=all, or stream an output with format: ndjson or csv.
                    """,
                    .wrongCommand)
            }
            try await finish {
                try await Export.streamed(
                    plan.part(of: agents.first).narrowed(toOutput: index), share, output, progress)
            }
        } else {
            if force { plan.windowing.again = .forced }
            let export = Export(
                plan: plan, share: share, adopts: adopt, console: output.console, logger: output.logger,
                progress: progress.progress,
                reported: ShellQuoting.target(pipeline.file, settings: pipeline.settings))
            let target = try load ? LoadTarget(of: plan) : nil
            let loading = target.map { target in
                Load(
                    plan: plan, target: target, options: LoadOptions(), console: output.console, logger: output.logger,
                    notifier: notifier)
            }
            try await finish { [notifier] in
                guard let loading else { return try await export.run(notifier) }
                return try await loading.run(after: { try await export.run(notifier) })
            }
        }
    }
}

extension ExportAgain {
    /// As the option says it.
    static let forced = ExportAgain.all(reason: "--force")
}
