import Foundation
import SampleAPI
import Testing

/// What no service should send: the run ends with the right exit code, in bounded memory, and harms nothing beside its files.
@Suite struct HostileInputTests {
    private static let pipeline = """
        version: 1
        window: { from: 2026-03-23, to: 2026-04-06, every: all }
        fetch: { retries: 1, concurrency: 4 }
        destination: out
        outputs:
          - { path: all.ndjson, compression: none }
          - { format: csv, path: all.csv, compression: none }
        """

    /// A list with these rows, in JSON, each with its own id.
    private static func list(_ rows: [String]) -> CannedResponse {
        CannedResponse(
            body: Array(#"{"count":\#(rows.count),"next":null,"previous":null,"results":[\#(rows.joined(separator: ","))]}"#.utf8))
    }

    private static func row(_ id: Int, _ members: String) -> String {
        #"{"id":\#(id),"conversation_id":"c","started_at":"2026-03-24T00:00:0\#(id).000000Z"\#(members.isEmpty ? "" : ",")\#(members)}"#
    }

    /// Runs against a service that answers every request for a list with this.
    private func run(
        _ answer: CannedResponse, keys: CannedResponse? = nil, in folder: TemporaryFolder,
        script: String = #"exec "$COMMAND" run p.yml -v"#
    ) async throws -> Command.Outcome {
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, route in route == .conversations ? answer : route == .metadataKeys ? keys : nil }
        try folder.write(Self.pipeline, to: "p.yml")
        return try await withSampleService(configuration) { endpoint, _ in
            try await Command.runScript(script, in: folder, endpoint: endpoint)
        }
    }

    /// The command with two gigabytes of addresses, of which it takes a quarter before it begins.
    private static let confined = #"ulimit -v 2000000; exec "$COMMAND" run p.yml"#

    @Test("a body without end is given up at once, pages shrink to a row, and the memory stays bounded")
    func endless() async throws {
        try await TemporaryFolder.with { folder in
            let chunk = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
            let outcome = try await run(CannedResponse(body: chunk, repeats: 8192), in: folder, script: Self.confined)
            #expect(outcome.status == 1, "\(outcome.testDescription)")
            #expect(
                outcome.errors.contains(
                    "a single page is larger than 32 MiB, although it has only one conversation. Raise fetch.page_limit_mib"),
                "\(outcome.testDescription)")
            #expect(try folder.files().keys.sorted() == ["p.yml"])
        }
    }

    @Test("a page may have as much as is set, and no more")
    func pageLimit() async throws {
        let row = Self.row(1, "\"name\":\"\(String(repeating: "x", count: 3 << 20))\"")
        for (limit, status) in [(2, 1), (4, 0)] as [(Int, Int32)] {
            try await TemporaryFolder.with { folder in
                let script = #"exec "$COMMAND" run p.yml --set fetch.page_limit_mib=\#(limit)"#
                let outcome = try await run(Self.list([row]), in: folder, script: script)
                #expect(outcome.status == status, "\(outcome.testDescription.prefix(3000))")
                #expect(outcome.errors.contains("a single page is larger than 2 MiB") == (limit == 2))
            }
        }
    }

    @Test("ten kilobytes that inflate to ten megabytes, a thousand times over, are refused, and the memory stays bounded")
    func bomb() async throws {
        try await TemporaryFolder.with { folder in
            _ = try await Command.runScript("head -c 10000000 /dev/zero | gzip -9 > member", in: folder)
            let member = try Array(folder.read("member"))
            #expect((1...20_000).contains(member.count))
            let headers = ["Content-Type": "application/json", "Content-Encoding": "gzip"]
            let outcome = try await run(
                CannedResponse(headers: headers, body: member, repeats: 1000), in: folder, script: Self.confined)
            #expect(outcome.status == 1, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("a single page is larger than 32 MiB"), "\(outcome.testDescription)")
            #expect(try folder.files().keys.sorted() == ["member", "p.yml"])
        }
    }

    @Test(
        "what is no JSON, or no row, is named for what it is, and nothing is written",
        arguments: [
            (
                "deep", "the page is not JSON: more than 512 levels of nesting at byte 643",
                list([row(1, #""metadata":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000))])
            ),
            (
                "deep objects", "the page is not JSON: more than 512 levels of nesting at byte 2672",
                list([row(1, #""a":"# + String(repeating: #"{"a":"#, count: 100_000))])
            ),
            (
                "an id of a megabyte", "a row without an integer id",
                list([#"{"id":\#(String(repeating: "9", count: 1 << 20)),"started_at":"2026-03-24T00:00:00Z"}"#])
            ),
            ("an id that is text", "a row without an integer id", list([#"{"id":"1","started_at":"2026-03-24T00:00:00Z"}"#])),
            ("a start that is no time", "a row whose started_at is not a date-time", list([#"{"id":1,"started_at":"yesterday"}"#])),
            (
                "a NUL byte", "the page is not JSON: a control character inside a string at byte 132",
                list([row(1, "\"name\":\"a\u{0}b\"")])
            ),
            (
                "a line feed in a string", "the page is not JSON: a control character inside a string at byte 132",
                list([row(1, "\"name\":\"a\nb\"")])
            ),
            (
                "bytes that are no UTF-8", "the page is not JSON: bytes that are not UTF-8 at byte 51",
                CannedResponse(body: Array(list([]).body.dropLast(2)) + [0x22, 0xFF, 0x22, 0x5D, 0x7D])
            ),
            ("a number for a row", "row 1 of the page's \"results\" is not an object", list(["1"])),
            (
                "a list without a count", "a list without a count",
                CannedResponse(body: Array(#"{"next":null,"results":[\#(row(1, ""))]}"#.utf8))
            ),
            (
                "a count and no rows", "a count of 3 but no rows",
                CannedResponse(body: Array(#"{"count":3,"next":null,"results":[]}"#.utf8))
            ),
            (
                "a negative count", "the page's \"count\" is neither a whole number of 0 or more nor null",
                CannedResponse(body: Array(#"{"count":-1,"next":null,"results":[]}"#.utf8))
            ),
            (
                "a count too large", "the page's \"count\" is neither a whole number of 0 or more nor null",
                CannedResponse(body: Array(#"{"count":99999999999999999999,"next":null,"results":[]}"#.utf8))
            ),
            (
                "an implausibly large count", "an implausibly large count",
                CannedResponse(body: Array(#"{"count":9223372036854775807,"next":null,"results":[\#(row(1, ""))]}"#.utf8))
            ),
            (
                "gzip that is none", "the compressed data is corrupt",
                CannedResponse(headers: ["Content-Encoding": "gzip"], body: Array("{}".utf8))
            ),
        ])
    func unusable(name: String, words: String, answer: CannedResponse) async throws {
        try await TemporaryFolder.with { folder in
            let outcome = try await run(answer, in: folder)
            #expect(outcome.status == 1, "\(outcome.testDescription)")
            let told = "an unusable response (\(words))"
            #expect(outcome.errors.contains(told), "\(name): \(outcome.testDescription)")
            #expect(outcome.errors.utf8.count < 5000)
            #expect(try folder.files().keys.sorted() == ["p.yml"])
        }
    }

    @Test("odd rows are written as they came, and neither keys nor values leave their files")
    func odd() async throws {
        let escape = #"\u001b[31mred\u0007\u009b2J\u202e"#
        let rows = [
            Self.row(
                1,
                #""name":"\ud800","customer_id":"\u0000","metadata":{"a":1,"a":2,"__proto__":{"x":1},"../x":"../../etc/passwd","":"empty"}"#
            ),
            Self.row(2, #""name":"\#(escape)","metadata":{"\#(escape)":1,"two\nlines\r\u2028":"error: all is lost"}"#),
            Self.row(3, #""name":"=1+1","metadata":{"big":\#(String(repeating: "7", count: 1 << 20)),"=cmd|' /C calc'!A0":true}"#),
            Self.row(4, #""conversation_id":"../../../tmp/x","metadata":null"#),
        ]
        try await TemporaryFolder.with { folder in
            // Known keys, so that those of the rows are news that is told.
            let outcome = try await run(Self.list(rows), keys: CannedResponse(body: Array(#"{"keys":["tier"]}"#.utf8)), in: folder)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(try String(decoding: folder.read("out/all.ndjson"), as: UTF8.self) == rows.map { $0 + "\n" }.joined())
            #expect(outcome.errors.contains("new keys"), "\(outcome.testDescription)")
            #expect(!outcome.errors.contains("\nlines"))
            for scalar in outcome.errors.unicodeScalars where scalar != "\n" {
                #expect(![.control, .format, .lineSeparator].contains(scalar.properties.generalCategory), "\(scalar.value)")
            }
            let files = try folder.files().keys.filter { !$0.hasPrefix("out/_agentsight/") }.sorted()
            #expect(files == ["out/all.csv", "out/all.ndjson", "p.yml"])
            #expect(
                try String(decoding: folder.read("out/all.csv"), as: UTF8.self).contains(String(repeating: "7", count: 1 << 20)))
        }
    }

    @Test("a deleted row that was not asked for ends the run, and names the filter that was not honoured")
    func deleted() async throws {
        try await TemporaryFolder.with { folder in
            let rows = [Self.row(1, #""is_deleted":false"#), Self.row(2, #""is_deleted":true"#)]
            let outcome = try await run(Self.list(rows), in: folder)
            #expect(outcome.status == 1, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("did not apply “include_deleted"), "\(outcome.testDescription)")
            #expect(try folder.files().keys.sorted() == ["p.yml"])
        }
    }

    @Test("ten thousand metadata keys of one window are ten thousand columns")
    func manyKeys() async throws {
        let members = (0..<10_000).map { #""key\#($0)":\#($0)"# }.joined(separator: ",")
        try await TemporaryFolder.with { folder in
            let outcome = try await run(
                Self.list([Self.row(1, #""metadata":{\#(members)}"#), Self.row(2, #""metadata":{}"#)]),
                keys: CannedResponse(status: 404, body: []), in: folder)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            let lines = try String(decoding: folder.read("out/all.csv"), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines[0].contains("metadata__key9999"))
            #expect(lines[1].contains(",9999"))
        }
    }

    @Test("of more keys than can be columns the others are in the rest, which is told once, and verify reads what was written")
    func tooManyKeys() async throws {
        let keys = (0..<30_000).map { "key\(10_000 + $0)" }
        let long = String(repeating: "long", count: 1000)
        func members(_ keys: some Sequence<String>) -> String { keys.map { #""\#($0)":7"# }.joined(separator: ",") }
        let rows = [
            Self.row(1, #""metadata":{\#(members(keys.reversed()))}"#),
            Self.row(2, #""metadata":{\#(members([long, "key10000"]))}"#),
        ]
        for list in [rows, rows.reversed()] {
            try await TemporaryFolder.with { folder in
                let script = #"""
                    "$COMMAND" run p.yml || exit; "$COMMAND" run p.yml --force || exit
                    "$COMMAND" verify p.yml || exit; exec "$COMMAND" run p.yml -q --set destination=new
                    """#
                let outcome = try await run(
                    Self.list(list), keys: CannedResponse(status: 404, body: []), in: folder, script: script)
                #expect(outcome.status == 0, "\(outcome.testDescription)")
                let told =
                    "p, window all: more keys of conversations than the limit for columns (10000 and 512 KiB of names per table): "
                    + "the values of the others are in the rest"
                #expect(outcome.errors.components(separatedBy: told).count == 4, "\(outcome.testDescription)")
                for file in ["out", "new"] {
                    let lines = try String(decoding: folder.read("\(file)/all.csv"), as: UTF8.self).split(separator: "\n")
                    #expect(lines.count == 3)
                    let names = lines[0].split(separator: ",")
                    #expect(names.filter { $0.hasPrefix("metadata__key") }.count == 10_000)
                    #expect(names.contains("metadata__key10000") && names.contains("metadata__key19999"))
                    #expect(lines[1].contains(#"{""key39999"":7,"#) && lines[1].contains(#",""key20000"":7}"#))
                    #expect(lines[2].contains(#""{""\#(long)"":7}""#))
                }
            }
        }
    }

    @Test(
        "a pipeline's name cannot lead a path out of its destination",
        arguments: [#""../../x""#, #""a/b""#, #""..""#, #""a\u0000b""#, #""\u001b[31m""#])
    func pipelineName(name: String) async throws {
        try await withSampleService { endpoint, _ in
            try await TemporaryFolder.with { folder in
                try folder.write(
                    #"{ version: 1, name: \#(name), destination: deep/er/out, outputs: [{ path: "{pipeline}/x.ndjson.gz" }] }"#,
                    to: "p.yml")
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect([0, 2].contains(outcome.status), "\(outcome.testDescription)")
                #expect(try folder.files().keys.allSatisfy { $0 == "p.yml" || $0.hasPrefix("deep/er/out/") })
                #expect(!outcome.errors.contains("\u{1B}"))
            }
        }
    }

    @Test("words of the service are shown in one line, without the key or any part of it, and rule no terminal")
    func words() async throws {
        // The key stands where the words are cut.
        for filler in [250, 280, 295] {
            let words = #"\u001b[2J\n\u202e\u009b"# + String(repeating: "x", count: filler) + Sample.key
            try await TemporaryFolder.with { folder in
                let outcome = try await run(CannedResponse(status: 400, body: Array(#"{"device":["\#(words)"]}"#.utf8)), in: folder)
                #expect(outcome.status == 1, "\(outcome.testDescription)")
                #expect(!outcome.errors.contains(Sample.key.prefix(6)), "\(outcome.testDescription)")
                #expect(!outcome.errors.unicodeScalars.contains { "\u{1B}\u{9B}\u{202E}".unicodeScalars.contains($0) })
                #expect(outcome.errors.contains("400, “device:"), "\(outcome.testDescription)")
            }
        }
    }

    @Test("probe shows what the service says of itself in a line each, and rules no terminal")
    func probe() async throws {
        let me =
            #"{"agent_id":7,"agent_name":"a\u001b[2J\nordering  forged\u202e\u009b","role":"r","environments":[{"id":1,"slug":"p\u001b]0;x\u0007\n\u0301y"}]}"#
        var configuration = SampleService.Configuration()
        configuration.cannedResponse = { _, route in route == .me ? CannedResponse(body: Array(me.utf8)) : nil }
        try await withSampleService(configuration) { endpoint, _ in
            try await TemporaryFolder.with { folder in
                let plain = try await Command.run("probe", in: folder, endpoint: endpoint)
                #expect(
                    plain.status == 0 && plain.output.contains("a\u{FFFD}[2J\u{FFFD}ordering  forged"), "\(plain.testDescription)")
                #expect(plain.output.unicodeScalars.count { $0 == "\n" } == 18, "\(plain.testDescription)")
                let json = try await Command.run("probe", "--format", "json", in: folder, endpoint: endpoint)
                for text in [plain.output, json.output] {
                    #expect(
                        !text.unicodeScalars.contains { "\u{1B}\u{7}\u{9B}".unicodeScalars.contains($0) },
                        "\(text.debugDescription)")
                }
                #expect(
                    json.output.contains(#"forged\u202e\u009b"#) || json.output.contains("forged\u{202E}\\u009b"), "\(json.output)")
            }
        }
    }

    @Test("keys of metadata that are commands, escapes and line breaks are names in the statements, and rule no terminal")
    func statements() async throws {
        let metadata = #""metadata":{"\"\u0301\\! touch x":1,"a\u001b[2J\nb":"x","\u00e9":[],"e\u0301":[2]}"#
        try await TemporaryFolder.with { folder in
            let made = Self.list([Self.row(1, metadata)])
            let outcome = try await run(made, in: folder)
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            for system in ["postgres", "duckdb", "clickhouse", "bigquery", "snowflake", "redshift"] {
                for load in [[], ["--load", "--files-at", "x"]] {
                    let arguments = ["schema", "p.yml", "--for", system, "--output", "2"] + load
                    let schema = try await Command.run(arguments, in: folder, endpoint: nil, key: nil)
                    #expect(schema.status == 0, "\(schema.testDescription)")
                    #expect(!schema.output.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
                    #expect(
                        !schema.output.unicodeScalars.split(separator: "\n").contains { $0.starts(with: "\\! ".unicodeScalars) })
                }
            }
            let definitions = try await Command.run("schema", "p.yml", "--for", "postgres", "--output", "2", in: folder).output
            #expect(definitions.utf8.firstRange(of: "\"metadata__\"\"\u{301}\\! touch x\" bigint".utf8) != nil, "\(definitions)")
        }
    }

    @Test("values that do not fit two columns whose names only look alike are counted, and end no run")
    func lookalikes() async throws {
        try await TemporaryFolder.with { folder in
            let rows = [(1, "1"), (2, "\"x\"")].map { Self.row($0.0, #""metadata":{"\u00e9":\#($0.1),"e\u0301":\#($0.1)}"#) }
            var configuration = SampleService.Configuration()
            configuration.cannedResponse = { _, route in route == .conversations ? Self.list(rows) : nil }
            let columns =
                "[{name: e, path: id, type: integer}, id, started_at, {name: \"\\u00e9\", path: \"metadata.\\u00e9\", type: integer}, "
                + "{name: \"e\\u0301\", path: \"metadata.e\\u0301\", type: integer}]"
            try folder.write(
                """
                version: 1
                window: { from: 2026-03-23, to: 2026-04-06, every: all }
                destination: out
                outputs: [{ format: csv, path: all.csv, compression: none, columns: \(columns) }]
                """, to: "p.yml")
            try await withSampleService(configuration) { endpoint, _ in
                let outcome = try await Command.run("run", "p.yml", in: folder, endpoint: endpoint)
                #expect(outcome.status == 0 && outcome.errors.contains("2 values did not fit"), "\(outcome.testDescription)")
                let table = String(decoding: try folder.read("out/all.csv"), as: UTF8.self)
                let header = table.utf8.prefix { $0 != 0x0A }
                #expect(header.elementsEqual("e,id,started_at,\"\u{E9}\",\"e\u{301}\"".utf8), "\(table)")
            }
        }
    }

    @Test(
        "lists that are none end the run with their name, and no window is written without their rows",
        arguments: ["messages", "feedbacks"], ["{}", #""none""#, "null"])
    func noList(field: String, value: String) async throws {
        try await TemporaryFolder.with { folder in
            let outcome = try await run(Self.list([Self.row(1, #""\#(field)":\#(value)"#)]), in: folder)
            #expect(outcome.status == 1, "\(outcome.testDescription)")
            #expect(outcome.errors.contains("a row on page 1 whose \(field) is not a list"), "\(outcome.testDescription)")
            #expect(try folder.files().keys.sorted() == ["p.yml"])
        }
    }

    @Test("a list of a message that is none ends the run where its table is written, and is passed through where it is not")
    func noNestedList() async throws {
        try await TemporaryFolder.with { folder in
            let row = Self.row(1, #""messages":[{"id":1,"action_logs":null}],"feedbacks":[]"#)
            let script = #"exec "$COMMAND" run p.yml --set outputs.1.table=action_logs"#
            let refused = try await run(Self.list([row]), in: folder, script: script)
            #expect(refused.status == 1, "\(refused.testDescription)")
            #expect(refused.errors.contains("action_logs in a row is not a list"), "\(refused.testDescription)")
            #expect(try folder.files().keys.filter { $0.hasPrefix("out/all") }.isEmpty)
            #expect(try await run(Self.list([row]), in: folder).status == 0)
            #expect(try String(decoding: folder.read("out/all.ndjson"), as: UTF8.self) == row + "\n")
        }
    }
}
