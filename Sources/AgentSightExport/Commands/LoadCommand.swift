import ArgumentParser
import ExportCore
import ExportEngine
import ExportLoad
import ExportPipelines
import ExportReport
import ExportStore
import ExportWarehouse

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Loads committed windows into a warehouse, each exactly once.",
        discussion: """
            Loads the windows that are new or were exported again, each whole or not at all, by the warehouse's own client program. \
            The table _agentsight_loads in the warehouse records what is loaded. For BigQuery, Snowflake and Redshift, prints a script that does \
            the same there. ClickHouse has no transactions: its tables are views of the rows of complete windows, and one load at a time should run.

            Examples:
              agentsight-export load pipelines/nightly.yml --into postgres --client "psql service=dw"
              agentsight-export load pipelines/nightly.yml --into duckdb --client "duckdb warehouse.db"
              agentsight-export load pipelines/nightly.yml --into clickhouse --client "clickhouse-client --host dw"
              agentsight-export load pipelines/nightly.yml --into postgres --dry-run
              agentsight-export load pipelines/nightly.yml --into postgres --client "psql service=dw" --verify --cells 1000
              agentsight-export load pipelines/nightly.yml --into bigquery --namespace analytics --files-at gs://bucket/exports | bq query
            """
    )

    @Argument(help: "The pipeline file.", completion: .file(extensions: ["yml", "yaml"]))
    var file: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "Override a setting of the file: destination=exports/other (repeatable).")
    var settings: [String] = []

    @OptionGroup var target: LoadTargetOptions

    @Flag(help: "Also load windows that are not proved.")
    var allowUnsettled = false

    @Flag(help: "Remove the rows of windows that the destination no longer has.")
    var prune = false

    @Flag(help: "Load all windows again.")
    var force = false

    @Flag(help: "Show which windows would be loaded, and change nothing.")
    var dryRun = false

    @Flag(help: "Compare the tables with the manifests, and change nothing. Exits with 4 if they differ.")
    var verify = false

    @Flag(
        name: .customLong("print"),
        help: "Print a script that loads, instead of starting a client. Always on for bigquery, snowflake and redshift.")
    var isPrint = false

    @Option(help: "With --print: the destination as the warehouse sees it, gs://…, s3://… or a stage. Default: the destination.")
    var filesAt: String?

    @Option(help: "With --verify: also compare every cell of this many rows of each table with the files.")
    var cells = 0

    @Option(help: "Characters that the warehouse cannot store: replace them with U+FFFD, or fail the window.")
    var unloadable = UnloadableCharacters.replace

    @Option(help: "The format: text or json.")
    var format = ResultFormat.text

    @OptionGroup var notifications: RunNotifierOptions

    @OptionGroup var output: OutputOptions

    /// Whether it changes the warehouse, so that somebody may be told.
    private var isLoad: Bool { !isPrint && !verify && !dryRun }

    func validate() throws {
        guard cells >= 0 else { throw ValidationError("--cells must be 0 or more") }
        if cells > 0, !verify { throw ValidationError("--cells needs --verify") }
        if verify, allowUnsettled || prune || force || dryRun {
            throw ValidationError("--verify changes nothing: leave out --allow-unsettled, --prune, --force and --dry-run")
        }
        if !isLoad, notifications.metricsFile != nil || notifications.notify != nil {
            throw ValidationError("--metrics-file and --notify tell of a load: leave out --print, --verify and --dry-run")
        }
        if isPrint, verify || prune || force || dryRun {
            throw ValidationError("--print only prints: leave out --verify, --prune, --force and --dry-run")
        }
    }

    func run() async throws {
        var notifier = notifications.fallback(output.console)
        let plan: ExportPlan
        do {
            notifier = try notifications.makeNotifier(output.console)
            plan = try PipelineOptions.plan(
                text: PipelineOptions.read(file), file: file, overrides: .init(settings: settings))
        } catch {
            // A file that was broken since yesterday is worth telling, too.
            if isLoad {
                let name = notifier.earlierPipeline ?? PipelineLoader.defaultName(ofFile: file)
                await notifier.notify(LoadRecord(of: name, failed: CommandFailure(error)))
            }
            throw error
        }
        if let system = try target.scriptSystem(of: plan, prints: isPrint) {
            guard !verify, !prune, !force, !dryRun else {
                throw CommandFailure(
                    "load has no client for \(system.rawValue) and prints a script: leave out --verify, --prune, --force and --dry-run.",
                    .wrongCommand)
            }
            let script = LoadScript(
                plan: plan, system: system, namespace: target.warehouse.namespace ?? plan.load?.namespace,
                prefix: target.warehouse.prefix ?? plan.load?.prefix ?? "", filesAt: filesAt, allowsUnsettled: allowUnsettled)
            return try await finish { try await script.print(output.logger) }
        }
        if filesAt != nil { throw CommandFailure("--files-at needs --print.", .wrongCommand) }
        let load = try Load(
            plan: plan, target: target.warehouse.target(of: plan, into: target.into), options: options, format: format,
            console: output.console,
            logger: output.logger, isVerbose: output.verbose, notifier: isLoad ? notifier : nil)
        let (isVerify, cells) = (verify, cells)
        try await finish {
            isVerify ? try await Interruption.withHandling { try await load.verify(cells: cells) } : try await load.run()
        }
    }

    private var options: LoadOptions {
        var options = LoadOptions()
        options.allowsUnsettled = allowUnsettled
        options.prunes = prune
        options.isDryRun = dryRun
        options.isForced = force
        options.refusesUnloadable = unloadable == .fail
        return options
    }
}

/// How characters that a warehouse cannot store are treated.
enum UnloadableCharacters: String, CaseIterable, ExpressibleByArgument {
    case replace, fail
}
