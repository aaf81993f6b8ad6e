import ExportCore
import ExportFormats
import Testing

@Suite("A value that does not fit its column is in the rest")
struct MisfitTests {
    @Test(
        "values are of the kinds that a column holds without loss",
        arguments: [
            ("null", []), ("true", .boolean), (#""x""#, .string), ("[]", .json), ("{}", .json), ("0", .shortInteger),
            ("-0", .floating), ("123456789012345", .shortInteger), ("1234567890123456", .integer),
            ("9223372036854775807", .integer), ("-9223372036854775808", .integer), ("9223372036854775808", .decimal),
            ("18446744073709551617", .decimal), (String(repeating: "9", count: 38), .decimal),
            (String(repeating: "9", count: 39), .hugeNumber), ("0.1", .number), ("1.0", .number), ("100.00", .number),
            ("0.30000000000000004", .number), ("0.1234567890123456789", .decimal), ("1e5", .floating), ("1E400", .hugeNumber),
            ("1e-400", .hugeNumber), ("0.\(String(repeating: "0", count: 38))1", .floating), ("2.5e-7", .floating),
            ("0.1234567890123456789e3", .hugeNumber),
        ] as [(String, ValueKinds)])
    func kinds(value: String, expected: ValueKinds) {
        let bytes = Array(value.utf8)
        #expect(JSONText.kinds(bytes.span, 0..<bytes.count) == expected)
    }

    private func line(_ value: String, _ type: ColumnType) throws -> (ndjson: String, csv: String, misfits: Int) {
        let layout = try TableLayout([.every(path: ["m"])], known: [.init(path: ["m", "a"], type: type)])
        let row = Array(#"{"m":{"a":\#(value)}}"#.utf8)
        var (ndjson, csv): ([UInt8], [UInt8]) = ([], [])
        var (first, second) = (ColumnTally(), ColumnTally())
        try NDJSONEncoder(layout: layout).append(row: row.span, to: &ndjson, tally: &first)
        try CSVEncoder(layout: layout, dialect: .warehouse).append(row: row.span, to: &csv, tally: &second)
        #expect(first == second && first.misfits.keys.allSatisfy { $0 == 0 })
        return (
            String(decoding: ndjson.dropLast(), as: UTF8.self), String(decoding: csv.dropLast(), as: UTF8.self),
            first.misfits[0] ?? 0
        )
    }

    @Test(
        "what fits stands in its column, numbers of long decimals as text",
        arguments: [
            ("12", .integer, "12", "12"), ("12", .number, "12", "12"), ("1.5", .number, "1.5", "1.5"),
            ("true", .boolean, "true", "true"),
            ("12345678901234567890", .decimal, #""12345678901234567890""#, "12345678901234567890"),
            ("7", .string, #""7""#, "7"), (#""a""#, .string, #""a""#, "a"), ("\"\"", .string, "\"\"", "\"\""),
            (#"["a",1]"#, .json, #"["a",1]"#, #""[""a"",1]""#), ("[1]", .string, "[1]", "[1]"),
            (
                #""2026-01-01T00:00:00Z""#, .timestamp, #""2026-01-01T00:00:00Z""#, "2026-01-01T00:00:00Z"
            ),
        ] as [(String, ColumnType, String, String)])
    func fits(value: String, type: ColumnType, ndjson: String, csv: String) throws {
        let line = try line(value, type)
        #expect(line.ndjson == #"{"m__a":\#(ndjson),"m__rest":null}"# && line.misfits == 0)
        #expect(line.csv == csv + ",")
    }

    @Test(
        "what does not fit is null there, whole in the rest, and counted",
        arguments: [
            (#""x""#, .integer), ("1.5", .integer), ("9223372036854775808", .integer), ("true", .integer), ("[1]", .integer),
            (#""1.5""#, .number), ("12345678901234567", .number), ("0", .boolean), (#""true""#, .boolean), ("1e400", .decimal),
            (#""12""#, .decimal), ("5", .timestamp), (#""yesterday""#, .timestamp), (#""2026-01-01T00:00:00""#, .timestamp),
        ] as [(String, ColumnType)])
    func misfits(value: String, type: ColumnType) throws {
        let line = try line(value, type)
        #expect(line.ndjson == #"{"m__a":null,"m__rest":{"a":\#(value)}}"# && line.misfits == 1)
        let rest = #"{"a":\#(value)}"#.replacing("\"", with: "\"\"")
        #expect(line.csv == ",\"\(rest)\"")
    }

    @Test("null fits every column", arguments: ColumnType.allCases)
    func null(type: ColumnType) throws {
        let line = try line("null", type)
        #expect(line.ndjson == #"{"m__a":null,"m__rest":null}"# && line.csv == "," && line.misfits == 0)
    }

    @Test(
        "a declared decimal takes the strings that decimals come as",
        arguments: [#""0.005267""#, #""-12""#, "3.50", #""\u002d1\u002E5""#])
    func declaredDecimal(value: String) throws {
        let layout = try TableLayout([.column(Column(name: "cost", path: ["c"], type: .decimal)), .rest], fields: ["c"])
        #expect(try NDJSONEncoder(layout: layout).line(#"{"c":\#(value)}"#).hasSuffix(#""rest":null}"# + "\n"))
        #expect(try NDJSONEncoder(layout: layout).line(#"{"c":"€ 5"}"#) == #"{"cost":null,"rest":{"c":"€ 5"}}"# + "\n")
    }

    @Test("a value that one of two columns holds is in that one, and in no rest")
    func two() throws {
        let layout = try TableLayout([
            .column(Column(name: "n", path: ["m", "a"], type: .integer)),
            .column(Column(name: "s", path: ["m", "a"], type: .string)),
            .every(path: ["m"]),
        ])
        #expect(try NDJSONEncoder(layout: layout).line(#"{"m":{"a":"x"}}"#) == #"{"n":null,"s":"x","m__rest":null}"# + "\n")
    }
}
