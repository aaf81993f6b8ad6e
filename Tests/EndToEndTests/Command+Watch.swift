import Foundation
import Subprocess
import SystemPackage
import Testing

extension Command {
    /// What a command may take of memory at its peak, whatever it is given.
    static let memoryLimit = 256 << 20

    /// In seconds. What takes longer hangs.
    static let longest = 300

    /// Runs a program to its end, and looks at how much memory it takes and how long.
    static func watch(
        _ program: FilePath, _ arguments: [String], in folder: TemporaryFolder, variables: [String: String],
        within seconds: Int = longest, limit: Int = memoryLimit
    ) async throws -> Outcome {
        let report = FileManager.default.temporaryDirectory.appendingPathComponent("watched-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: report) }
        let result = try await Subprocess.run(
            .path(product("Watched")), arguments: Arguments([String(seconds), report.path, program.string] + arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: folder.path, output: .string(limit: 1 << 26), error: .string(limit: 1 << 22))
        let words = String(decoding: try Data(contentsOf: report), as: UTF8.self).split(separator: " ")
        let peak = try #require(words.first.flatMap { Int($0) })
        let outcome = Outcome(
            status: status(of: result.terminationStatus), output: result.standardOutput, errors: result.standardError,
            peakMemory: peak, isOverdue: words.last == "1")
        #expect(peak < limit, "\(peak >> 20) MiB of memory at the peak: \(arguments) \(outcome.testDescription.prefix(4000))")
        #expect(!outcome.isOverdue, "not at its end after \(seconds) s: \(arguments) \(outcome.testDescription.prefix(4000))")
        return outcome
    }

    /// What else was built, beside the tests' own bundle.
    static func product(_ name: String) -> FilePath {
        binary.removingLastComponent().appending(name)
    }
}
