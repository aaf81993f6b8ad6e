public import ArgumentParser
import ExportCore
import ExportEngine
import ExportStore
public import ExportWarehouse
import Foundation

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Shows the tables as a warehouse has them, and the statements that load the files.",
        discussion: """
            Loading a window again puts its rows in the place of those that are there.

            Examples:
              agentsight-export schema pipelines/nightly.yml --for postgres | psql
              agentsight-export schema pipelines/nightly.yml --for duckdb --load | duckdb warehouse.db
              agentsight-export schema pipelines/nightly.yml --for bigquery --namespace analytics \\
                --files-at gs://bucket/exports --load-window 2026-11-01
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Option(name: .customLong("for"), help: "bigquery, snowflake, redshift, postgres, duckdb or clickhouse.")
    var system: WarehouseSystem

    @Flag(help: "The statements that load all committed windows, and not the tables.")
    var load = false

    @Option(
        parsing: .singleValue, help: "The statements that load this window, by its key: 2026-11-01. May be repeated.")
    var loadWindow: [String] = []

    @Option(help: "The schema or dataset that the tables are in. Default: that of the session.")
    var namespace: String?

    @Option(help: "Where the system sees the destination: a folder, s3://…, gs://… or a stage. Default: where it is.")
    var filesAt: String?

    @Option(name: .customLong("output"), help: "The output to load, from 1. Default: the first of each table.")
    var outputNumber: Int?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let plan = try pipeline.plan()
        try await finish {
            if let number = outputNumber, !plan.outputs.indices.contains(number - 1) {
                throw CommandFailure(
                    "--output \(number): the file has \(RunReporter.count(plan.outputs.count, "output")).", .wrongCommand)
            }
            guard case .folder(let path) = plan.destination else {
                throw CommandFailure("this version writes to folders only. Set destination to a folder.", .wrongCommand)
            }
            let folder = FolderDestination(path: path)
            try folder.check(pipeline: plan.pipeline, every: plan.windowing.every)
            let catalog = try folder.columns()
            do {
                let script = try WarehouseScript(
                    plan, layouts: plan.outputs.map { try $0.layout(detail: plan.source.detail, catalog) }, for: system,
                    in: namespace, files: files(at: path), output: outputNumber.map { $0 - 1 })
                try Answer.write(String(text(script, plan, folder).dropLast()))
            } catch let error as SchemaError {
                throw CommandFailure("\(error)", .wrongCommand)
            }
            return .done
        }
    }

    private func text(_ script: WarehouseScript, _ plan: ExportPlan, _ folder: FolderDestination) throws -> String {
        let keys = load ? try folder.windowKeys() : loadWindow
        guard load || !loadWindow.isEmpty else { return script.definitions }
        return try script.load(
            keys.map { key in
                guard let manifest = try folder.manifest(ofWindow: key) else { throw SchemaError.notCommitted(window: key) }
                return manifest
            })
    }

    /// - Throws: `CommandFailure` where the system cannot read a folder.
    private func files(at path: String) throws -> String {
        if let filesAt { return filesAt.hasSuffix("/") ? String(filesAt.dropLast()) : filesAt }
        let example: String? =
            switch system {
            case .bigquery: "gs://bucket/prefix"
            case .redshift: "s3://bucket/prefix"
            case .snowflake: "@stage/prefix"
            case .postgres, .duckdb, .clickhouse: nil
            }
        let isLoad = load || !loadWindow.isEmpty
        if isLoad, let example {
            throw CommandFailure(
                "\(system.rawValue) does not read folders. Say where it sees the files: --files-at \(example).", .wrongCommand)
        }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

extension WarehouseSystem: ExpressibleByArgument {}
