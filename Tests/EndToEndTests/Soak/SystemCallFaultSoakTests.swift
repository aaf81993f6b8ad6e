import Crypto
import Foundation
import SampleAPI
import Testing

/// Every call that a command makes of its destination goes wrong once: with EIO, ENOSPC, EINTR, or half done.
@Suite(.enabled(if: SystemCallFault.isPossible, "calls are put between by LD_PRELOAD, which Linux has"))
struct SystemCallFaultSoakTests {
    /// What stands in the destination before the command that a call fails of.
    enum Start: String, CaseIterable, Sendable {
        case nothing
        /// All windows, with other content: they are exported again.
        case older
        /// Commits and spools of a run that was killed.
        case interrupted

        var arguments: [String] { self == .older ? ["run", "p.yml", "--force"] : ["run", "p.yml"] }
    }

    private static let pipeline = """
        version: 1
        name: calls
        window: { from: 2026-03-28, to: 2026-03-30, every: day }
        fetch: { page_size: 10, concurrency: 1 }
        destination: out
        outputs:
          - path: "json/{window}.ndjson.gz"
          - { format: csv, path: "csv/{window}.csv", compression: none }
        """

    /// Destinations to begin from, and what comes of them in peace.
    private struct Scene: Sendable {
        let folder: TemporaryFolder
        let endpoint: String

        /// A folder with the destination as it is at the start.
        func with<Result: Sendable>(
            _ start: String, _ body: (TemporaryFolder) async throws -> Result
        ) async throws -> Result {
            try await TemporaryFolder.with { own in
                try own.write(SystemCallFaultSoakTests.pipeline, to: "p.yml")
                let source = folder.url.appendingPathComponent(start)
                if FileManager.default.fileExists(atPath: source.path) {
                    try FileManager.default.copyItem(at: source, to: own.url.appendingPathComponent("out"))
                }
                return try await body(own)
            }
        }

        func run(
            _ arguments: [String], in own: TemporaryFolder, fault: SystemCallFault? = nil
        ) async throws -> (outcome: Command.Outcome, journal: SystemCallFault.Journal) {
            try await Command.run(arguments, in: own, endpoint: endpoint, fault: fault, below: "out")
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withSampleService(dataset: SampleDataset(rows: 400, seed: 1)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                let kept: (String) throws -> Void = { name in
                    try FileManager.default.moveItem(
                        at: folder.url.appendingPathComponent("out"), to: folder.url.appendingPathComponent(name))
                }
                let older = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(older.status == 0, "\(older.testDescription)")
                try kept("older")
                for id in try service.matchingIDs([]).enumerated().filter({ $0.offset.isMultiple(of: 5) }).map(\.element) {
                    service.mutate(.setMetadata(id: id, key: "status", value: "changed"))
                }
                let whole = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(whole.status == 0, "\(whole.testDescription)")
                try kept("whole")
                // Between the first file of the second window that is put in place and the next.
                let killed = try await Command.run(
                    ["run", "p.yml"], in: folder, endpoint: endpoint,
                    fault: SystemCallFault(call: "rename", number: 10, effect: .kill), below: "out"
                ).outcome
                #expect(killed.status == 128 + SIGKILL, "\(killed.testDescription)")
                try kept("interrupted")
                try await body(Scene(folder: folder, endpoint: endpoint))
            }
        }
    }

    /// A start, and what a run comes to that nothing disturbs: of each file the contents that are right. A window that is exported again,
    /// as one is whose manifest could not be read, has the columns that were discovered since.
    private struct Goal: Sendable {
        let start: Start
        var data: [[String: Data]] = []
        var state: [[String: String]] = []

        mutating func add(_ folder: TemporaryFolder) throws {
            data.append(try SystemCallFaultSoakTests.data(folder))
            state.append(try SystemCallFaultSoakTests.state(folder))
        }

        /// What of a folder is not so.
        func differences(_ folder: TemporaryFolder) throws -> [String] {
            Self.differences(try SystemCallFaultSoakTests.data(folder), data)
                + Self.differences(try SystemCallFaultSoakTests.state(folder), state)
        }

        private static func differences<Content: Equatable>(
            _ found: [String: Content], _ right: [[String: Content]]
        ) -> [String] {
            Set(found.keys).union(right.flatMap(\.keys)).filter { path in !right.contains { $0[path] == found[path] } }.sorted()
        }
    }

    @Test("a call that fails once ends a run with 0 or 1, what is committed is whole, and the next run comes to the same bytes")
    func writing() async throws {
        try await withScene { scene in
            var faults: [(Goal, SystemCallFault)] = []
            for start in Start.allCases {
                try await scene.with(start.rawValue) { folder in
                    let (outcome, journal) = try await scene.run(start.arguments, in: folder)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                    var goal = Goal(start: start)
                    try goal.add(folder)
                    let again = try await scene.run(["run", "p.yml", "--force"], in: folder).outcome
                    #expect(again.status == 0, "\(again.testDescription)")
                    try goal.add(folder)
                    let right = goal
                    faults += SystemCallFault.all(of: journal).map { (right, $0) }
                }
            }
            try await Soak.forEach(Soak.some(Soak.faults, of: faults)) { goal, fault in
                try await scene.with(goal.start.rawValue) { folder in
                    try await Self.check(fault, goal, scene, folder)
                }
            }
        }
    }

    private static func check(
        _ fault: SystemCallFault, _ goal: Goal, _ scene: Scene, _ folder: TemporaryFolder
    ) async throws {
        let (outcome, journal) = try await scene.run(goal.start.arguments, in: folder, fault: fault)
        let words =
            "\(fault) \(journal.fault?.paths ?? ["which did not come"]), begun with \(goal.start): \(outcome.testDescription)"
        #expect(fault.isHarmless ? outcome.status == 0 : [0, 1].contains(outcome.status), "\(words)")

        // What is said of it is true.
        let committed = try checkEachManifest(folder, "\(words)")
        let verified = try await Command.run("verify", "p.yml", in: folder)
        let expected: [Int32] = outcome.status == 0 ? [0] : committed == 0 ? [0, 2, 4] : [0, 4]
        #expect(expected.contains(verified.status), "\(words) \(verified.testDescription)")
        let status = try await Command.run("status", "p.yml", in: folder)
        #expect(status.status == 0 || status.status == 2 && committed == 0, "\(words) \(status.testDescription)")

        // With the same arguments: whoever wanted all windows anew still does.
        let (next, after) = try await scene.run(outcome.status == 0 ? ["run", "p.yml"] : goal.start.arguments, in: folder)
        #expect(next.status == 0, "\(words) \(next.testDescription)")
        #expect(try goal.differences(folder) == [], "\(words) \(next.testDescription)")
        let last = try await Command.run("verify", "p.yml", in: folder)
        #expect(last.status == 0, "\(words) \(last.testDescription)")

        var names = UnsyncedNames()
        names.play(journal)
        if outcome.status != 0 { names.play(after) }
        names.end()
        #expect(names.faults == [], "\(words) \(next.testDescription)")
        try Soak.record(["calls of the system that failed once": 1])
    }

    @Test("a call that fails once lets no command say that all is well, and changes nothing")
    func reading() async throws {
        let commands = [
            ["verify", "p.yml"], ["verify", "out", "--format", "json"], ["status", "out"], ["status", "p.yml", "--format", "json"],
            ["plan", "p.yml", "--format", "json"], ["report", "out", "-o", "-"],
            ["schema", "p.yml", "--for", "postgres", "--load-window", "2026-03-28"], ["run", "p.yml"],
        ]
        try await withScene { scene in
            try await scene.with("whole") { folder in
                let whole = try Self.data(folder)
                var faults: [([String], String, SystemCallFault)] = []
                for arguments in commands {
                    let (outcome, journal) = try await scene.run(arguments, in: folder)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                    let output = Self.said(outcome, in: folder)
                    faults += SystemCallFault.all(of: journal).map { (arguments, output, $0) }
                }
                try await Soak.forEach(Soak.some(Soak.faults, of: faults)) { arguments, undisturbed, fault in
                    try await scene.with("whole") { folder in
                        let before = try folder.files(below: "out")
                        let (outcome, journal) = try await scene.run(arguments, in: folder, fault: fault)
                        let words =
                            "\(arguments) \(fault) \(journal.fault?.paths ?? ["which did not come"]): \(outcome.testDescription)"
                        #expect([0, 1, 4].contains(outcome.status), "\(words)")
                        if arguments[0] == "run" {
                            let next = try await Command.run("run", "p.yml", in: folder, endpoint: scene.endpoint)
                            #expect(next.status == 0, "\(words) \(next.testDescription)")
                            #expect(try Self.data(folder) == whole, "\(words)")
                        } else {
                            #expect(try folder.files(below: "out") == before, "\(words)")
                            // What ends well says what it says in peace, or what could not be read.
                            let said = Self.said(outcome, in: folder)
                            let isDoubted = !fault.isHarmless && Self.doubts.contains { said.contains($0) }
                            let isTrue = said == undisturbed || isDoubted
                            if outcome.status == 0 { #expect(isTrue, "\(words)") }
                            if fault.isHarmless { #expect(outcome.status == 0, "\(words)") }
                        }
                        try Soak.record(["calls of the system that failed once": 1])
                    }
                }
            }
        }
    }
}

// MARK: What is compared

extension SystemCallFaultSoakTests {
    /// Words of an answer that does not claim that all is well.
    private static let doubts = ["cannot be read", "damaged", "missing", #""due" : 1"#]

    /// Without the folder and the time.
    private static func said(_ outcome: Command.Outcome, in folder: TemporaryFolder) -> String {
        outcome.output.replacing(folder.url.resolvingSymlinksInPath().path, with: "FOLDER")
            .replacing(#/<p>out, \d{4}-\d\d-\d\d \d\d:\d\d UTC/#, with: "<p>out, NOW")
    }

    private static func data(_ folder: TemporaryFolder) throws -> [String: Data] {
        try folder.files(below: "out").filter { !$0.key.hasPrefix("_agentsight/") }
    }

    /// The files beside the data, without the records of runs; of manifests, what does not tell of one run alone.
    private static func state(_ folder: TemporaryFolder) throws -> [String: String] {
        let files = try folder.files(below: "out/_agentsight").filter { !($0.key.hasPrefix("runs/") && $0.key.hasSuffix(".json")) }
        return files.mapValues { content in
            String(decoding: content, as: UTF8.self).split(separator: "\n")
                .filter { !$0.contains(#/^ *"(checksum|committed_at|requests|rounds|repaired|run)" :/#) }.joined(separator: "\n")
        }
    }

    /// Every manifest speaks of files that are there, and are as it says.
    /// - Returns: How many there are.
    private static func checkEachManifest(_ folder: TemporaryFolder, _ words: Comment) throws -> Int {
        let manifests = try folder.files(below: "out/_agentsight/windows").filter { $0.key.hasSuffix(".json") }
        for (name, content) in manifests {
            let manifest = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any], words)
            let files = try #require(manifest["files"] as? [[String: Any]], words)
            #expect(files.count == 2, words)
            for file in files {
                let content = try? folder.read("out/\(file["path"] as? String ?? "")")
                #expect(content.map { SHA256.hash(data: $0).hexadecimalText } == file["sha256"] as? String, "\(name): \(words)")
            }
        }
        return manifests.count
    }
}
