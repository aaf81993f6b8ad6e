import Foundation
import SystemPackage
import Testing

extension Command {
    /// Runs a command, and says how much memory it took at the most, in MiB, as the system counts it.
    static func runMeasured(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String?, environment: [String: String] = [:]
    ) async throws -> (outcome: Outcome, peak: Int) {
        let script = """
            import resource, subprocess, sys
            status = subprocess.run(sys.argv[1:]).returncode
            open("peak", "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
            sys.exit(status if status >= 0 else 128 - status)
            """
        let outcome = try await run(
            FilePath("/usr/bin/python3"), ["-c", script, binary.string] + arguments, in: folder, endpoint: endpoint,
            key: Sample.key,
            environment: environment)
        let peak = try #require(Int(String(decoding: folder.read("peak"), as: UTF8.self)), "\(outcome.testDescription)")
        return (outcome, peak)
    }
}
