import ArgumentParser
import ExportCore
import ExportPipelines
import ExportStore
import Foundation

/// What has been exported: by its pipeline file, or by the folder alone.
struct TargetOptions: ParsableArguments {
    @Argument(help: "A pipeline file, or a destination.", completion: .file())
    var target: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "With a pipeline file: replaces a setting of it: destination=exports/other. May be repeated.")
    var settings: [String] = []

    /// A destination that is there, with its declaration where that was given.
    struct Target {
        let folder: FolderDestination
        let plan: ExportPlan?
    }

    /// - Throws: `CommandFailure` with `wrongCommand` where there is no such destination, or the file is wrong.
    func resolve() throws -> Target {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: target, isDirectory: &isFolder)
        guard isThere else {
            throw CommandFailure("there is no \(target). Give a pipeline file, or a folder that holds an export.", .wrongCommand)
        }
        guard !isFolder.boolValue else {
            guard settings.isEmpty else {
                throw CommandFailure("--set goes with a pipeline file; \(target) is a folder.", .wrongCommand)
            }
            return Target(folder: try Self.existing(target, hint: "Give a destination, or its pipeline file."), plan: nil)
        }
        let plan = try PipelineOptions.plan(
            text: PipelineOptions.read(target), file: target, overrides: PipelineOverrides(settings: settings))
        guard case .folder(let path) = plan.destination else {
            throw CommandFailure("this version writes to folders only. Set destination to a folder.", .wrongCommand)
        }
        return Target(folder: try Self.existing(path, hint: "Run the pipeline first."), plan: plan)
    }

    private static func existing(_ path: String, hint: String) throws -> FolderDestination {
        let folder = FolderDestination(path: path)
        guard folder.isDestination else { throw CommandFailure("\(path) holds no export. \(hint)", .wrongCommand) }
        return folder
    }
}
