import Foundation
import Testing

@testable import ExportCore
@testable import ExportStore

@Suite struct StateFileTests {
    private static let manifest = Manifest(
        pipeline: "p", fingerprint: "sha256:0", status: .proved,
        window: .init(Window(key: "all", range: TimeRange(start: nil, end: Instant(seconds: 1)), paths: [])),
        query: ["device": "mobile"],
        proof: Proof(walk: "ranges", countBefore: 1, countAfter: 1, distinctIDs: 1, rounds: 1, repaired: 0), requests: 1, run: "r",
        committedAt: Instant(seconds: 2), version: "0", discoveredColumns: 3,
        files: [
            .init(
                path: "a", table: "conversations", format: "ndjson", rows: 1, bytes: 2, sha256: "x", contentSHA256: "y",
                encoder: "none", keys: .init(id: "id"))
        ])

    @Test("a state file is read back as it was written, with its checksum among its fields")
    func roundTrip() throws {
        let content = try Data(StateFile.encode(Self.manifest))
        #expect(try StateFile.decode(Manifest.self, from: content) == Self.manifest)
        let object = try #require(try JSONSerialization.jsonObject(with: content) as? [String: Any])
        let checksum = try #require(object["checksum"] as? String)
        #expect(checksum.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
    }

    @Test("any changed byte of a state file is found, whatever it is changed to")
    func everyByte() throws {
        let content = try Data(StateFile.encode(Self.manifest))
        for place in content.indices {
            for mask: UInt8 in [0x01, 0x02, 0x04, 0x10, 0x20, 0x80, 0xFF] {
                var changed = content
                changed[place] ^= mask
                #expect(throws: (any Error).self, "byte \(place) ^ \(mask)") { try StateFile.decode(Manifest.self, from: changed) }
            }
        }
    }

    @Test("a state file that is cut, or longer, is found")
    func everyLength() throws {
        let content = try Data(StateFile.encode(Self.manifest))
        for length in 0..<content.count {
            #expect(throws: (any Error).self) { try StateFile.decode(Manifest.self, from: content.prefix(length)) }
        }
        for more in [" ", "\n", "}", "\0"] {
            #expect(throws: (any Error).self) { try StateFile.decode(Manifest.self, from: content + Data(more.utf8)) }
        }
    }

    @Test("a file of an older version, which has no checksum, is read; one whose checksum lost its name is not taken for it")
    func older() throws {
        let old = try JSONEncoder().encode(Self.manifest)
        #expect(try StateFile.decode(Manifest.self, from: old) == Self.manifest)
        let sealed = String(decoding: try StateFile.encode(Self.manifest), as: UTF8.self)
        let renamed = sealed.replacingOccurrences(of: #""checksum""#, with: #""checksun""#)
        #expect(throws: StateFile.Damaged.self) { try StateFile.decode(Manifest.self, from: Data(renamed.utf8)) }
    }

    /// A change to a manifest that no run makes.
    private struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (inout Manifest) -> Void

        init(_ name: String, _ apply: @escaping @Sendable (inout Manifest) -> Void) {
            (testDescription, self.apply) = (name, apply)
        }
    }

    private static let numbers: [(String, @Sendable (inout Manifest, Int) -> Void)] = [
        ("rows", { $0.files[0].rows = $1 }), ("bytes", { $0.files[0].bytes = $1 }), ("distinct_ids", { $0.proof.distinctIDs = $1 }),
        ("count_before", { $0.proof.countBefore = $1 }), ("count_after", { $0.proof.countAfter = $1 }),
        ("rounds", { $0.proof.rounds = $1 }), ("repaired", { $0.proof.repaired = $1 }), ("requests", { $0.requests = $1 }),
        ("discovered_columns", { $0.discoveredColumns = $1 }), ("misfits", { $0.files[0].misfits = ["a": $1] }),
    ]

    private static let changes: [Change] =
        numbers.flatMap { name, set in
            [-1, .min, .max, (1 << 53) + 1].map { number in Change("\(name) \(number)") { set(&$0, number) } }
        }
        + [
            "../x", "/x", "a/../b", "a//b", "./a", "a/.", "", "a/", "a\0b", "a\\b", "..", "../\u{301}x", "_agentsight/columns.json",
            "_agentsight/windows/2026.json", "_agentsight/rows/other.ndjson.gz",
        ].map { path in Change("path \(path.debugDescription)") { $0.files[0].path = path } }
        + ["../x", "a/b", "", ".", "..", "a\0"].map { key in Change("key \(key.debugDescription)") { $0.window.key = key } }
        + [
            Change("a span that ends as it begins") { $0.window.start = $0.window.end },
            Change("a span that ends before") { $0.window.start = Instant(seconds: 9) },
            Change("a key without a name") { $0.newKeys = .init(columns: "", keys: [DiscoveredKey(path: [])]) },
        ]

    @Test(
        "a number, a path or a span that no run writes makes a damaged file, with a checksum that is right and without",
        arguments: changes)
    private func outOfBounds(change: Change) throws {
        var manifest = Self.manifest
        change.apply(&manifest)
        for content in try [Data(StateFile.encode(manifest)), JSONEncoder().encode(manifest)] {
            #expect(throws: StateFile.Damaged.self) { try StateFile.decode(Manifest.self, from: content) }
            #expect(try StateFile.value(Manifest.self, in: content, at: "m.json") == nil)
        }
    }

    @Test("what is just within the bounds is read")
    func withinBounds() throws {
        var manifest = Self.manifest
        for (_, set) in Self.numbers {
            for number in [0, 1 << 53] {
                set(&manifest, number)
                #expect(try StateFile.decode(Manifest.self, from: Data(StateFile.encode(manifest))) == manifest)
            }
        }
        for path in ["a b/ž.csv", "..a/b..", "...", "_agentsigh", "_agentsight/rows/all.ndjson.gz"] {
            manifest.files[0].path = path
            #expect(try StateFile.decode(Manifest.self, from: Data(StateFile.encode(manifest))) == manifest)
        }
        manifest.files[0].path = "a.csv"
        #expect(Manifest(manifest, times: 5).bytes == 5 << 53)
        #expect(Manifest(manifest, times: 2000).bytes == .max)
    }

    private static let allCounts = """
        {"windows": 1, "skipped": 1, "committed": 1, "unsettled": 1, "rendered": 1, "patched": 1, "failed": 1, "looked": 1,
         "looks": {"lean": 1}, "differing": 1, "fewer_rows": 1, "rows": 1, "table_rows": {"messages": 1}, "bytes": 1, "requests": 1,
         "retries": 1, "throttled": 1, "throttled_seconds": 1.5, "received_bytes": 1, "latency": {"p50_ms": 1, "p95_ms": 1}}
        """

    @Test("the record of a run and the columns have bounds, too")
    func otherFiles() throws {
        var record = RunRecord(
            run: "r", pipeline: "p", version: "0", startedAt: Instant(seconds: 9), endedAt: Instant(seconds: 0), exitCode: 255,
            summary: RunSummary())
        record.summary.throttledSeconds = 9e15
        #expect(try StateFile.decode(RunRecord.self, from: Data(StateFile.encode(record))) == record)
        let changes: [(inout RunRecord) -> Void] = [
            { $0.exitCode = 256 }, { $0.exitCode = -1 }, { $0.summary.rows = .max }, { $0.summary.tableRows = ["messages": -1] },
            { $0.summary.bytes = -1 },
            { $0.summary.committed = .min }, { $0.summary.throttledSeconds = 1e300 }, { $0.summary.throttledSeconds = -1 },
            { $0.summary.latency = .init(median: .max, p95: 0) }, { $0.summary.receivedBytes = .max },
            { $0.agents = [.init(name: "a", exitCode: .max, reason: nil, summary: RunSummary())] },
        ]
        for change in changes {
            var changed = record
            change(&changed)
            #expect(throws: StateFile.Damaged.self) { try StateFile.decode(RunRecord.self, from: Data(StateFile.encode(changed))) }
        }
        // Each count of a summary, also those that are to come.
        let whole = try JSONDecoder().decode(RunSummary.self, from: Data(Self.allCounts.utf8))
        let counts = try JSONEncoder().encode(whole)
        let names = try #require(JSONSerialization.jsonObject(with: counts) as? [String: Any]).keys
        let members = Mirror(reflecting: whole).children.count
        #expect(names.count == members, "a member of the summary is missing in the JSON of this test")
        for name in names where Self.allCounts.contains("\"\(name)\": 1") {
            let json = Self.allCounts.replacing("\"\(name)\": 1", with: "\"\(name)\": -1", maxReplacements: 1)
            var changed = record
            changed.summary = try JSONDecoder().decode(RunSummary.self, from: Data(json.utf8))
            #expect(throws: StateFile.Damaged.self, "\(name)") {
                try StateFile.decode(RunRecord.self, from: Data(StateFile.encode(changed)))
            }
        }
        let column = #"{"format":1,"columns":[{"name":"","path":[],"table":"conversations"}]}"#
        #expect(throws: StateFile.Damaged.self) { try StateFile.decode(ColumnCatalog.self, from: Data(column.utf8)) }
    }

    @Test("a file that is larger than one that is written is damaged, whatever is in it; one that would be is not written")
    func size() throws {
        let content = try Data(StateFile.encode(Self.manifest))
        let spaces = Data(repeating: UInt8(ascii: " "), count: Manifest.largestFile - content.count)
        let unsealed = try JSONEncoder().encode(Self.manifest)
        #expect(try StateFile.decode(Manifest.self, from: unsealed + spaces.dropLast(unsealed.count)) == Self.manifest)
        #expect(throws: StateFile.Damaged.self) { try StateFile.decode(Manifest.self, from: unsealed + spaces + content) }
        var large = Self.manifest
        large.files[0].columns = [String(repeating: "x", count: Manifest.largestFile)]
        #expect(throws: StoreError.stateTooLarge(limit: Manifest.largestFile)) { try StateFile.encode(large) }
    }

    @Test("a file of a newer format is known as such, and a format that was damaged is not taken for one")
    func newer() throws {
        var manifest = Self.manifest
        manifest.format = 2
        let sealed = try Data(StateFile.encode(manifest))
        let text = String(decoding: sealed, as: UTF8.self)
        let other = text.replacing(/"checksum" : "[^"]*"/, with: #""checksum" : "blake3:0", "files_of_tomorrow" : []"#)
        let shapeless = Data(#"{"format": 7, "windows": []}"#.utf8)
        for (content, format) in try [(sealed, 2), (JSONEncoder().encode(manifest), 2), (Data(other.utf8), 2), (shapeless, 7)] {
            #expect(throws: StoreError.newerFormat(path: "out/m.json", format)) {
                try StateFile.value(Manifest.self, in: content, at: "out/m.json")
            }
        }
        let flipped = String(decoding: try StateFile.encode(Self.manifest), as: UTF8.self).replacing(
            #""format" : 1"#, with: #""format" : 3"#)
        #expect(try StateFile.value(Manifest.self, in: Data(flipped.utf8), at: "m.json") == nil)
        for format in [0, -1] {
            manifest.format = format
            #expect(try StateFile.value(Manifest.self, in: Data(StateFile.encode(manifest)), at: "m.json") == nil)
        }
        #expect(try StateFile.value(Manifest.self, in: nil, at: "m.json") == nil)
    }
}

extension Manifest {
    /// With its first file so many times.
    fileprivate init(_ manifest: Manifest, times: Int) {
        self = manifest
        files = Array(repeating: manifest.files[0], count: times)
    }
}
