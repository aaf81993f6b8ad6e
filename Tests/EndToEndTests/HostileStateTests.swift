import Foundation
import SampleAPI
import Testing

/// A destination in which others have written: nothing traps, nothing outside is touched, the memory stays bounded, and the next run
/// brings back what was damaged.
@Suite struct HostileStateTests {
    private static let pipeline = """
        version: 1
        name: days
        window: { from: 2026-03-28, to: 2026-03-30, every: day }
        destination: out
        outputs:
          - path: "{date}.ndjson.gz"
          - { format: csv, path: "{date}.csv.gz" }
        """
    private static let manifest = "out/_agentsight/windows/2026-03-28.json"
    private static let columns = "out/_agentsight/columns.json"
    /// MiB, of which a debug build takes some before it begins.
    private static let mostMemory = 256

    /// Exports two days of the imitation.
    private func withExport(_ body: (TemporaryFolder, String) async throws -> Void) async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(Self.pipeline, to: "p.yml")
                // The second time the first window has the columns that the second one brought.
                for _ in 0..<2 {
                    let outcome = try await Command.run("run", "p.yml", "--force", in: folder, endpoint: endpoint)
                    #expect(outcome.status == 0, "\(outcome.testDescription)")
                }
                try await body(folder, endpoint)
            }
        }
    }

    /// Runs each command over what is there now, and holds its exit code and its memory against what is expected.
    private func expect(
        _ statuses: [([String], Int32)], says words: String? = nil, in folder: TemporaryFolder, _ endpoint: String, _ name: String
    ) async throws {
        for (arguments, status) in statuses {
            let (outcome, peak) = try await Command.measured(arguments, in: folder, endpoint: endpoint)
            #expect(outcome.status == status, "\(name): \(arguments): \(outcome.testDescription)")
            #expect(peak < Self.mostMemory, "\(name): \(arguments): \(peak) MiB")
            if let words { #expect((outcome.output + outcome.errors).contains(words), "\(name): \(outcome.testDescription)") }
        }
    }

    private static let looks: [([String], Int32)] = [
        (["status", "p.yml"], 0), (["status", "out"], 0), (["report", "p.yml", "-o", "-"], 0), (["plan", "p.yml"], 0),
        (["verify", "out"], 4),
    ]

    /// Without its checksum, as an older version wrote it.
    private func unsealed(_ file: String, in folder: TemporaryFolder) throws -> String {
        String(decoding: try folder.read(file), as: UTF8.self).replacing(/"checksum" : "[^"]*",?/, with: "")
    }

    @Test("a file that is far larger than what was written is written anew, and not read to its end")
    func largeFile() async throws {
        try await withExport { folder, endpoint in
            let before = try content(folder)
            let file = folder.url.appendingPathComponent("out/2026-03-29.ndjson.gz")
            try FileHandle(forWritingTo: file).truncate(atOffset: 1 << 40)
            let outcome = try await Command.run(["run", "p.yml"], in: folder, endpoint: endpoint, key: Sample.key, within: 200)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(try content(folder) == before)
        }
    }

    /// All but what tells of runs.
    private func content(_ folder: TemporaryFolder) throws -> [String: Data] {
        try folder.files().filter { !$0.key.contains("/runs/") && !$0.key.contains("/windows/") }
    }

    @Test("numbers that no run writes make a damaged manifest: told, due, and brought back")
    func numbers() async throws {
        try await withExport { folder, endpoint in
            let (whole, text) = try (content(folder), unsealed(Self.manifest, in: folder))
            let fields = [
                "rows", "bytes", "distinct_ids", "count_before", "count_after", "rounds", "repaired", "requests",
                "discovered_columns",
            ]
            for (index, field) in fields.enumerated() {
                let number = ["9223372036854775807", "-1", "-9223372036854775808", "1e300"][index % 4]
                let changed = text.replacing(try Regex(#""\#(field)" : \d+"#), with: #""\#(field)" : \#(number)"#)
                #expect(changed != text, "\(field)")
                try folder.write(changed, to: Self.manifest)
                // Each command once, over the fields.
                try await expect([Self.looks[index % Self.looks.count]], in: folder, endpoint, "\(field) \(number)")
                let status = try await Command.run("status", "p.yml", in: folder)
                #expect(status.output.contains("unreadable  1 window: 2026-03-28"), "\(field): \(status.testDescription)")
            }
            try await expect([(["run", "p.yml"], 0), (["verify", "p.yml"], 0)], in: folder, endpoint, "the next run")
            #expect(try content(folder) == whole)
        }
    }

    @Test("a run record with such numbers is one that cannot be read, and columns are not written over")
    func otherNumbers() async throws {
        try await withExport { folder, endpoint in
            let name = try #require(folder.files(below: "out/_agentsight/runs").keys.max())
            let record = "out/_agentsight/runs/\(name)"
            let text = try unsealed(record, in: folder)
            for (index, field) in ["throttled_seconds", "exit_code", "rows", "p95_ms"].enumerated() {
                let changed = text.replacing(try Regex(#""\#(field)" : [\d.]+"#), with: #""\#(field)" : 9223372036854775807"#)
                #expect(changed != text, "\(field)")
                try folder.write(changed, to: record)
                // Each command once or twice, over the fields.
                try await expect([Self.looks[index], Self.looks[(index + 2) % Self.looks.count]], in: folder, endpoint, field)
            }
            try folder.remove(record)
            let columns = try folder.read(Self.columns)
            try folder.write(#"{"format": 1, "columns": [{"name": "", "path": []}]}"#, to: Self.columns)
            let told = "out/_agentsight/columns.json cannot be read"
            try await expect([(["run", "p.yml", "--force"], 1)], says: told, in: folder, endpoint, "columns")
            try columns.write(to: folder.url.appendingPathComponent(Self.columns))
            try await expect([(["verify", "out"], 0)], in: folder, endpoint, "columns that were put back")
        }
    }

    @Test("a path that leads out of the destination, or into its state, makes a damaged manifest, and is not followed")
    func paths() async throws {
        try await withExport { folder, endpoint in
            let (whole, text) = try (content(folder), unsealed(Self.manifest, in: folder))
            for path in ["../victim", "x/../../victim", "\(folder.url.path)/victim", "_agentsight/columns.json", "a/../../victim"] {
                try folder.write("victim", to: "victim")
                try folder.write(
                    text.replacing(#""path" : "2026-03-28.csv.gz""#, with: #""path" : "\#(path)""#)
                        .replacing(/"bytes" : \d+/, with: #""bytes" : 6"#), to: Self.manifest)
                try await expect(
                    [(["verify", "out"], 4)], says: "the manifest cannot be read or has been changed", in: folder, endpoint,
                    path)
                try await expect([(["run", "p.yml", "--force"], 0), (["verify", "out"], 0)], in: folder, endpoint, path)
                #expect(try String(decoding: folder.read("victim"), as: UTF8.self) == "victim")
                try folder.remove("victim")
                #expect(try content(folder) == whole)
            }
        }
    }

    @Test("a manifest under the name of another window's makes neither window the other's: it is due, and brought back")
    func otherWindow() async throws {
        try await withExport { folder, endpoint in
            let whole = try content(folder)
            try folder.write(
                String(decoding: folder.read("out/_agentsight/windows/2026-03-29.json"), as: UTF8.self), to: Self.manifest)
            let plan = try await Command.run("plan", "p.yml", in: folder, endpoint: endpoint)
            #expect(plan.output.contains("2026-03-28  due"), "\(plan.testDescription)")
            #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
            #expect(try content(folder) == whole)
            #expect(try await Command.run("verify", "p.yml", in: folder).status == 0)
        }
    }

    @Test("what a newer version wrote is told as that, and never written over")
    func newer() async throws {
        try await withExport { folder, endpoint in
            let words = "written by a newer version of agentsight-export (format 2)"
            for file in [Self.manifest, Self.columns] {
                let whole = try folder.read(file)
                try folder.write(
                    unsealed(file, in: folder).replacing(#""format" : 1"#, with: #""format" : 2, "more" : {}"#), to: file)
                let before = try content(folder).merging(folder.files(below: "out/_agentsight/windows")) { $1 }
                let isManifest = file == Self.manifest
                try await expect(
                    [
                        (["run", "p.yml", "--force"], 2), (["run", "p.yml", "--force", "--shard", "0/2"], 2),
                        (["verify", "out"], 4), (["verify", "p.yml"], 4),
                    ], says: words, in: folder, endpoint, file)
                try await expect([(["report", "p.yml", "-o", "-"], 0)], in: folder, endpoint, file)
                if isManifest {
                    try await expect([(["plan", "p.yml"], 2)], says: words, in: folder, endpoint, file)
                    try await expect(
                        [(["status", "p.yml"], 2), (["status", "out"], 0)],
                        says:
                            "1 window written by a newer version of agentsight-export, which this version cannot read: 2026-03-28",
                        in: folder, endpoint, file)
                }
                #expect(try content(folder).merging(folder.files(below: "out/_agentsight/windows")) { $1 } == before, "\(file)")
                try whole.write(to: folder.url.appendingPathComponent(file))
            }
        }
    }

    @Test("a state file of hundreds of megabytes, and one of as many brackets as are read, take no memory to speak of")
    func large() async throws {
        try await withExport { folder, endpoint in
            let whole = try content(folder)
            _ = try await Command.runScript("truncate -s 400M \(Self.manifest)", in: folder)
            try await expect(Self.looks, in: folder, endpoint, "400 MB of zeros")
            let texts = [("numbers", "1,"), ("lists", "[],"), ("texts", #""","#), ("maps", #"{"a":0},"#)]
            for (index, (name, text)) in texts.enumerated() {
                let list = String(repeating: text, count: (15 << 20) / text.utf8.count)
                try folder.write(#"{"format":1,"files":[\#(list)0]}"#, to: Self.manifest)
                try folder.write(#"{"format":1,"files":[\#(list)0]}"#, to: Self.manifest.replacing("28", with: "29"))
                try await expect([Self.looks[index.isMultiple(of: 2) ? 0 : 4]], in: folder, endpoint, "16 MB of \(name)")
            }
            try await expect([(["run", "p.yml"], 0), (["verify", "out"], 0)], in: folder, endpoint, "the next run")
            #expect(try content(folder) == whole)
            _ = try await Command.runScript("truncate -s 400M out/_agentsight/lock.shard-1-of-2", in: folder)
            try await expect([Self.looks[0], (["run", "p.yml", "--shard", "0/2", "--force"], 0)], in: folder, endpoint, "a lock")
            _ = try await Command.runScript("truncate -s 400M \(Self.columns)", in: folder)
            try await expect([Self.looks[4], (["run", "p.yml", "--force"], 1)], in: folder, endpoint, "columns")
        }
    }

    @Test(
        "a spool of which a byte was changed is not trusted: what follows is fetched anew, to the same bytes",
        arguments: [0.1, 0.5, 0.9])
    func spool(place: Double) async throws {
        try await withSampleService(dataset: SampleDataset(rows: 2000, seed: 3)) { endpoint, service in
            try await TemporaryFolder.with { folder in
                let pipeline = """
                    version: 1
                    name: whole
                    window: { from: 2026-03-01, to: 2026-05-01, every: all }
                    fetch: { page_size: 40, concurrency: 4 }
                    destination: DESTINATION
                    outputs: [{ path: all.ndjson.gz }]
                    """
                for name in ["out", "undisturbed"] {
                    try folder.write(pipeline.replacing("DESTINATION", with: name), to: "\(name).yml")
                }
                #expect(try await Command.run("run", "undisturbed.yml", in: folder, endpoint: endpoint).status == 0)
                let whole = service.statistics.requests
                _ = try await Command.run(
                    ["run", "out.yml"], in: folder, endpoint: endpoint, key: Sample.key, signal: SIGKILL,
                    when: { service.statistics.requests >= whole + whole * 2 / 3 })
                let spool = "out/_agentsight/spool/all"
                var content = try folder.read(spool)
                // In a row: where one stands, a line of JSON would break.
                let letter = try #require(
                    content[Int(Double(content.count) * place)...].firstRange(of: Data(#""conversation_id":""#.utf8)))
                content[letter.upperBound] ^= 0x02
                try content.write(to: folder.url.appendingPathComponent(spool))
                let next = try await Command.run("run", "out.yml", in: folder, endpoint: endpoint)
                #expect(next.status == 0, "\(next.testDescription)")
                #expect(try folder.read("out/all.ndjson.gz") == folder.read("undisturbed/all.ndjson.gz"))
            }
        }
    }

    @Test("an old metrics file of a gigabyte takes no memory to speak of, and is replaced")
    func metrics() async throws {
        try await withExport { folder, endpoint in
            _ = try await Command.runScript("truncate -s 1G m.prom", in: folder)
            try await expect([(["run", "p.yml", "--metrics-file", "m.prom"], 0)], in: folder, endpoint, "a gigabyte")
            #expect(try String(decoding: folder.read("m.prom"), as: UTF8.self).contains("agentsight_export_last_run_exit_code"))
        }
    }
}
