import ExportCore
import ExportFormats
import Testing

@Suite struct RowReaderTests {
    private static let keys = Manifest.File.KeyColumns(id: "id", startedAt: "started_at")

    /// Reads a content in chunks of a size.
    private func rows(_ reader: any RowReader, _ text: String, chunk: Int) throws -> [WrittenRow] {
        var (reader, rows, bytes) = (reader, [WrittenRow](), Array(text.utf8)[...])
        while !bytes.isEmpty {
            try reader.read(Array(bytes.prefix(chunk)).span) { rows.append($0) }
            bytes = bytes.dropFirst(chunk)
        }
        try reader.finish()
        return rows
    }

    private func csv(_ text: String, _ keys: Manifest.File.KeyColumns = keys, chunk: Int = 1 << 20) throws -> [WrittenRow] {
        try rows(CSVRowReader(keys: keys), text, chunk: chunk)
    }

    private func ndjson(_ text: String, _ keys: Manifest.File.KeyColumns = keys, chunk: Int = 1 << 20) throws -> [WrittenRow] {
        try rows(NDJSONRowReader(keys: keys), text, chunk: chunk)
    }

    private static let instant = Instant(seconds: 1_704_067_200)

    @Test("rows are the same however the content is cut into chunks", arguments: [1, 2, 3, 7, 64, 1000])
    func chunks(size: Int) throws {
        let expected = [WrittenRow(id: 7, startedAt: Self.instant), WrittenRow(id: -8, startedAt: nil), WrittenRow(id: 9)]
        let lines = """
            {"id":7,"name":"a\\nb","started_at":"2024-01-01T00:00:00Z"}
            {"id":"-8","started_at":null}
            {"messages":[{"id":1}],"id":9}

            """
        #expect(try ndjson(lines, chunk: size) == expected)
        for (end, mark) in [("\n", ""), ("\r\n", "\u{FEFF}")] {
            let records = [
                #""id",name,"started_at""#, "7,\"a\(end)\"\"b\"\",\",\"2024-01-01T00:00:00Z\"", "-8,,", "\"9\",\"\",\"\"",
            ]
            #expect(try csv(mark + records.joined(separator: end) + end, chunk: size) == expected)
        }
    }

    @Test("a header may have more columns than any file that is written, and the first of a name counts")
    func wide() throws {
        let others = String(repeating: ",x", count: 150_000)
        let text = "a\(others),id,started_at,id\n1\(others),7,2024-01-01T00:00:00Z,8\n"
        #expect(try csv(text) == [WrittenRow(id: 7, startedAt: Self.instant)])
        let long = String(repeating: "i", count: 70_000)
        #expect(try csv("\(long),b\n5,6\n", .init(id: long)) == [WrittenRow(id: 5)])
    }

    @Test("a header is no row, and a record of one empty field is one")
    func count() throws {
        #expect(try csv("name\n", .init()).isEmpty)
        #expect(try csv("name\n\n\"\"\nx\n", .init()).count == 3)
        #expect(try ndjson("").isEmpty)
    }

    @Test(
        "what is not CSV is refused, with its row",
        arguments: [
            ("", RowReadError.noHeader), ("id,started_at", .noHeader), ("name\n", .noColumn(name: "id")),
            ("id,started_at\n1,2\n3\n", .fields(row: 2, found: 1, expected: 2)),
            ("id,started_at\n1,2,\n", .fields(row: 1, found: 3, expected: 2)), ("id,started_at\n1,2\n3,", .truncated(row: 2)),
            ("id,started_at\n1,\"2\n", .truncated(row: 1)), ("id,started_at\n1,2\r", .truncated(row: 1)),
            ("id,started_at\n\r", .truncated(row: 1)),
            ("id,started_at\n1,a\"b\n", .badlyQuoted(row: 1)), ("id,started_at\n1,\"a\"b\n", .badlyQuoted(row: 1)),
            ("id,started_at\n1,a\rb\n", .badlyQuoted(row: 1)),
        ])
    func badCSV(text: String, error: RowReadError) {
        for chunk in [1, 5, 1000] { #expect(throws: error) { try csv(text, chunk: chunk) } }
    }

    @Test(
        "what is not NDJSON is refused, with its row",
        arguments: [
            ("{}\n[]\n", RowReadError.notAnObject(row: 2)), ("{}\n\n", .notAnObject(row: 2)), ("{}\n{\"a\":1", .truncated(row: 2)),
            ("{}{}\n", .notAnObject(row: 1)), ("{\"a\":\n1}\n", .notAnObject(row: 1)),
        ])
    func badNDJSON(text: String, error: RowReadError) {
        for chunk in [1, 5, 1000] { #expect(throws: error) { try ndjson(text, chunk: chunk) } }
    }
}
