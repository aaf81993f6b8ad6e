import ArgumentParser
import ExportCore
import ExportFormats
import ExportPipelines
import ExportStore
import Foundation
import SystemPackage

/// A pipeline file and what the command line says on top.
struct PipelineOptions: ParsableArguments {
    @Argument(help: "The pipeline file.", completion: .file(extensions: ["yml", "yaml"]))
    var file: String

    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: "Override a setting of the file: fetch.concurrency=4 (repeatable).")
    var settings: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Restrict the span to times from this one on: a date, a date-time, or an expression such as -7d.",
        completion: WindowCompletion.bounds)
    var from: String?

    @Option(parsing: .unconditional, help: "Restrict the span to times before this one.", completion: WindowCompletion.bounds)
    var to: String?

    @Option(
        name: .customLong("agent"), parsing: .singleValue, help: "Export only this agent (repeatable).")
    var agents: [String] = []

    /// Whether only a part of the windows is requested.
    var isNarrowed: Bool { from != nil || to != nil || !agents.isEmpty }

    /// The plan of the file.
    /// - Throws: `CommandFailure` with every problem of the file.
    func plan() throws -> ExportPlan {
        var plan = try PipelineOptions.plan(
            text: PipelineOptions.read(file), file: file,
            overrides: PipelineOverrides(settings: settings, from: from, to: to))
        guard !agents.isEmpty else { return plan }
        let names = plan.agents.map(\.name)
        if let unknown = agents.first(where: { !names.contains($0) }) {
            let hint =
                NearestName.of(unknown, in: names).map { "; did you mean \($0)?" }
                ?? (names.isEmpty ? ": it lists no agents." : ".")
            throw CommandFailure("--agent \(unknown): the file has no such agent\(hint)", .wrongCommand)
        }
        plan.agents.removeAll { !agents.contains($0.name) }
        plan.windows.removeAll { $0.agent.map { !agents.contains($0) } ?? false }
        return plan
    }

    /// The name of the pipeline in the file, if it can be read, whatever else is wrong with the file.
    var name: String? {
        guard file != "-", let text = try? Self.read(file) else { return nil }
        return PipelineLoader.ofCommand.name(in: text, file: file, overrides: PipelineOverrides(settings: settings))
    }

    static func plan(text: String, file: String, overrides: PipelineOverrides = .init()) throws -> ExportPlan {
        var plan: ExportPlan
        do {
            plan = try PipelineLoader.ofCommand.load(text, file: file, overrides: overrides)
        } catch {
            throw CommandFailure(error.explained(source: text, file: file), .wrongCommand, isWhole: true)
        }
        try plan.readHashKey()
        try checkCompression(of: plan)
        return plan
    }

    /// Refuses what this build cannot compress.
    private static func checkCompression(of plan: ExportPlan) throws {
        guard !Zstd.isAvailable, plan.outputs.contains(where: { $0.compression.kind == .zstd }) else { return }
        throw CommandFailure(ZstdError.notAvailable.description, .wrongCommand)
    }

    /// The plan of a file that was generated from options, whose problems are reported without positions.
    static func plan(ofOptions text: String) throws -> ExportPlan {
        let plan: ExportPlan
        do {
            plan = try PipelineLoader.ofCommand.load(text, file: "the options")
        } catch {
            // In a list of columns, a map is written as `NAME=PATH`.
            let words = error.problems.map { "error: \($0.words.replacingExactly("{name: …, path: …}", with: "NAME=PATH"))" }
            throw CommandFailure(words.joined(separator: "\n"), .wrongCommand, isWhole: true)
        }
        try checkCompression(of: plan)
        return plan
    }

    /// A destination that is named without a pipeline file.
    static func destination(_ text: String) throws -> DestinationLocation {
        do {
            return try PipelineLoader.ofCommand.destination(text, argument: "the destination")
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Refuses a name that something has, or whose folder is not there. Nothing is written.
    static func checkRoom(for file: String) throws {
        // A link that leads nowhere is there, too.
        guard (try? FileManager.default.attributesOfItem(atPath: file)) == nil else { throw exists(file) }
        var isFolder: ObjCBool = false
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw unwritable(file)
        }
    }

    private static func exists(_ file: String) -> CommandFailure {
        CommandFailure("\(file) already exists and was not changed. Give another name.", .wrongCommand)
    }

    private static func unwritable(_ file: String) -> CommandFailure {
        CommandFailure("cannot write \(file). Check that its folder exists and is writable.", .wrongCommand)
    }

    /// Writes a pipeline file that does not exist yet, under a name that nothing else has, a link neither.
    static func write(_ text: String, to file: String) throws {
        do {
            try NewFile.write(Array(text.utf8), to: file)
        } catch StoreError.system(_, _, .fileExists) {
            throw exists(file)
        } catch {
            throw unwritable(file)
        }
    }

    /// In bytes.
    private static let largestFile = 4 << 20

    static func read(_ file: String) throws -> String {
        let content: [UInt8]
        do {
            content = try bytes(of: file == "-" ? "/dev/stdin" : FilePath(file))
        } catch Errno.isDirectory {
            throw CommandFailure("\(file) is a folder. Give a pipeline file.", .wrongCommand)
        } catch Errno.noSuchFileOrDirectory {
            throw CommandFailure(
                "cannot read \(file): there is no such file. Check the path; `agentsight-export init \(ShellQuoting.quoted(file))` writes one to start from.",
                .wrongCommand)
        } catch let error as Errno {
            throw CommandFailure("cannot read \(file): \(error.description.lowercased()).", .wrongCommand)
        }
        guard content.count <= largestFile else {
            throw CommandFailure("\(file) is larger than \(largestFile >> 20) MiB, the limit for a pipeline file.", .wrongCommand)
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw CommandFailure("\(file) is not UTF-8 text.", .wrongCommand)
        }
        return text
    }

    /// The content of a file or a pipe, up to what no pipeline file has.
    private static func bytes(of path: FilePath) throws -> [UInt8] {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        let file = FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: true)
        guard try path.stat().type != .directory else { throw Errno.isDirectory }
        do {
            return Array(try file.read(upToCount: largestFile + 1) ?? Data())
        } catch {
            throw Errno.ioError
        }
    }
}

extension PipelineLoader {
    /// Reads files as every command does: with the environment of the process, and the key files beside them.
    static var ofCommand: PipelineLoader {
        PipelineLoader(
            environment: SystemText.environment, unreadable: SystemText.unreadableVariables, now: .now, findFiles: KeyFiles.find)
    }
}
