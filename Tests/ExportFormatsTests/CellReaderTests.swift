import ExportCore
import ExportFormats
import Testing

@Suite struct CellReaderTests {
    private static let columns = [
        CellColumn(name: "id", type: .integer), CellColumn(name: "text", type: .string), CellColumn(name: "json", type: .json),
        CellColumn(name: "number", type: .number),
    ]

    /// The cells of each row, read in chunks of so many bytes.
    private func cells(_ content: String, _ format: Output.Format, chunk: Int) throws -> (rows: [[String?]], replaced: Int) {
        var reader = try #require(format.cellReader(Self.columns, replacing: true))
        var (rows, replaced): ([[String?]], Int) = ([], 0)
        let bytes = Array(content.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try reader.read(Array(bytes[start..<min(start + chunk, bytes.count)]).span) { row in
                rows.append(Self.columns.indices.map(row.text))
                replaced += row.replacedCharacters
            }
        }
        try reader.finish()
        return (rows, replaced)
    }

    @Test("cells of NDJSON are strings decoded, JSON as it stands, and null where a key is missing", arguments: [1, 7, 1000])
    func ndjson(_ chunk: Int) throws {
        let content = #"""
            {"id":1,"text":"a\nb\"c","json":{"k":[1.50,null]},"number":1e3}
            {"text":[1,"x"],"id":18446744073709551616,"json":"s","other":1}
            {"id":2,"text":"first","text":"second","json":null,"number":-0.10}
            {"id":3,"text":"\u006f\ud83d\ude00\ud800"}

            """#
        let found = try cells(content, .ndjson, chunk: chunk)
        #expect(
            found.rows == [
                ["1", "a\nb\"c", #"{"k":[1.50,null]}"#, "1e3"], ["18446744073709551616", #"[1,"x"]"#, #""s""#, nil],
                ["2", "second", nil, "-0.10"], ["3", #"o😀\ud800"#, nil, nil],
            ])
        #expect(found.replaced == 0)
    }

    @Test("cells of CSV are null where a field is empty, and the empty string where it is in quotes", arguments: [1, 5, 1000])
    func csv(_ chunk: Int) throws {
        let content = "text,id,skipped,json\n\"a,\"\"b\"\"\nc\",1,x,\"{\"\"k\"\":1}\"\n\"\",2,,\nplain,3,y,\n"
        let found = try cells(content, .csv, chunk: chunk)
        #expect(found.rows == [["1", "a,\"b\"\nc", #"{"k":1}"#, nil], ["2", "", nil, nil], ["3", "plain", nil, nil]])
    }

    @Test("characters that a database cannot hold become U+FFFD and are counted")
    func replaced() throws {
        let content = #"{"id":1,"text":"a\u0000b\ud800","json":["\u0000","\\u0000","\ud83d\ude00","\ud800x","\udc00"]}"# + "\n"
        let found = try cells(content, .ndjson, chunk: 1000)
        #expect(found.rows == [["1", "a\u{FFFD}b\\ud800", #"["\ufffd","\\u0000","\ud83d\ude00","\ufffdx","\ufffd"]"#, nil]])
        #expect(found.replaced == 4)
        let csv = try cells("id,text,json\n1,\"a\0b\",\"[\"\"\\u0000\"\"]\"\n", .csv, chunk: 3)
        #expect(csv.rows == [["1", "a\u{FFFD}b", #"["\ufffd"]"#, nil]])
        #expect(csv.replaced == 2)
    }

    @Test("content that is cut off, or no rows, is refused")
    func broken() {
        #expect(throws: RowReadError.truncated(row: 2)) { try cells("{\"id\":1}\n{\"id\":2}", .ndjson, chunk: 4) }
        #expect(throws: RowReadError.notAnObject(row: 1)) { try cells("[1]\n", .ndjson, chunk: 4) }
        #expect(throws: RowReadError.noHeader) { try cells("", .csv, chunk: 4) }
        #expect(throws: RowReadError.fields(row: 1, found: 1, expected: 2)) { try cells("id,text\n1\n", .csv, chunk: 4) }
        #expect(throws: RowReadError.badlyQuoted(row: 1)) { try cells("id,text\n1,a\"b\n", .csv, chunk: 4) }
        #expect(throws: RowReadError.truncated(row: 1)) { try cells("id,text\n1,\"a", .csv, chunk: 4) }
    }

    @Test("a row of COPY is one line that neither ends the data nor commands the client")
    func copy() throws {
        let message = "x\n\\.\n\\! touch pwned\r\tend"
        var reader = try #require(Output.Format.csv.cellReader(Self.columns, replacing: true))
        var output: [UInt8] = []
        try reader.read(Array("id,text\n7,\"\(message)\"\n".utf8).span) { CopyText.append($0, after: -5, to: &output) }
        #expect(String(decoding: output, as: UTF8.self) == #"-5\#t7\#tx\n\\.\n\\! touch pwned\r\tend\#t\N\#t\N"# + "\n")
    }
}
