import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// A way for a run to die.
enum Death: Sendable, CustomStringConvertible {
    /// By a signal, when the service has been asked so often.
    case request(Int, signal: Int32)
    /// By SIGKILL, at a call that concerns the destination, before it is carried out.
    case systemCall(SystemCallFault)
    /// On a disk that has so many bytes left.
    case fullDisk(Int)
    /// On a disk that turns read-only when the service has been asked so often.
    case readOnlyDisk(Int)

    var description: String {
        switch self {
        case .request(let number, let signal): "signal \(signal) at request \(number)"
        case .systemCall(let fault): fault.description
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

    /// What shows the system calls of a run. Nil where it is not installed.
    static let tracer: String? = ["/usr/bin/strace"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// - Parameters:
    ///   - requests: That a run makes.
    ///   - calls: That a run makes of its destination, by their names; none where calls cannot be put between.
    ///   - bytes: That a run writes to a disk which can be filled; nil where there is none.
    static func random(_ random: inout SeededRandom, requests: Int, calls: [String: Int], bytes: Int?) -> Death {
        if let bytes, random.below(4) == 0 {
            return random.below(2) == 0 ? .fullDisk(random.below(bytes)) : .readOnlyDisk(1 + random.below(requests))
        }
        if !calls.isEmpty, random.below(4) > 0 {
            let (name, count) = random.pick(calls.sorted { $0.key < $1.key })
            return .systemCall(SystemCallFault(call: name, number: 1 + random.below(count), effect: .kill))
        }
        return .request(1 + random.below(requests), signal: random.pick([SIGKILL, SIGKILL, SIGTERM, SIGINT]))
    }
}

extension Command {
    /// Runs the command until it dies, or to its end where its death does not come.
    /// - Parameter destination: By its name in the folder.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String, dying death: Death, on disk: SmallDisk?,
        below destination: String = "out", requests: @escaping @Sendable () -> Int
    ) async throws -> Outcome {
        let first = requests()
        switch death {
        case .request(let number, let signal):
            return try await run(
                arguments, in: folder, endpoint: endpoint, key: Sample.key, signal: signal,
                when: { requests() - first >= number })
        case .systemCall(let fault):
            return try await run(arguments, in: folder, endpoint: endpoint, fault: fault, below: destination).outcome
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
