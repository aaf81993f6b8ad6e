import Foundation
import Subprocess
import SystemPackage

/// A way for a run to die.
enum Death: Sendable, CustomStringConvertible {
    /// By a signal, when the service has been asked so often.
    case request(Int, signal: Int32)
    /// By SIGKILL, at the nth such call of a thread, before the call is carried out.
    case systemCall(String, Int)
    /// On a disk that has so many bytes left.
    case fullDisk(Int)
    /// On a disk that turns read-only when the service has been asked so often.
    case readOnlyDisk(Int)

    var description: String {
        switch self {
        case .request(let number, let signal): "signal \(signal) at request \(number)"
        case .systemCall(let name, let number): "SIGKILL at \(name) \(number)"
        case .fullDisk(let room): "a disk with \(room) bytes left"
        case .readOnlyDisk(let number): "a disk that is read-only from request \(number) on"
        }
    }

    var isOfTheDisk: Bool {
        switch self {
        case .request, .systemCall: false
        case .fullDisk, .readOnlyDisk: true
        }
    }

    /// The calls that a commit and a spool are made of, and how often a thread makes them at the most.
    static let calls = [
        ("renameat", 40), ("fsync", 60), ("unlinkat", 60), ("rmdir", 2), ("mkdirat", 12), ("pwrite64", 40), ("write", 60),
        ("openat", 80),
        ("ftruncate", 2), ("flock", 1), ("close", 80),
    ]

    /// What calls a death into the middle of a system call. Nil where it is not installed.
    static let tracer: String? = ["/usr/bin/strace"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// - Parameters:
    ///   - requests: That a run makes.
    ///   - bytes: That a run writes to a disk which can be filled; nil where there is none.
    static func random(_ random: inout SoakRandom, requests: Int, bytes: Int?) -> Death {
        if let bytes, random.below(4) == 0 {
            return random.below(2) == 0 ? .fullDisk(random.below(bytes)) : .readOnlyDisk(1 + random.below(requests))
        }
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
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String, dying death: Death, on disk: SmallDisk?,
        requests: @escaping @Sendable () -> Int
    ) async throws -> Outcome {
        let first = requests()
        switch death {
        case .request(let number, let signal):
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
        case .fullDisk(let room):
            try disk?.fill(leaving: room)
            let outcome = try await run(arguments, in: folder, endpoint: endpoint, key: Sample.key)
            try disk?.empty()
            return outcome
        case .readOnlyDisk(let number):
            var isReadOnly = false
            let outcome = try await run(
                arguments, in: folder, endpoint: endpoint, key: Sample.key, when: { requests() - first >= number },
                interfere: { _ in
                    await disk?.turnReadOnly()
                    isReadOnly = true
                })
            if isReadOnly { await disk?.turnWritable() }
            return outcome
        }
    }
}
