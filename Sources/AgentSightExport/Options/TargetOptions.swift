import ArgumentParser
import ExportCore
import ExportPipelines
import ExportStore
import Foundation
import Logging

/// An existing export: named by its pipeline file, or by the folder or the bucket alone.
struct TargetOptions: ParsableArguments {
    @Argument(help: "A pipeline file, a folder, or s3://bucket/prefix.", completion: .file())
    var target: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "Override a setting of the pipeline file: destination=exports/other (repeatable).")
    var settings: [String] = []

    /// A destination that is there, with its declaration where that was given.
    struct Target: Sendable {
        let destination: any PersistentDestination
        let plan: ExportPlan?

        /// Why a run of the declaration would refuse the destination. `nil` if it would not, and where there is no declaration.
        func refusal() async throws -> StoreError? {
            guard let plan else { return nil }
            do {
                try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
                return nil
            } catch let error as StoreError {
                return error
            }
        }
    }

    /// Runs `body` with the target.
    /// - Throws: `CommandFailure` with `wrongCommand` where there is no such destination, or the file is wrong; what `body` throws.
    func withTarget<Result: Sendable>(
        logger: Logger, _ body: (Target) async throws -> Result
    ) async throws -> Result {
        let (location, plan, hint) = try resolve()
        return try await OpenDestination.with(location, logger: logger) { destination in
            guard try await destination.isDestination() else {
                throw CommandFailure("\(destination.name) contains no export. \(hint)", .wrongCommand)
            }
            return try await body(Target(destination: destination, plan: plan))
        }
    }

    private func resolve() throws -> (DestinationLocation, ExportPlan?, hint: String) {
        let kind = try FileKind.at(target)
        let isStore = kind == nil && target.startsExactly(with: "s3://")
        guard kind != nil || isStore else {
            throw CommandFailure(
                "\(target) does not exist. Give a pipeline file, or a folder or s3://bucket/prefix with an export.",
                .wrongCommand)
        }
        guard kind == .folder || isStore else {
            let plan = try PipelineOptions.plan(
                text: PipelineOptions.read(target), file: target, overrides: PipelineOverrides(settings: settings))
            return (plan.destination, plan, "Run the pipeline first.")
        }
        guard settings.isEmpty else {
            throw CommandFailure(
                "--set needs a pipeline file; \(target) is a \(isStore ? "store" : "folder").", .wrongCommand)
        }
        let hint = "Give a destination, or its pipeline file."
        return (isStore ? try PipelineOptions.destination(target) : .folder(target), nil, hint)
    }
}
