import ExportFormats
import TestSupport
import Testing

@Suite("Validated JSON is read in place")
struct JSONTextTests {
    @Test(
        "integers are read to the last one that fits, and nothing else is one",
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil), ("1.0", nil), ("1e2", nil),
            (#""1""#, nil), ("null", nil), ("true", nil), ("[1]", nil),
        ] as [(String, Int64?)])
    func integers(text: String, expected: Int64?) {
        #expect(Read.int64(text) == expected)
    }

    @Test(
        "strings are decoded; the escape of an unpaired surrogate stays as it is written",
        arguments: [
            (#""""#, ""), (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u010d\u010D""#, "čč"),
            (#""\ud83d\ude00""#, "😀"), (#""\uD83D\uDE00!""#, "😀!"), (#""a\u0000b""#, "a\u{0}b"), (#""\ud800""#, #"\ud800"#),
            (#""\uDC00x""#, #"\uDC00x"#), (#""\ud83d\u0041""#, #"\ud83dA"#), (#""\ud83d\ud83d\ude00""#, #"\ud83d😀"#),
            (#""\ud83d\n""#, "\\ud83d\n"), (#""\udbff\udfff""#, "\u{10FFFF}"),
            (#""0123456789\\0123456789\"""#, #"0123456789\0123456789""#),
            ("12", nil), ("null", nil), (#"["a"]"#, nil),
        ] as [(String, String?)])
    func strings(text: String, expected: String?) {
        #expect(Read.string(text) == expected)
    }

    @Test(
        "kinds, null and booleans are told apart",
        arguments: [
            ("{}", .object), ("[]", .array), (#""""#, .string), ("1", .number), ("-1", .number), ("true", .true), ("false", .false),
            ("null", .null),
        ] as [(String, JSONText.Kind)])
    func kinds(text: String, expected: JSONText.Kind) {
        let bytes = Array(text.utf8)
        let kind = JSONText.kind(bytes.span, bytes.indices)
        #expect(kind == expected)
        let (isNull, boolean) = (JSONText.isNull(bytes.span, bytes.indices), JSONText.boolean(bytes.span, bytes.indices))
        #expect(isNull == (text == "null"))
        #expect(boolean == (text == "true" ? true : text == "false" ? false : nil))
    }

    @Test(
        "a path leads to its value: keys in escapes match, the last duplicate counts, dots are no separators",
        arguments: [
            (["a"], "1"), (["é"], #"{"x":[1, 2]}"#), (["é", "x"], "[1, 2]"), (["a.b"], #""dot""#), (["d"], "2"), (["a", "b"], nil),
            (["missing"], nil), ([], nil), (["q\""], "3"), (["e", "f"], nil), (["e", "g"], "null"),
        ] as [([String], String?)])
    func paths(path: [String], expected: String?) {
        let row = #"{ "\u0061":1, "\u00e9" : {"x":[1, 2]}, "a.b":"dot","d":1,"d": 2,"q\"":3,"e":{"f":1},"e":{"g":null} }"#
        #expect(Read.value(at: path, of: row) == (path.isEmpty ? row : expected))
    }

    @Test("members and elements come in order with their extents")
    func iteration() {
        let text = Array(#"{ "a" : [ 1 , "x,]" , {"y":[]} , [] ] , "b":-1.5e3,"c":null}"#.utf8)
        var members: [String] = []
        var elements: [String] = []
        JSONText.forEachMember(of: text.indices, in: text.span) { key, value in
            members.append(String(decoding: text[key], as: UTF8.self) + "=" + String(decoding: text[value], as: UTF8.self))
            JSONText.forEachElement(of: value, in: text.span) { elements.append(String(decoding: text[$0], as: UTF8.self)) }
        }
        #expect(members == [#""a"=[ 1 , "x,]" , {"y":[]} , [] ]"#, #""b"=-1.5e3"#, #""c"=null"#])
        #expect(elements == ["1", #""x,]""#, #"{"y":[]}"#, "[]"])
    }

    @Test("reading bytes that were never validated ends, and stays inside them", arguments: 0..<300)
    func garbage(seed: Int) {
        var random = SeededRandom(seed: seed)
        let alphabet = Array(#"{}[]",:\u01dntf "#.utf8)
        let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
        var (keys, output): (Int, [UInt8]) = (0, [])
        JSONText.forEachMember(of: text.indices, in: text.span) { key, value in
            keys += 1
            _ = JSONText.string(text.span, key)
            _ = JSONText.int64(text.span, value)
        }
        JSONText.forEachElement(of: text.indices, in: text.span) { _ in keys += 1 }
        JSONMinifier.append(text.span, text.indices, to: &output)
        _ = JSONText.value(at: ["", "a"], of: text.indices, in: text.span)
        #expect(keys <= 2 * text.count && output.count <= text.count)
    }

    @Test("nested values end where they do, wherever brackets, quotes and backslashes stand", arguments: UInt64(1)...200)
    func nested(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = [#"\""#, #"\\"#, "{", "}", "[", "]", ",", ":", " ", "Y", "_", "ж", #"\u005c"#, "0123456789abcdef"]
        func string() -> String {
            "\"" + (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
                + "\""
        }
        func value(_ depth: Int) -> String {
            let count = Int.random(in: 0...4, using: &random)
            switch Int.random(in: depth > 4 ? 2...4 : 0...4, using: &random) {
            case 0: return "{" + (0..<count).map { _ in string() + ":" + value(depth + 1) }.joined(separator: ",") + "}"
            case 1: return "[" + (0..<count).map { _ in value(depth + 1) }.joined(separator: ", ") + "]"
            case 2: return string()
            default: return ["null", "true", "-1.5e3"].randomElement(using: &random) ?? ""
            }
        }
        let values = (0..<8).map { _ in value(0) }
        let text = Array(("[" + values.joined(separator: " ,") + "]").utf8)
        var found: [String] = []
        JSONText.forEachElement(of: text.indices, in: text.span) { found.append(String(decoding: text[$0], as: UTF8.self)) }
        #expect(found == values)
    }
}

@Suite("White space goes, the rest stays to the byte")
struct JSONMinifierTests {
    @Test(
        arguments: [
            (" { \"a b\" :\t[ 1 , \"x  y\\\" z\" ]\r\n, \"c\" : 1.50e-07 } ", #"{"a b":[1,"x  y\" z"],"c":1.50e-07}"#),
            ("[]", "[]"), ("[ ]", "[]"), ("{ }", "{}"), ("  null", "null"), (#""a  b""#, #""a  b""#),
            ("[100000000000000000000000000000001, 1E400,-0]", "[100000000000000000000000000000001,1E400,-0]"),
            (#"{"\u0061" : "\/\ud800"}"#, #"{"\u0061":"\/\ud800"}"#), (#"[ "\\" , "\\\"" , " " ]"#, #"["\\","\\\""," "]"#),
        ])
    func minified(text: String, expected: String) {
        #expect(Read.minified(text) == expected)
        #expect(Read.minified(expected) == expected)
    }
}
