import Foundation
import SystemPackage

/// A call of the system that goes wrong once, of those that concern a destination.
struct SystemCallFault: Sendable, CustomStringConvertible {
    enum Effect: Sendable, Hashable {
        case error(Int32)
        /// Half the bytes.
        case short
        /// SIGKILL, before the call is carried out.
        case kill
    }

    let call: String
    /// Among the calls of its kind, from 1 on.
    let number: Int
    let effect: Effect
    /// The number counts only the calls on this path, which begins at the working folder. Nil: all calls.
    var path: String?

    var description: String { "\(name) at \(call) \(number)" + (path.map { " of \($0)" } ?? "") }

    private var name: String {
        switch effect {
        case .short: "half the bytes"
        case .kill: "SIGKILL"
        case .error(EIO): "EIO"
        case .error(ENOSPC): "ENOSPC"
        case .error(EINTR): "EINTR"
        case .error(let number): "error \(number)"
        }
    }

    #if os(Linux)
        static let isPossible = true
    #else
        static let isPossible = false
    #endif

    /// Whether nothing is wrong at all: the call has to be made again, or on.
    var isHarmless: Bool { effect == .short || effect == .error(EINTR) }

    /// Whether something that had to be read was not.
    var isOfReading: Bool { !isHarmless && ["open", "read", "pread", "opendir", "readdir"].contains(call) }

    /// What may become of each call. Those that change names or look at them are interrupted by no signal.
    private static let effects: [String: [Effect]] = [
        "open": [.error(EIO), .error(ENOSPC), .error(EINTR)],
        "read": [.error(EIO), .error(EINTR), .short],
        "pread": [.error(EIO), .error(EINTR), .short],
        "write": [.error(EIO), .error(ENOSPC), .error(EINTR), .short],
        "pwrite": [.error(EIO), .error(ENOSPC), .error(EINTR), .short],
        "fsync": [.error(EIO), .error(ENOSPC), .error(EINTR)],
        "rename": [.error(EIO), .error(ENOSPC)],
        "unlink": [.error(EIO)],
        "mkdir": [.error(EIO), .error(ENOSPC)],
        "rmdir": [.error(EIO)],
        "truncate": [.error(EIO), .error(EINTR)],
        "stat": [.error(EIO)],
        "opendir": [.error(EIO)],
        "readdir": [.error(EIO)],
        "close": [.error(EIO), .error(EINTR)],
        "flock": [.error(EIO), .error(EINTR)],
        "link": [.error(EIO), .error(ENOSPC)],
    ]

    /// Every fault of a run that made these calls.
    static func all(of journal: Journal) -> [SystemCallFault] {
        journal.counts.sorted { $0.key < $1.key }.flatMap { call, count in
            (effects[call] ?? []).flatMap { effect in (1...count).map { SystemCallFault(call: call, number: $0, effect: effect) } }
        }
    }

    fileprivate var setting: String {
        switch effect {
        case .short: "\(call):\(number):short"
        case .kill: "\(call):\(number):kill"
        case .error(let error): "\(call):\(number):\(error)"
        }
    }

    /// The calls that a command made, in their order.
    struct Journal: Sendable {
        struct Call: Sendable {
            let name: String
            /// Whether it was carried out.
            let isDone: Bool
            /// Whether it failed on purpose; one that was only interrupted has lost nothing.
            let isFault: Bool
            let isInterrupted: Bool
            /// From the destination on; of a rename, the old one and the new one.
            let paths: [String]
        }

        let calls: [Call]

        init(_ text: String) {
            calls = text.split(separator: "\n").compactMap { line in
                let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                guard parts.count >= 3 else { return nil }
                return Call(
                    name: parts[0], isDone: parts[1] == "ok", isFault: parts[1] == "fault",
                    isInterrupted: parts[1] == "interrupted",
                    paths: Array(parts[2...]))
            }
        }

        var counts: [String: Int] { Dictionary(calls.map { ($0.name, 1) }, uniquingKeysWith: +) }
        var fault: Call? { calls.first { $0.isFault || $0.isInterrupted } }
    }
}

extension Command {
    /// Runs the command with a fault in its way, or none, and tells what it asked of the system.
    /// - Parameter destination: By its name in the folder.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, endpoint: String, fault: SystemCallFault?, below destination: String
    ) async throws -> (outcome: Outcome, journal: SystemCallFault.Journal) {
        let journal = folder.url.appendingPathComponent("journal")
        try? FileManager.default.removeItem(at: journal)
        let root = folder.url.resolvingSymlinksInPath()
        var environment = [
            "SYSTEM_CALL_FAULTS_BELOW": root.appendingPathComponent(destination).path,
            "SYSTEM_CALL_FAULTS_JOURNAL": journal.path,
            "LD_PRELOAD": product("libSystemCallFaults.so").string,
        ]
        environment["SYSTEM_CALL_FAULTS_FAULT"] = fault?.setting
        environment["SYSTEM_CALL_FAULTS_AT"] = fault?.path.map { root.appendingPathComponent($0).path }
        let outcome = try await run(
            arguments, in: folder, endpoint: endpoint, key: Sample.key, environment: environment, within: 60)
        let text = (try? String(contentsOf: journal, encoding: .utf8)) ?? ""
        return (outcome, SystemCallFault.Journal(text))
    }
}
