import Foundation
import SampleAPI
import SystemPackage
import Testing

@Suite struct VerifyTests {
    private static let pipeline = """
        version: 1
        name: days
        window: { from: 2026-03-28, to: 2026-03-31, every: day, timezone: Europe/Zagreb }
        destination: out
        outputs:
          - path: conversations/dt={date}/conversations.ndjson.gz
          - { format: csv, path: "csv/{date}.csv", compression: none, columns: [id, started_at, name, metadata.*] }
        """

    private struct Answer: Decodable {
        let ok: Bool
        let problems: [Problem]

        struct Problem: Decodable {
            let window: String?
            let path: String?
            let problem: String
        }
    }

    /// Exports three days of the imitation.
    private func withExport(
        _ pipeline: String = pipeline, bounds: SampleService.Bounds = .inclusive, ordering: SampleService.Ordering = .honoured,
        prepare: (SampleService) -> Void = { _ in }, _ body: (TemporaryFolder, String, SampleService) async throws -> Void
    ) async throws {
        var configuration = SampleService.Configuration()
        configuration.bounds = bounds
        configuration.ordering = ordering
        try await withSampleService(configuration) { endpoint, service in
            prepare(service)
            try await TemporaryFolder.with { folder in
                try folder.write(pipeline, to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                try await body(folder, endpoint, service)
            }
        }
    }

    private func verify(
        _ arguments: String..., in folder: TemporaryFolder, endpoint: String? = nil
    ) async throws -> (status: Int32, answer: Answer) {
        let outcome = try await Command.run(
            ["verify"] + arguments + ["--format", "json"], in: folder, endpoint: endpoint, key: Sample.key)
        return (outcome.status, try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8)))
    }

    /// The window that a file of the destination belongs to, by its name.
    private func window(of path: String) -> String? {
        guard !path.contains("/runs/") else { return nil }
        return path.firstMatch(of: /2026-03-\d\d/).map { String($0.output) }
    }

    @Test("an export verifies as it was written, by its file and by its folder")
    func right() async throws {
        try await withExport { folder, _, _ in
            for target in ["p.yml", "out"] {
                let text = try await Command.run("verify", target, in: folder)
                #expect(text.status == 0, "\(text.testDescription)")
                #expect(text.output.contains("out: 3 windows, 6 files, "), "\(text.testDescription)")
                let json = try await Command.run("verify", target, "--format", "json", in: folder)
                #expect(json.status == 0)
                #expect(json.output.filter { !$0.isWhitespace } == #"{"ok":true,"problems":[]}"#)
            }
            try folder.remove("out/_agentsight/windows/2026-03-29.json")
            try folder.remove("out/conversations/dt=2026-03-29")
            try folder.remove("out/csv/2026-03-29.csv")
            let gap = try await Command.run("verify", "p.yml", in: folder)
            #expect(gap.status == 0, "what is not exported is no fault of what is: \(gap.testDescription)")
            #expect(gap.output.contains("1 window of the pipeline not exported yet"), "\(gap.testDescription)")
        }
    }

    @Test("every file that is changed in a byte, cut, longer or missing is named, with its window")
    func damage() async throws {
        try await withExport { folder, _, _ in
            let files = try folder.files(below: "out")
            #expect(files.count == 14, "six files of windows, their three digests and manifests, the columns and a run")
            for (path, content) in files {
                var damages: [(String, Data?)] = [
                    ("cut", content.dropLast()), ("emptied", Data()), ("longer", content + Data([10])),
                ]
                for place in [0, 3, content.count / 3, content.count / 2, content.count - 9, content.count - 1] {
                    var flipped = content
                    flipped[place] ^= 1 << UInt8(place % 8)
                    damages.append(("flipped at \(place)", flipped))
                }
                // A run that was killed leaves no record.
                if !path.contains("/runs/") { damages.append(("missing", nil)) }
                for (name, damaged) in damages {
                    let file = folder.url.appendingPathComponent("out/\(path)")
                    if let damaged { try damaged.write(to: file) } else { try FileManager.default.removeItem(at: file) }
                    let (status, answer) = try await verify("out", in: folder)
                    #expect(status == 4 && !answer.ok, "\(path) \(name)")
                    if name == "missing", path.contains("/windows/") {
                        // Its files are nobody's then.
                        let orphans = files.keys.filter { !$0.hasPrefix("_agentsight") && window(of: $0) == window(of: path) }
                        #expect(Set(answer.problems.map(\.path)) == Set(orphans), "\(path) \(name)")
                    } else {
                        let problem = answer.problems.first { $0.path == path }
                        #expect(problem != nil && problem?.window == window(of: path), "\(path) \(name): \(answer.problems)")
                    }
                    try content.write(to: file)
                }
            }
            #expect(try await verify("out", in: folder).status == 0)
        }
    }

    @Test("a link in the place of a file is named, with all else that is wrong, and the next run puts the file back")
    func linked() async throws {
        try await withExport { folder, endpoint, _ in
            let other = try folder.read("out/csv/2026-03-29.csv")
            try folder.remove("out/csv/2026-03-28.csv")
            try FileManager.default.createSymbolicLink(
                atPath: folder.url.appendingPathComponent("out/csv/2026-03-28.csv").path, withDestinationPath: "2026-03-29.csv")
            try folder.remove("out/csv/2026-03-30.csv")
            let (status, answer) = try await verify("out", in: folder)
            #expect(status == 4)
            #expect(
                answer.problems.map { "\($0.window ?? "") \($0.path ?? ""): \($0.problem)" } == [
                    "2026-03-28 csv/2026-03-28.csv: cannot be read: it is a symbolic link, which is not followed inside a destination",
                    "2026-03-30 csv/2026-03-30.csv: the file is missing",
                ])
            let next = try await Command.run("run", "p.yml", "-q", in: folder, endpoint: endpoint)
            #expect(next.status == 0, "\(next.testDescription)")
            #expect(try await verify("out", in: folder).status == 0)
            #expect(try folder.read("out/csv/2026-03-29.csv") == other, "the link was replaced, and not what it led to")
        }
    }

    @Test(
        "a sector that cannot be read ends no check: each file is named, and a run that finds one it cannot open exports its window again",
        .enabled(if: Death.tracer != nil, "strace is not installed"))
    func badSector() async throws {
        try await withExport { folder, endpoint, _ in
            func traced(_ call: String, _ path: String, _ arguments: String...) async throws -> Command.Outcome {
                try await Command.run(
                    FilePath(Death.tracer ?? ""),
                    [
                        "-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "trace=\(call)", "-e", "inject=\(call):error=EIO",
                        Command.binary.string,
                    ]
                        + arguments, in: folder, endpoint: endpoint, key: Sample.key)
            }
            let path = folder.url.resolvingSymlinksInPath().path + "/out/csv/2026-03-28.csv"
            try folder.remove("out/csv/2026-03-30.csv")
            let verified = try await traced("pread64", path, "verify", "out")
            #expect(verified.status == 4, "\(verified.testDescription)")
            #expect(verified.output.contains("2026-03-28  csv/2026-03-28.csv: cannot be read: Input/output error\n"))
            #expect(verified.output.contains("2026-03-30  csv/2026-03-30.csv: the file is missing\n"))

            let manifest = folder.url.resolvingSymlinksInPath().path + "/out/_agentsight/windows/2026-03-29.json"
            let unread = try await traced("pread64", manifest, "verify", "out")
            #expect(unread.status == 4, "\(unread.testDescription)")
            #expect(unread.output.contains("2026-03-29  _agentsight/windows/2026-03-29.json: the manifest cannot be read"))

            let planned = try await traced("openat", "2026-03-28.csv", "plan", "p.yml")
            #expect(
                planned.output.contains("csv/2026-03-28.csv is missing, cannot be opened or has another size"),
                "\(planned.testDescription)")
        }
    }

    @Test("two files that were swapped are both named")
    func swapped() async throws {
        try await withExport { folder, _, _ in
            let files = try folder.files(below: "out").filter { $0.key != "_agentsight/columns.json" && !$0.key.contains("/runs/") }
            let paths = files.keys.sorted()
            for (index, first) in paths.enumerated() {
                for second in paths[(index + 1)...] {
                    func write(_ contents: [String: Data]) throws {
                        for path in [first, second] {
                            try contents[path]?.write(to: folder.url.appendingPathComponent("out/\(path)"))
                        }
                    }
                    try write([first: files[second] ?? Data(), second: files[first] ?? Data()])
                    let (status, answer) = try await verify("out", in: folder)
                    #expect(status == 4)
                    for path in [first, second] {
                        // Without its manifest nobody knows which digests a window has.
                        if path.hasSuffix(".digests"), second.hasSuffix("/\(window(of: path) ?? "").json") { continue }
                        let found = answer.problems.filter { $0.path == path }.map(\.window)
                        // With the manifest of its own window in its place, a file belongs to none.
                        let isOrphan = path == second && first == "_agentsight/windows/\(window(of: path) ?? "").json"
                        #expect(found.contains(isOrphan ? nil : window(of: path)), "\(path) of \(first) and \(second)")
                    }
                    try write(files)
                }
            }
        }
    }

    @Test(
        "a file that was added is named",
        arguments: [
            "x", "csv/2026-04-01.csv", "conversations/dt=2026-03-29/more", ".hidden", "_agentsight/x", "_agentsight/windows/x",
            "_agentsight/windows/2026-03-29.json.part", "_agentsight/staging/2026-03-29/0", "_agentsight/columns.json.part",
            "_agentsight/runs/x.json", "_agentsight/windows/2026-04-01.json", "_agentsight/runs/part", "a/_agentsight/lock",
        ])
    func added(path: String) async throws {
        try await withExport { folder, _, _ in
            try folder.write("{}", to: "out/\(path)")
            let (status, answer) = try await verify("p.yml", in: folder)
            #expect(status == 4)
            let named = path.contains("staging") ? "_agentsight/staging" : path
            #expect(answer.problems.map(\.path) == [named], "\(answer.problems)")
        }
    }

    @Test("a manifest under the name of another window is named, and so are the files that it has twice")
    func copied() async throws {
        try await withExport { folder, _, _ in
            let manifest = try folder.read("out/_agentsight/windows/2026-03-29.json")
            try folder.write(String(decoding: manifest, as: UTF8.self), to: "out/_agentsight/windows/2026-04-01.json")
            let (status, answer) = try await verify("out", in: folder)
            #expect(status == 4)
            #expect(answer.problems.contains { $0.window == "2026-04-01" && $0.path == "_agentsight/windows/2026-04-01.json" })
            #expect(answer.problems.contains { $0.window == "2026-04-01" && $0.path == "csv/2026-03-29.csv" })
            #expect(answer.problems.contains { $0.problem.contains("overlaps") })
        }
    }

    @Test("a damaged manifest makes its window due again, and the next run brings it back")
    func repaired() async throws {
        try await withExport { folder, endpoint, _ in
            let path = "out/_agentsight/windows/2026-03-29.json"
            let text = String(decoding: try folder.read(path), as: UTF8.self)
            // A number that means something else, in JSON that is as good as before.
            let damaged = text.replacing(/"requests" : \d+/, with: #""requests" : 99"#)
            #expect(damaged != text)
            try folder.write(damaged, to: path)
            let plan = try await Command.run("plan", "p.yml", in: folder)
            #expect(plan.output.contains("its manifest cannot be read"), "\(plan.testDescription)")
            let run = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
            #expect(run.errors.contains("1 window to export"), "\(run.testDescription)")
            #expect(try await verify("p.yml", in: folder).status == 0)
        }
    }

    @Test("a window that could not be proved does not verify")
    func unsettled() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .random(seed: 1, probability: 1, among: [.countOff(by: 1)])
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 4)
                let (status, answer) = try await verify("out", in: folder)
                #expect(status == 4)
                #expect(answer.problems.map(\.window) == ["2026-03-28", "2026-03-29", "2026-03-30"])
                #expect(answer.problems.allSatisfy { $0.problem.hasPrefix("not proved") })
            }
        }
    }

    @Test(
        "what cannot be verified is a wrong command",
        arguments: [["nothing"], ["empty"], ["broken.yml"], ["other.yml"], ["out", "--server"], ["out", "--set", "name=x"]])
    func wrong(arguments: [String]) async throws {
        try await withExport { folder, _, _ in
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent("empty"), withIntermediateDirectories: true)
            try folder.write("version: 7", to: "broken.yml")
            try folder.write(Self.pipeline.replacing("destination: out", with: "destination: elsewhere"), to: "other.yml")
            for command in arguments.contains("--server") ? ["verify"] : ["verify", "status"] {
                let outcome = try await Command.run([command] + arguments, in: folder, endpoint: nil, key: nil)
                #expect(outcome.status == 2, "\(outcome.testDescription)")
                #expect(outcome.errors.contains(arguments[0]) || arguments == ["other.yml"] || arguments[1...] == ["--server"])
                #expect(outcome.output.isEmpty)
            }
        }
    }
}

/// `verify --server`.
extension VerifyTests {
    /// 2026-03-29, a day of 23 hours: from 28 March 23:00 UTC to 29 March 22:00 UTC, in microseconds.
    private static let day = (start: Int64(1_774_738_800_000_000), end: Int64(1_774_821_600_000_000))

    @Test(
        "rows exactly on the bounds of windows are counted on their own side, however the service takes its bounds",
        arguments: [SampleService.Bounds.inclusive, .exclusive], [SampleService.Ordering.honoured, .ignored])
    func bounds(bounds: SampleService.Bounds, ordering: SampleService.Ordering) async throws {
        let prepare: (SampleService) -> Void = { service in
            for bound in [Self.day.start, Self.day.end] {
                for offset in [-1, 0, 0, 1] as [Int64] { service.mutate(.insert(startedAt: bound + offset)) }
            }
        }
        try await withExport(bounds: bounds, ordering: ordering, prepare: prepare) { folder, endpoint, service in
            let before = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(before.status == 0, "\(before.answer.problems)")
            let text = try await Command.run("verify", "p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(text.output.contains("3 windows compared with the service"), "\(text.testDescription)")

            // A row leaves the window while one comes to its end: the two do not make up for each other.
            let rows = try service.matchingIDs([
                .init(name: "started_at_after", value: "2026-03-28T23:00:00Z"),
                .init(name: "started_at_before", value: "2026-03-29T22:00:00Z"),
            ])
            let gone = try #require(rows.dropFirst(5).first)
            service.mutate(.softDelete(id: gone))
            let added = try #require(service.mutate(.insert(startedAt: Self.day.end)))
            let after = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(after.status == 4)
            #expect(after.answer.problems.map(\.window) == ["2026-03-29", "2026-03-30"])
            #expect(
                after.answer.problems.map(\.problem) == [
                    "1 row of the export is gone from the server: id \(gone)",
                    "1 row in the service is not in the export: id \(added)",
                ])
        }
    }

    @Test(
        "a row that is gone shows, though another has come to a bound that the service counts in",
        arguments: [SampleService.Bounds.inclusive, .exclusive], [-1, 0])
    func balanced(bounds: SampleService.Bounds, offset: Int64) async throws {
        try await withExport(bounds: bounds) { folder, endpoint, service in
            let rows = try service.matchingIDs([
                .init(name: "started_at_after", value: "2026-03-28T23:00:00Z"),
                .init(name: "started_at_before", value: "2026-03-29T22:00:00Z"),
            ])
            // As many go as make up for all rows on the bounds, as a service counts them that counts bounds in.
            let onBounds = try [Self.day.start - 1, Self.day.end].map { try Self.rows(at: $0, in: service) }
            let gone = rows.prefix(onBounds.reduce(1, +))
            for id in gone { service.mutate(.softDelete(id: id)) }
            service.mutate(.insert(startedAt: offset < 0 ? Self.day.start - 1 : Self.day.end))
            let (_, answer) = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(
                answer.problems.filter { $0.window == "2026-03-29" }.map(\.problem)
                    .map { $0.contains("gone from the server: ") && $0.contains(String(gone[0])) } == [true])
        }
    }

    private static func rows(at instant: Int64, in service: SampleService) throws -> Int {
        func time(_ microseconds: Int64) -> String {
            let (second, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
            let date = Date(timeIntervalSince1970: Double(second)).ISO8601Format().dropLast()
            return date + String(format: ".%06dZ", fraction)
        }
        return try service.matchingIDs([
            .init(name: "started_at_after", value: time(instant)), .init(name: "started_at_before", value: time(instant + 1)),
        ]).count
    }

    @Test("more rows on a bound than a page holds are told from the window's own")
    func manyOnBound() async throws {
        let prepare: (SampleService) -> Void = { service in
            for _ in 0..<130 { service.mutate(.insert(startedAt: Self.day.end)) }
        }
        try await withExport(prepare: prepare) { folder, endpoint, _ in
            let (status, answer) = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(status == 0, "\(answer.problems)")
        }
    }

    @Test("up to ten ids of the rows that differ are named, even where the counts are known to differ without ids")
    func many() async throws {
        try await withExport { folder, endpoint, service in
            let ids = (0..<12).compactMap { service.mutate(.insert(startedAt: Self.day.start + 1000 * (1 + $0))) }
            let (_, answer) = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            let list = ids.prefix(10).map(String.init).joined(separator: ", ")
            #expect(answer.problems.map(\.problem) == ["12 rows in the service are not in the export: ids \(list), …"])
        }
        let noIDs = Self.pipeline.replacing(
            "  - path: conversations/dt={date}/conversations.ndjson.gz\n", with: ""
        ).replacing("[id, started_at, name, metadata.*]", with: "[{ name: id, path: device }]")
        try await withExport(noIDs) { folder, endpoint, service in
            service.mutate(.insert(startedAt: Self.day.start))
            let (_, answer) = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(answer.problems.count == 1)
            #expect(
                answer.problems.first?.problem.hasPrefix("1 row in the service is not in the export: id ") ?? false, "by digests")
            try folder.remove("out/_agentsight/digests")
            let (_, counted) = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(counted.problems.contains { $0.problem.hasPrefix("the server has ") }, "\(counted.problems)")
        }
    }

    @Test("deleted rows alone, which the service does not count by themselves, are compared one by one")
    func onlyDeleted() async throws {
        let pipeline = Self.pipeline.replacing("window:", with: "filters: { only_deleted: true }\nwindow:")
        try await withExport(pipeline) { folder, endpoint, service in
            #expect(try await verify("p.yml", "--server", in: folder, endpoint: endpoint).status == 0)
            let id = try #require(service.mutate(.insert(startedAt: Self.day.start)))
            #expect(try await verify("p.yml", "--server", in: folder, endpoint: endpoint).status == 0)
            service.mutate(.softDelete(id: id))
            let (status, answer) = try await verify("p.yml", "--server", in: folder, endpoint: endpoint)
            #expect(status == 4)
            #expect(answer.problems.map(\.problem) == ["1 row in the service is not in the export: id \(id)"])
        }
    }

    @Test("a service that cannot be reached, or refuses the key, is not taken for rows that are gone")
    func unreachable() async throws {
        try await withExport { folder, endpoint, _ in
            let refused = try await Command.run(
                "verify", "p.yml", "--server", in: folder, endpoint: endpoint, key: SampleService.forbiddenKey)
            #expect(refused.status == 3, "\(refused.testDescription)")
            let noKey = try await Command.run("verify", "p.yml", "--server", in: folder, endpoint: endpoint, key: nil)
            #expect(noKey.status == 2, "\(noKey.testDescription)")
            let away = try await Command.run(
                "verify", "p.yml", "--server", "--set", "fetch.retries=0", in: folder, endpoint: "http://127.0.0.1:9")
            #expect(away.status == 75, "\(away.testDescription)")
        }
    }
}
