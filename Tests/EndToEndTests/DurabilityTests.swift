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
                // Again with other files, so that there are manifests and files to be replaced.
                for dialect in ["warehouse", "spreadsheet"] {
                    try folder.write(Self.pipeline(dialect: dialect), to: "p.yml")
                    let standing = try folder.files(below: "out/_agentsight/windows").keys.map { String($0.dropLast(5)) }
                    var disk = Disk(
                        standing: Set(standing), calls: try await Self.calls(in: folder, endpoint: endpoint))
                    disk.play()
                    #expect(disk.faults == [], "\(dialect)")
                    #expect(disk.manifests == 2, "\(dialect)")
                    #expect(disk.files == 4, "\(dialect)")
                }
            }
        }
    }

    /// The calls of a run that change names, or bring something to the disk, in their order; paths from the destination on.
    private static func calls(in folder: TemporaryFolder, endpoint: String) async throws -> [[String]] {
        let tracing = ["-f", "-qq", "-y", "-s", "4096", "-o", "calls", "-e", "trace=fsync,rename,mkdir,unlink"]
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
            let name = call.prefix { $0 != "(" }
            let paths = call.matches(of: /"([^"]*)"|<(\/[^>]*)>/).map { String($0.output.1 ?? $0.output.2 ?? "") }
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
    private(set) var (files, manifests) = (0, 0)

    /// Files whose content is on the disk.
    private var synced: Set<String> = []
    /// Folders with names that are not on the disk yet, and what happened to them.
    private var loose: [String: String] = [:]

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
        for (folder, path) in loose where !folder.hasPrefix("out/_agentsight/runs") && !path.contains("/staging") {
            faults.append("at the end \(path) is not on the disk by name")
        }
    }

    private mutating func rename(_ old: String, _ new: String) {
        if !synced.contains(old) { faults.append("\(new) is put in place before its content is on the disk") }
        if Self.isManifest(new) || !new.contains("/_agentsight/") {
            // The decision to do so, and that the old manifest is gone; and before a manifest, all that it speaks of.
            for (folder, path) in loose where Self.isManifest(new) || folder == Self.windows || folder == Self.parent(of: old) {
                faults.append("\(new) is put in place before \(path) is on the disk by name")
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
        synced.remove(old)
        synced.insert(new)
        change(new)
    }

    private mutating func change(_ path: String) {
        loose[Self.parent(of: path)] = path
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
