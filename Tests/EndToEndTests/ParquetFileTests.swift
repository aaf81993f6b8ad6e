import Foundation
import SampleAPI
import SystemPackage
import Testing

/// Files are read by `Tests/FuzzKit/oracle/parquet_reader.py`, which knows the specification and nothing of the product.
@Suite struct ParquetFileTests {
    private static let oracle = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("FuzzKit/oracle").path

    /// Compares FILE.parquet with FILE.ndjson, whose columns are the same.
    private static let comparison = """
        import datetime, json, sys
        sys.path.insert(0, sys.argv[1])
        import parquet_reader
        columns, rows = parquet_reader.read(open(sys.argv[2] + ".parquet", "rb").read())
        lines = [json.loads(line, parse_float=str) for line in open(sys.argv[2] + ".ndjson", encoding="utf-8", newline="\\n")]
        assert len(lines) == len(rows), (len(lines), len(rows))
        there = 0
        for line, row in zip(lines, rows):
            assert list(line) == [name for name, _ in columns]
            for (name, kind), value in zip(columns, row):
                want = line[name]
                if want is None or value is None:
                    assert want is value, (name, want, value)
                    continue
                there += 1
                if kind == "timestamp":
                    value = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=value)
                    want = datetime.datetime.fromisoformat(want)
                elif kind == "double":
                    want = float(want)
                elif isinstance(want, (dict, list)) or value != want and value.startswith('"'):
                    value = json.loads(value, parse_float=str)
                elif isinstance(want, str):
                    want = "".join(f"\\\\u{ord(c):04x}" if 0xD800 <= ord(c) < 0xE000 else c for c in want)
                    value = value.lower() if "\\\\u" in want else value
                    want = want.lower() if "\\\\u" in want else want
                assert value == want, (name, want, value)
        print(len(rows), there)
        """

    @Test("every table in Parquet has the values of NDJSON, by a reader that shares nothing with the writer")
    func sameValues() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let tables = ["conversations", "messages", "action_logs"]
                let outputs = tables.map { table in
                    """
                      - { table: \(table), path: \(table).ndjson, compression: none, flatten: [metadata] }
                      - { table: \(table), path: \(table).parquet, format: parquet, flatten: [metadata] }
                    """
                }
                try folder.write(
                    "version: 1\nfilters: { include_deleted: true }\ndestination: out\noutputs:\n"
                        + outputs.joined(separator: "\n"), to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                try folder.write(Self.comparison, to: "compare.py")
                for (table, rows) in zip(tables, [400, 1550, 112]) {
                    let read = try await Command.run(
                        "/usr/bin/python3", ["compare.py", Self.oracle, "out/\(table)"], in: folder, endpoint: nil, key: nil)
                    #expect(read.status == 0, "\(read.testDescription)")
                    #expect(read.output.hasPrefix("\(rows) "))
                }
                let verified = try await Command.run("verify", "p.yml", in: folder, endpoint: endpoint)
                #expect(verified.status == 0, "\(verified.testDescription)")
            }
        }
    }

    @Test("verify finds a file in which one bit was changed")
    func changedBit() async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    "version: 1\ndestination: out\noutputs: [{ format: parquet, compression: none, path: x.parquet }]\n",
                    to: "p.yml")
                #expect(try await Command.run("run", "p.yml", in: folder, endpoint: endpoint).status == 0)
                var file = try folder.read("out/x.parquet")
                file[5000] ^= 1
                try file.write(to: folder.url.appendingPathComponent("out/x.parquet"))
                let outcome = try await Command.run("verify", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 4)
                #expect(outcome.output.contains("x.parquet"))
            }
        }
    }

    @Test("standard output takes one file of Parquet, and several are refused before anything is sent")
    func standardOutput() async throws {
        try await withSampleService { endpoint, service in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    """
                    version: 1
                    window: { from: 2026-03-23, to: 2026-03-25, every: day }
                    destination: out
                    outputs: [{ format: parquet, path: "{date}.parquet" }]
                    """, to: "p.yml")
                let refused = try await Command.run("run", "p.yml", "--stdout", in: folder, endpoint: endpoint)
                #expect(refused.status == 2)
                #expect(refused.output.isEmpty)
                #expect(
                    refused.errors.contains(
                        "--stdout: parquet has one file per window, and the span has 2 windows: narrow it with --from and --to"))
                #expect(service.statistics.requests == 0)
                #expect(try await Command.run("run", "p.yml", "--to", "2026-03-24", in: folder, endpoint: endpoint).status == 0)
                let streamed = try await Command.runScript(
                    "\"$COMMAND\" run p.yml --stdout --to 2026-03-24 > one.parquet", in: folder, endpoint: endpoint)
                #expect(streamed.status == 0, "\(streamed.testDescription)")
                #expect(try folder.read("one.parquet") == folder.read("out/2026-03-23.parquet"))
            }
        }
    }
}
