import Foundation
import Subprocess
import SystemPackage

/// A way for a run to die.
enum Death: Sendable, CustomStringConvertible {
    /// By a signal, when the service has been asked so often.
    case request(Int, signal: Int32)
    /// By SIGKILL, at the nth such call of a thread, before the call is carried out.
    case systemCall(String, Int)

    var description: String {
        switch self {
        case .request(let number, let signal): "signal \(signal) at request \(number)"
        case .systemCall(let name, let number): "SIGKILL at \(name) \(number)"
        }
    }

    /// The calls that a commit and a spool are made of, and how often a thread makes them at the most.
    static let calls = [
        ("rename", 40), ("fsync", 60), ("unlink", 40), ("rmdir", 20), ("mkdir", 12), ("pwrite64", 40), ("write", 60),
        ("openat", 80),
        ("ftruncate", 2), ("flock", 1), ("close", 80),
    ]

    /// What calls a death into the middle of a system call. Nil where it is not installed.
    static let tracer: String? = ["/usr/bin/strace"].first { FileManager.default.isExecutableFile(atPath: $0) }

    static func random(_ random: inout SoakRandom, requests: Int) -> Death {
        if tracer != nil, random.below(4) > 0 {
            let (name, most) = random.pick(calls)
            return .systemCall(name, 1 + random.below(most))
        }
        return .request(1 + random.below(requests), signal: random.pick([SIGKILL, SIGKILL, SIGTERM, SIGINT]))
    }
}

extension Command {
    /// Runs the command until it dies, or to its end where its death does not come.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String, dying death: Death,
        requests: @escaping @Sendable () -> Int
    ) async throws -> Outcome {
        switch death {
        case .request(let number, let signal):
            let first = requests()
            return try await run(
                arguments, in: folder, endpoint: endpoint, key: Sample.key, signal: signal,
                when: { requests() - first >= number })
        case .systemCall(let name, let number):
            let tracing = [
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(name)", "-e", "inject=\(name):signal=SIGKILL:when=\(number)",
            ]
            return try await run(
                FilePath(Death.tracer ?? ""), tracing + [binary.string] + arguments, in: folder, endpoint: endpoint, key: Sample.key
            )
        }
    }
}
