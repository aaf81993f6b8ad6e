import ArgumentParser
import ExportCore
import ExportEngine
import ExportLoad
import ExportStore
import ExportWarehouse

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows coverage, gaps and the last runs of an export.",
        usage: "agentsight-export status [<options>] <target>",
        discussion: """
            Reads only manifests and run records, and sends no request to the service. With --into, also asks a warehouse which windows are loaded.

            Examples:
              agentsight-export status pipelines/nightly.yml
              agentsight-export status exports/support --format json
              agentsight-export status s3://bucket/support
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Also show which windows are loaded in this warehouse: postgres, duckdb or clickhouse.")
    var into: WarehouseSystem?

    @OptionGroup var warehouse: WarehouseOptions

    @Option(help: "The number of runs to show.")
    var runs = 10

    @Option(help: "The format: text or json.")
    var format = ResultFormat.text

    func validate() throws {
        guard runs >= 0 else { throw ValidationError("--runs must be 0 or more") }
        if into == nil, warehouse.client != nil || warehouse.namespace != nil || warehouse.prefix != nil {
            throw ValidationError("--client, --namespace and --prefix need --into")
        }
    }

    func run() async throws {
        try await finish {
            try await target.withTarget(logger: OutputOptions.logger()) { try await show($0) }
            return .done
        }
    }

    private func show(_ target: TargetOptions.Target) async throws {
        let destination = target.destination
        var windows: [WindowStatus] = []
        let status =
            if let plan = target.plan {
                try await DestinationStatus(of: plan, in: destination) { mark, _ in windows.append(mark) }
            } else {
                try await DestinationStatus(of: destination) { mark, _ in windows.append(mark) }
            }
        var lastRuns: [StatusRun] = []
        for name in try await destination.runNames().suffix(runs).reversed() {
            lastRuns.append(StatusRun(name: name, record: try await destination.readableRunRecord(named: name)))
        }
        let lockHolders = try await destination.lockHolders()
        let refusal = try await target.refusal()
        let load = try await loads(of: target)
        switch format {
        case .json:
            try StandardOutput.write(
                json: StatusOutput(
                    status, destination: destination.name, refusal: refusal, lockHolders: lockHolders, runs: lastRuns,
                    windows: windows, load: load))
        case .text:
            try StandardOutput.write(
                StatusText(
                    status: status, plan: target.plan, destination: destination.name, refusal: refusal, runs: lastRuns,
                    lockHolders: lockHolders, windows: windows, load: load
                ).text)
        }
        // As a run would end.
        if let refusal { throw refusal }
    }

    /// `nil` if no warehouse is asked.
    private func loads(of target: TargetOptions.Target) async throws -> LoadStatus? {
        guard let into else { return nil }
        guard let plan = target.plan else { throw CommandFailure("--into needs a pipeline file.", .wrongCommand) }
        let load = try Load(
            plan: plan, target: warehouse.target(of: plan, into: into), options: LoadOptions(), console: Console(),
            logger: OutputOptions.logger())
        return LoadStatus(system: into, windows: try await load.status(in: target.destination))
    }
}
