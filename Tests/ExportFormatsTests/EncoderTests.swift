import ExportCore
import ExportFormats
import TestSupport
import Testing

private func layout(_ columns: [Column]) throws -> TableLayout {
    try TableLayout(columns.map(ColumnSelector.column))
}

@Suite("Rows are written as NDJSON")
struct NDJSONEncoderTests {
    @Test("without columns a row is its own bytes and a line feed")
    func raw() throws {
        let row = #"{"id":12345678901234567890,"x":1e-7,"\u0061":"\/\ud800"}"#
        #expect(try NDJSONEncoder().file([row, "{}"]) == row + "\n{}\n")
    }

    @Test("with columns a row is an object of them in their order; values keep every byte")
    func columns() throws {
        let encoder = NDJSONEncoder(
            layout: try layout([Column(path: ["b"]), Column(name: "q\"\n", path: ["a", "x"]), Column(path: ["none"])]))
        #expect(
            try encoder.line(#"{"a":{"x":1.10,"y":2},"b":"\u010d"}"#) == #"{"b":"\u010d","q\"\u000a":1.10,"none":null}"# + "\n")
    }

    @Test(
        "a column of strings makes strings of numbers and booleans, and of nothing else",
        arguments: [
            ("12", #""12""#), ("-1.50e3", #""-1.50e3""#), ("true", #""true""#), ("null", "null"), (#""a""#, #""a""#),
            ("[1]", "[1]"),
        ])
    func strings(value: String, expected: String) throws {
        let encoder = NDJSONEncoder(layout: try layout([Column(path: ["a"], type: .string)]))
        #expect(try encoder.line(#"{"a":\#(value)}"#) == "{\"a\":\(expected)}\n")
    }

    @Test("what is no object is refused, in both formats", arguments: ["", "[]", "1", "{"])
    func notAnObject(row: String) throws {
        let csv = CSVEncoder(layout: try layout([Column(path: ["a"])]), dialect: .warehouse)
        #expect(throws: RowError.notAnObject) { try NDJSONEncoder().line(row) }
        #expect(throws: RowError.notAnObject) { try csv.line(row) }
    }
}

@Suite("Rows are written as CSV")
struct CSVEncoderTests {
    private func record(_ value: String, type: ColumnType? = nil, _ dialect: Output.Dialect = .warehouse) throws -> String {
        try CSVEncoder(layout: layout([Column(path: ["a"], type: type), Column(path: ["z"])]), dialect: dialect)
            .line(#"{"a":\#(value),"z":0}"#)
    }

    @Test(
        "a field holds the value as a warehouse reads it",
        arguments: [
            ("null", ""), (#""""#, #""""#), (#""plain text""#, "plain text"), (#"" padded ""#, #"" padded ""#),
            (#""a,b""#, #""a,b""#),
            (#""say \"hi\"""#, #""say ""hi""""#), (#""\"""#, #""""""#), (#""two\nlines""#, "\"two\nlines\""), (#""\r""#, "\"\r\""),
            (#""tab\tčć\ud83d\ude00""#, "\"tab\tčć😀\""), (#""\ud800""#, #"\ud800"#), (#""a\u0000b""#, "\"a\u{0}b\""),
            ("12345678901234567890", "12345678901234567890"),
            ("1e-7", "1e-7"), ("-0.50", "-0.50"), ("true", "true"), ("false", "false"), ("{}", "{}"), ("[]", "[]"), ("[1]", "[1]"),
            ("[1,2]", #""[1,2]""#), (#"{"k":"v\n"}"#, #""{""k"":""v\n""}""#), (#""'quoted'""#, "'quoted'"), (#""=1+1""#, "=1+1"),
            (#""0123456789abcdef,""#, #""0123456789abcdef,""#), (#""null""#, "null"),
        ])
    func fields(value: String, expected: String) throws {
        #expect(try record(value) == expected + ",0\n")
        #expect(try record(value, type: .string) == expected + ",0\n")
    }

    @Test("what needs quotes is seen wherever it stands", arguments: [",", "\"", "\n", "\r", "\u{B}", "é", "\u{2028}"], 0..<40)
    func quotes(special: String, place: Int) throws {
        let (before, after) = (String(repeating: "a", count: place), String(repeating: "b", count: 39 - place))
        let escaped = ["\"": #"\""#, "\n": #"\n"#, "\r": #"\r"#, "\u{B}": #"\u000b"#][special] ?? special
        let doubled = special == "\"" ? "\"\"" : special
        #expect(try record("\"\(before)\(escaped)\(after)\"") == "\"\(before)\(doubled)\(after)\",0\n")
    }

    @Test(
        "a column of JSON keeps strings as JSON text",
        arguments: [(#""a""#, #""""a""""#), (#""""#, #""""""""#), ("1", "1"), ("null", ""), ("{}", "{}")])
    func json(value: String, expected: String) throws {
        let expected = value == #""""# ? "\"\"\"\"\"\"" : expected
        #expect(try record(value, type: .json) == expected + ",0\n")
    }

    @Test("a rest is JSON text, also where it is a lone string, and empty where nothing is left")
    func rest() throws {
        let encoder = CSVEncoder(
            layout: try TableLayout([.every(path: ["m"])], known: [.init(path: ["m", "k"])]), dialect: .warehouse)
        #expect(
            try encoder.file([#"{"m":{"k":1,"x":"a"}}"#, #"{"m":"text"}"#, #"{"m":{"k":2}}"#, #"{"m":{}}"#])
                == "m__k,m__rest\n1,\"{\"\"x\"\":\"\"a\"\"}\"\n,\"\"\"text\"\"\"\n2,\n,{}\n")
    }

    @Test("the header is quoted where it has to be")
    func header() throws {
        let columns = [Column(name: "a,b", path: ["a"]), Column(name: "=x", path: ["b"]), Column(name: "q\"", path: ["c"])]
        #expect(try CSVEncoder(layout: layout(columns), dialect: .warehouse).file([]) == "\"a,b\",=x,\"q\"\"\"\n")
        #expect(
            Array(try CSVEncoder(layout: layout(columns), dialect: .spreadsheet).file([]).utf8)
                == Array("\u{FEFF}\"a,b\",'=x,\"q\"\"\"\r\n".utf8))
    }

    /// OWASP, "CSV Injection".
    @Test(
        "text that a spreadsheet would run is made inert, and numbers are left alone",
        arguments: [
            (#""=1+1""#, "'=1+1"), (#""+cmd""#, "'+cmd"), (#""-cmd""#, "'-cmd"), (#""@sum""#, "'@sum"), (#""\tx""#, "\"'\tx\""),
            (#""\rx""#, "\"'\rx\""), (#""\nx""#, "\"'\nx\""), (#""＝1""#, "\"'＝1\""), (#""＋1""#, "\"'＋1\""), (#""－1""#, "\"'－1\""),
            (#""＠1""#, "\"'＠1\""),
            (#""\u003d1""#, "'=1"), (#""=A(1,2)""#, #""'=A(1,2)""#), (#""=\"x\"""#, #""'=""x""""#), (#""-""#, "'-"),
            (#""+""#, "'+"),
            (#""-12.5""#, "-12.5"), (#""+3e4""#, "+3e4"), (#""-.5""#, "-.5"), (#""+385911234567""#, "+385911234567"),
            (#""-5.""#, "-5."),
            (#""-1e""#, "'-1e"), (#""-1e+""#, "'-1e+"), (#""-.""#, "'-."), (#""-1-1""#, "'-1-1"), (#""+1+A1""#, "'+1+A1"),
            (#""--1""#, "'--1"),
            (#""-1 ""#, "\"'-1 \""), (#""-1,5""#, #""'-1,5""#), (#""=""#, "'="), (#""@1""#, "'@1"), (#""a=1""#, "a=1"),
            (#""""#, #""""#),
            ("-12.5", "-12.5"), ("-1e5", "-1e5"), ("null", ""), (#"["=1"]"#, #""[""=1""]""#), (#""ｆull""#, "\"ｆull\""),
            (#""！""#, "\"！\""),
        ])
    func spreadsheet(value: String, expected: String) throws {
        #expect(Array(try record(value, .spreadsheet).utf8) == Array((expected + ",0\r\n").utf8))
    }

    @Test(
        "a value that a cell of a spreadsheet does not hold is cut between characters, marked and counted; a warehouse has it whole",
        arguments: ["x", "é", "字", "😀", "e\u{301}"])
    func cut(unit: String) throws {
        let encoder = CSVEncoder(layout: try layout([Column(path: ["a"], type: .string)]), dialect: .spreadsheet)
        func cell(_ text: [UInt8], by encoder: CSVEncoder) throws -> (text: [UInt8], cuts: [Int: Int]) {
            var (output, tally): ([UInt8], ColumnTally) = ([], ColumnTally())
            try encoder.append(row: (Array(#"{"a":""#.utf8) + text + Array(#""}"#.utf8)).span, to: &output, tally: &tally)
            let record = CSVReader.records(in: String(decoding: output, as: UTF8.self))
            return (Array((record[0][0] ?? "").utf8), tally.cuts)
        }
        let units = unit.utf16.count
        let whole = Array(repeatElement(Array(unit.utf8), count: 32_767 / units).joined())
        let found = try cell(whole, by: encoder)
        #expect(found.text == whole && found.cuts == [:])
        let long = try cell(whole + Array(unit.utf8) + [0x78], by: encoder)
        #expect(long.cuts == [0: 1])
        let mark = Array("… [cut]".utf8)
        #expect(long.text.suffix(mark.count) == mark[...])
        let kept = long.text.dropLast(mark.count)
        #expect(whole.starts(with: kept) && (whole.count - kept.count) / unit.utf8.count * units <= 8)
        #expect(String(validating: kept, as: UTF8.self) != nil)
        let both = try cell(whole + whole, by: CSVEncoder(layout: layout([Column(path: ["a"])]), dialect: .warehouse))
        #expect(both.text == whole + whole && both.cuts == [:])
    }
}
