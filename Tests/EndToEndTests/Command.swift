import Foundation
import Subprocess
import SystemPackage
import Testing

/// The built command, run as a user runs it.
struct Command {
    struct Outcome: Sendable, CustomTestStringConvertible {
        let status: Int32
        let output: String
        let errors: String
        /// In bytes; nil where nobody watched.
        var peakMemory: Int?
        /// Whether it was ended because it took too long.
        var isOverdue = false

        var testDescription: String { "exit \(status)\n--- standard output\n\(output)\n--- standard error\n\(errors)" }
    }

    /// In the working folder, with nothing of the caller's environment but what a shell always has.
    static func run(
        _ arguments: String..., in folder: TemporaryFolder, endpoint: String? = nil, key: String? = Sample.key,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(arguments, in: folder, endpoint: endpoint, key: key, environment: environment)
    }

    static func run(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String?, key: String?, environment: [String: String] = [:],
        within seconds: Int = longest
    ) async throws -> Outcome {
        try await run(binary, arguments, in: folder, endpoint: endpoint, key: key, environment: environment, within: seconds)
    }

    /// Runs another program, as one that runs the command.
    static func run(
        _ program: FilePath, _ arguments: [String], in folder: TemporaryFolder, endpoint: String?, key: String?,
        environment: [String: String] = [:], within seconds: Int = longest
    ) async throws -> Outcome {
        var variables = environment
        variables["PATH"] = "/usr/bin:/bin"
        if let endpoint { variables["AGENTSIGHT_API_ENDPOINT"] = endpoint }
        if let key { variables["AGENTSIGHT_API_KEY"] = key }
        return try await watch(program, arguments, in: folder, variables: variables, within: seconds)
    }

    /// Runs a command, and sends it a signal once a condition holds, unless it has ended before.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String, key: String, signal: Int32,
        when isTime: @escaping @Sendable () -> Bool
    ) async throws -> Outcome {
        try await run(arguments, in: folder, endpoint: endpoint, key: key, when: isTime) { kill($0, signal) }
    }

    /// Runs a command, and does something to it, by its process's id, once a condition holds, unless it has ended before.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String, key: String, environment: [String: String] = [:],
        when isTime: @escaping @Sendable () -> Bool, interfere: (pid_t) async throws -> Void
    ) async throws -> Outcome {
        let own = ["PATH": "/usr/bin:/bin", "AGENTSIGHT_API_ENDPOINT": endpoint, "AGENTSIGHT_API_KEY": key]
        let variables = environment.merging(own) { $1 }
        let result = try await Subprocess.run(
            .path(binary), arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: folder.path, input: .none, output: .sequence, error: .string(limit: 1 << 22)
        ) { execution in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    // Looked at again and again, and not waited for: the condition may be anything.
                    while !isTime() { try await Task.sleep(for: .microseconds(500)) }
                    return true
                }
                group.addTask {
                    for try await _ in execution.standardOutput {}
                    return false
                }
                defer { group.cancelAll() }
                if try await group.next() == true { try await interfere(execution.processIdentifier.value) }
            }
        }
        return Outcome(status: status(of: result.terminationStatus), output: "", errors: result.standardError)
    }

    static func status(of termination: TerminationStatus) -> Int32 {
        switch termination {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    /// Runs a command in a shell whose other end of the pipe is closed before the command begins.
    static func runIntoClosedPipe(_ arguments: String, in folder: TemporaryFolder, endpoint: String) async throws -> (Int, String) {
        let script = "{ sleep 0.2; \(binary.string) \(arguments) 2>errors; echo $? >status; } | true"
        let variables = ["PATH": "/usr/bin:/bin", "AGENTSIGHT_API_ENDPOINT": endpoint, "AGENTSIGHT_API_KEY": Sample.key]
        _ = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", script],
            environment: .custom(Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: folder.path, output: .discarded)
        let status = String(decoding: try folder.read("status"), as: UTF8.self).trimmingCharacters(in: .newlines)
        return (Int(status) ?? -1, String(decoding: try folder.read("errors"), as: UTF8.self))
    }

    /// Runs a script of the shell, in which `$COMMAND` is the built command.
    static func runScript(_ script: String, in folder: TemporaryFolder, endpoint: String? = nil) async throws -> Outcome {
        var variables = ["PATH": "/usr/bin:/bin", "AGENTSIGHT_API_KEY": Sample.key, "COMMAND": binary.string]
        if let endpoint { variables["AGENTSIGHT_API_ENDPOINT"] = endpoint }
        return try await watch("/bin/sh", ["-c", script], in: folder, variables: variables)
    }

    /// Runs the command, and gives the most memory that it held, in MiB.
    static func measured(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String? = nil
    ) async throws -> (Outcome, peak: Int) {
        let script = """
            exec python3 -c 'import os, resource, subprocess, sys
            status = subprocess.run([os.environ["COMMAND"]] + sys.argv[1:]).returncode
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=open(".peak", "w"))
            sys.exit(status % 256)' \(arguments.map { "'\($0)'" }.joined(separator: " "))
            """
        let outcome = try await runScript(script, in: folder, endpoint: endpoint)
        let peak = String(decoding: try folder.read(".peak"), as: UTF8.self).trimmingCharacters(in: .newlines)
        try folder.remove(".peak")
        return (outcome, Int(peak) ?? .max)
    }

    /// Beside the tests' own bundle.
    static var binary: FilePath {
        let bundle = FilePath(CommandLine.arguments[0])
        return bundle.removingLastComponent().appending("agentsight-export")
    }
}

/// A folder that is removed at the end.
struct TemporaryFolder: Sendable {
    let url: URL

    var path: FilePath { FilePath(url.path) }

    static func with<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (TemporaryFolder) async throws -> Result
    ) async throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("agentsight-export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try await body(TemporaryFolder(url: url))
    }

    func write(_ text: String, to name: String) throws {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: url.appendingPathComponent(name))
    }

    func read(_ name: String) throws -> Data {
        try Data(contentsOf: url.appendingPathComponent(name))
    }

    /// Every file below, by its path, with its content.
    func files(below name: String = "") throws -> [String: Data] {
        let root = name.isEmpty ? url : url.appendingPathComponent(name)
        guard let paths = FileManager.default.enumerator(atPath: root.path) else { return [:] }
        var files: [String: Data] = [:]
        for case let path as String in paths {
            let file = root.appendingPathComponent(path)
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue {
                files[path] = try Data(contentsOf: file)
            }
        }
        return files
    }

    /// When each file below was last changed, by its path.
    func changes(below name: String) throws -> [String: Date] {
        var dates: [String: Date] = [:]
        for path in try files(below: name).keys {
            let file = url.appendingPathComponent(name).appendingPathComponent(path)
            dates[path] = try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date
        }
        return dates
    }

    /// The content of a gzip file, by the system's own tool.
    func unzip(_ name: String) async throws -> String {
        let file = url.appendingPathComponent(name).path
        let result = try await Subprocess.run(
            .path("/usr/bin/gzip"), arguments: ["-dc", file], output: .string(limit: 1 << 28), error: .string(limit: 1 << 16))
        #expect(result.terminationStatus == .exited(0), "gzip: \(result.standardError)")
        return result.standardOutput
    }
}
