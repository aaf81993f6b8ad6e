import Foundation
import SampleAPI
import SystemPackage
import Testing

/// What is on the disk when the power goes: the order of the system calls that a commit is made of.
@Suite(.enabled(if: Death.tracer != nil, "strace is not installed")) struct DurabilityTests {
    private static func pipeline(dialect: String) -> String {
        """
        version: 1
        window: { from: 2026-03-28, to: 2026-03-30, every: day, timezone: Europe/Zagreb }
        destination: out
        outputs:
          - path: "json/{date}/conversations.ndjson.gz"
          - { format: csv, path: "csv/{date}.csv", compression: none, dialect: \(dialect) }
        """
    }

    @Test("nothing is renamed into place before it is on the disk, and no manifest before its files are there by name")
    func order() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                // A first export, which ends with the columns that turned up on the way; then one output is rendered; then all
                // is exported again over what is there, and a type that widened changes a manifest and no text.
                for (dialect, isMarked, manifests, files) in [
                    ("warehouse", "false", 4, 8), ("spreadsheet", "false", 2, 2), ("spreadsheet", "true", 3, 6),
                ] {
                    try folder.write(
                        Self.pipeline(dialect: dialect) + "\nfilters: { is_marked: \(isMarked) }\n", to: "p.yml")
                    let standing = try folder.files(below: "out/_agentsight/windows").keys.map { String($0.dropLast(5)) }
                    var disk = Disk(
                        standing: Set(standing), calls: try await Self.calls(in: folder, endpoint: endpoint))
                    disk.play()
                    #expect(disk.faults == [], "\(dialect), \(isMarked)")
                    #expect(disk.manifests == manifests, "\(dialect), \(isMarked)")
                    #expect(disk.files == files, "\(dialect), \(isMarked)")
                }
            }
        }
    }

    /// Paths below the test's folder of which one fsync fails.
    private static let failures = [
        ("out", 1), ("out/_agentsight", 1), ("out/_agentsight/staging", 1), ("out/_agentsight/staging/2026-03-28", 1),
        ("out/_agentsight/staging/2026-03-28/0", 1), ("out/_agentsight/staging/2026-03-28/part", 1), ("out/json", 1),
        ("out/json/2026-03-28", 1), ("out/csv", 1), ("out/_agentsight/windows", 1), ("out/_agentsight/windows", 2),
    ].map { path, number in SystemCallFault(call: "fsync", number: number, effect: .error(EIO), path: path) }

    @Test(
        "after something could not be brought to the disk nothing behind it in the commit happens, and the next run writes it all anew",
        .enabled(if: SystemCallFault.isPossible, "calls are put between by LD_PRELOAD, which Linux has"), arguments: failures)
    func failed(_ failure: SystemCallFault) async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline(dialect: "warehouse"), to: "p.yml")
                let (outcome, _) = try await Command.run(
                    ["run", "p.yml"], in: folder, endpoint: endpoint, fault: failure, below: "out")
                #expect(outcome.status == 1, "\(outcome.testDescription)")
                let path = try #require(failure.path)
                #expect(
                    outcome.errors.contains("cannot sync \(path): Input/output error. Remove the cause and run again"),
                    "\(outcome.testDescription)")
                let standing = try folder.files(below: "out/_agentsight/windows").keys.sorted()
                #expect(standing == [], "nothing is committed that the disk may not have")

                var disk = Disk(standing: [], calls: try await Self.calls(in: folder, endpoint: endpoint))
                disk.play()
                #expect(disk.faults == [])
                // The first window once more, with the columns that turned up in it.
                #expect(disk.manifests == 3, "what had its place already is written anew too")
                #expect(disk.files == 7, "what had its place already is written anew too")
                #expect(try await Command.run("verify", "out", in: folder).status == 0)
            }
        }
    }

    @Test(
        "columns that could not be brought to the disk by their name do not stand there for the next run",
        .enabled(if: SystemCallFault.isPossible, "calls are put between by LD_PRELOAD, which Linux has"))
    func failedColumns() async throws {
        try await withSampleService { endpoint, _ in
            var struck = 0
            for number in 1...40 {
                try await TemporaryFolder.with { folder in
                    try folder.write(Self.pipeline(dialect: "warehouse"), to: "p.yml")
                    let fault = SystemCallFault(call: "fsync", number: number, effect: .error(EIO), path: "out/_agentsight")
                    let (outcome, journal) = try await Command.run(
                        ["run", "p.yml"], in: folder, endpoint: endpoint, fault: fault, below: "out")
                    guard journal.fault != nil else { return }
                    struck += 1
                    if outcome.errors.contains("warning: the record of this run was not written") {
                        #expect(outcome.status == 0, "\(number): \(outcome.testDescription)")
                        return
                    }
                    #expect(outcome.status == 1, "\(number): \(outcome.testDescription)")
                    let standing = try folder.files(below: "out/_agentsight/windows").keys.map { String($0.dropLast(5)) }
                    var disk = Disk(standing: Set(standing), calls: try await Self.calls(in: folder, endpoint: endpoint))
                    disk.play()
                    #expect(disk.faults == [], "\(number)")
                    // Whatever of the columns was not there yet is written and brought to the disk by this run.
                    let columns = try folder.read("out/_agentsight/columns.json")
                    #expect(!String(decoding: columns, as: UTF8.self).contains("incomplete_runs"), "\(number)")
                    #expect(disk.columns > 0, "\(number): columns.json was taken for written")
                }
                if struck < number { break }
            }
            #expect(struck > 5)
        }
    }

    @Test("a file system that cannot bring the names in a folder to the disk is warned of once, and used")
    func unsynced() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline(dialect: "warehouse"), to: "p.yml")
                let path = folder.url.resolvingSymlinksInPath().path + "/out/csv"
                let outcome = try await Command.run(
                    FilePath(Death.tracer ?? ""),
                    [
                        "-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "trace=fsync", "-e", "inject=fsync:error=EINVAL",
                        Command.binary.string, "run", "p.yml", "-q",
                    ], in: folder, endpoint: endpoint, key: Sample.key)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let warnings = outcome.errors.split(separator: "\n")
                #expect(warnings.count == 1, "\(outcome.testDescription)")
                #expect(
                    warnings.first?.contains("warning: the file system of out/csv cannot sync folders to the disk")
                        == true)
            }
        }
    }

    @Test(
        "a folder that cannot be looked at is told as that, with the system's reason, and not as a file",
        arguments: [
            ("openat,newfstatat", "out", "open out"), ("newfstatat", "out", "look at out"),
            ("openat", "_agentsight", "open out/_agentsight"),
        ])
    func unseen(calls: String, name: String, said: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.pipeline(dialect: "warehouse"), to: "p.yml")
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent("out/_agentsight"), withIntermediateDirectories: true)
            for reason in [("EIO", "Input/output error"), ("EACCES", "Permission denied")] {
                let outcome = try await Command.run(
                    FilePath(Death.tracer ?? ""),
                    [
                        "-f", "-qq", "-o", "/dev/null", "-P", name, "-e", "trace=\(calls)", "-e",
                        "inject=\(calls):error=\(reason.0)",
                        Command.binary.string, "run", "p.yml",
                    ], in: folder, endpoint: "http://127.0.0.1:1", key: Sample.key)
                #expect(outcome.status == 1, "\(outcome.testDescription)")
                #expect(outcome.errors.contains("error: cannot \(said): \(reason.1)."), "\(outcome.testDescription)")
            }
        }
    }

    @Test(
        "a folder that is named alone and cannot be looked at is not called missing",
        .enabled(if: SystemCallFault.isPossible, "calls are put between by LD_PRELOAD, which Linux has"),
        arguments: ["status", "verify", "report"])
    func unseenTarget(command: String) async throws {
        try await TemporaryFolder.with { folder in
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent("out/_agentsight"), withIntermediateDirectories: true)
            let (outcome, journal) = try await Command.run(
                [command, "out"], in: folder, endpoint: "http://127.0.0.1:1",
                fault: SystemCallFault(call: "stat", number: 1, effect: .error(EIO)), below: "out")
            #expect(journal.fault?.paths == [""])
            #expect(
                outcome.status == 1 && outcome.errors.contains("error: cannot look at out: Input/output error."),
                "\(outcome.testDescription)")
        }
    }

    /// The calls of a run that change names, or bring something to the disk, in their order; paths from the destination on.
    private static func calls(in folder: TemporaryFolder, endpoint: String) async throws -> [[String]] {
        let tracing = ["-f", "-qq", "-y", "-s", "4096", "-o", "calls", "-e", "trace=fsync,/^rename,/^mkdir,/^unlink"]
        let outcome = try await Command.run(
            FilePath(Death.tracer ?? ""), tracing + [Command.binary.string, "run", "p.yml"], in: folder, endpoint: endpoint,
            key: Sample.key)
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        let root = folder.url.resolvingSymlinksInPath().path
        var begun: [Substring: Substring] = [:]
        return String(decoding: try folder.read("calls"), as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            var call = parts[1].drop { $0 == " " }
            // A call that another thread came into the middle of.
            if call.hasSuffix("<unfinished ...>") {
                begun[parts[0]] = call
                return nil
            }
            if call.hasPrefix("<..."), let first = begun.removeValue(forKey: parts[0]) { call = first + call }
            guard call.contains("= 0") else { return nil }
            // Of an empty folder, which nothing hangs on.
            if call.contains("AT_REMOVEDIR") { return nil }
            let name = call.prefix { $0 != "(" }.replacing(/at2?$/, with: "")
            let paths = call.matches(of: /(?:<(\/[^>]*)>, )?"([^"]*)"|<(\/[^>]*)>/).map { match in
                if let folder = match.output.3 { return String(folder) }
                return [match.output.1, match.output.2].compactMap(\.self).joined(separator: "/")
            }
            // The working folder itself is the empty path.
            return [String(name)] + paths.map { $0.hasPrefix(root) ? String($0.dropFirst(root.count + 1)) : $0 }
        }
    }
}

/// What of the destination a sudden end would leave.
private struct Disk {
    /// Windows that have a manifest.
    private var standing: Set<String>
    private let calls: [[String]]
    private(set) var faults: [String] = []
    /// Renamed into place.
    private(set) var (files, manifests, columns) = (0, 0, 0)

    /// Files whose content is on the disk.
    private var synced: Set<String> = []
    /// Folders with names that are not on the disk yet, and these.
    private var loose: [String: Set<String>] = [:]

    private static let windows = "out/_agentsight/windows"

    init(standing: Set<String>, calls: [[String]]) {
        self.standing = standing
        self.calls = calls
    }

    mutating func play() {
        for call in calls {
            switch (call[0], call.count) {
            case ("fsync", 2):
                synced.insert(call[1])
                loose[call[1]] = nil
            case ("mkdir", 2): change(call[1])
            case ("unlink", 2):
                if Self.isManifest(call[1]) {
                    standing.remove(Self.window(of: call[1]))
                    change(call[1])
                }
            case ("rename", 3): rename(call[1], call[2])
            default: faults.append("a call that is not understood: \(call)")
            }
        }
        for (folder, paths) in loose where !folder.hasPrefix("out/_agentsight/runs") {
            for path in paths where !path.contains("/staging") { faults.append("at the end \(path) is not on the disk by name") }
        }
    }

    private mutating func rename(_ old: String, _ new: String) {
        if !synced.contains(old) { faults.append("\(new) is put in place before its content is on the disk") }
        if Self.isManifest(new) || !new.contains("/_agentsight/") || new.contains("/_agentsight/digests/") {
            // The decision to do so, and that the old manifest is gone; and before a manifest, all that it speaks of.
            for (folder, paths) in loose where Self.isManifest(new) || folder == Self.windows || folder == Self.parent(of: old) {
                for path in paths where !isBegunBeside(new, path) {
                    faults.append("\(new) is put in place before \(path) is on the disk by name")
                }
            }
            if Self.isManifest(new) {
                manifests += 1
                standing.insert(Self.window(of: new))
            } else {
                files += 1
                for window in standing where new.contains(window) {
                    faults.append("\(new) is put in place while the old manifest speaks of another")
                }
            }
        }
        if new == "out/_agentsight/columns.json" { columns += 1 }
        synced.remove(old)
        synced.insert(new)
        change(new)
    }

    private mutating func change(_ path: String) {
        loose[Self.parent(of: path), default: []].insert(path)
    }

    /// Whether a path is the staging folder of another window than a manifest's, which is begun at any time and which it does not speak of.
    private func isBegunBeside(_ manifest: String, _ path: String) -> Bool {
        Self.isManifest(manifest) && Self.parent(of: path) == "out/_agentsight/staging"
            && path != "out/_agentsight/staging/\(Self.window(of: manifest))"
    }

    private static func window(of manifest: String) -> String {
        String(manifest.dropFirst(windows.count + 1).dropLast(5))
    }

    private static func isManifest(_ path: String) -> Bool {
        parent(of: path) == windows
    }

    private static func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
