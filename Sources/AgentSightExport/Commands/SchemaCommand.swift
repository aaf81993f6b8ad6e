public import ArgumentParser
import ExportCore
import ExportEngine
import ExportReport
import ExportStore
public import ExportWarehouse
import Foundation

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the SQL that creates the tables in a warehouse and loads the files.",
        discussion: """
            Loading a window again replaces its rows.

            Examples:
              agentsight-export schema pipelines/nightly.yml --for postgres | psql
              agentsight-export schema pipelines/nightly.yml --for duckdb --load | duckdb warehouse.db
              agentsight-export schema pipelines/nightly.yml --for bigquery --namespace analytics \\
                --files-at gs://bucket/exports --load-window 2026-11-01
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Option(name: .customLong("for"), help: "The warehouse: bigquery, snowflake, redshift, postgres, duckdb or clickhouse.")
    var system: WarehouseSystem

    @Flag(help: "Print the statements that load all committed windows, instead of those that create the tables.")
    var load = false

    @Option(
        parsing: .singleValue, help: "Print the statements that load this window: 2026-11-01 (repeatable).",
        completion: WindowCompletion.keys)
    var loadWindow: [String] = []

    @Option(help: "The schema or dataset of the tables. Default: that of the warehouse session.")
    var namespace: String?

    @Option(help: "The destination as the warehouse sees it: a folder, s3://…, gs://… or a stage. Default: the destination.")
    var filesAt: String?

    @Option(name: .customLong("output"), help: "The output to load, counted from 1. Default: the first one of each table.")
    var outputNumber: Int?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let plan = try pipeline.plan()
        try await finish {
            let index = try outputNumber.map(plan.outputIndex)
            let statements = try await OpenDestination.with(plan.destination, logger: output.logger) { destination in
                try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
                return try await text(for: plan, output: index, in: destination)
            }
            try StandardOutput.write(exactly: statements)
            return .done
        }
    }

    private func text(
        for plan: ExportPlan, output: Int?, in destination: any ReadableDestination
    ) async throws -> String {
        let catalog = try await destination.columns()
        let script = try WarehouseScript(
            plan, layouts: plan.layouts(catalog), for: system, in: namespace, files: files(of: plan.destination), output: output)
        let keys = load ? try await destination.windowKeys() : loadWindow
        guard isLoad else { return Self.unended(script.definitions) }
        guard plan.agents.isEmpty else {
            throw CommandFailure(
                """
                --load and --load-window replace the rows of a window by their time, which would affect all agents: load the \
                files of each agent into a separate table.
                """, .wrongCommand)
        }
        var manifests: [Manifest] = []
        for key in keys {
            guard let manifest = try await destination.manifest(ofWindow: key) else {
                let there = try await destination.windowKeys()
                guard there.contains(key) else { throw SchemaError.notCommitted(window: key, there: there) }
                throw CommandFailure.unreadableManifest(ofWindow: key, in: destination)
            }
            manifests.append(manifest)
        }
        return Self.unended(try script.load(manifests))
    }

    private static func unended(_ text: String) -> String { String(text.dropLast()) }

    private var isLoad: Bool { load || !loadWindow.isEmpty }

    private func files(of location: DestinationLocation) throws -> String {
        try system.files(of: location, at: filesAt, isRead: isLoad)
    }
}

extension WarehouseSystem: ExpressibleByArgument {}
