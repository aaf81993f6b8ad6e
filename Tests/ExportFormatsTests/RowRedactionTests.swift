import ExportCore
import ExportFormats
import Testing

@Suite("Excluded fields are not written, and hashed ones only as a hash")
struct RowRedactionTests {
    private static let key = HashKey("0123456789abcdef0123456789abcdef")

    private func redact(_ row: String, exclude: [[String]] = [], hash: [[String]] = []) throws -> String {
        let redaction = try #require(RowRedaction(Privacy(exclude: exclude, hash: hash, key: Self.key)))
        var output: [UInt8] = []
        redaction.append(row: Array(row.utf8).span, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("nothing to hide is no redaction")
    func nothing() {
        #expect(RowRedaction(.none) == nil)
    }

    @Test(
        "a path is left out wherever it stands, and all else keeps its bytes",
        arguments: [
            (#"{"a":1,"b":2,"c":3}"#, ["a"], #"{"b":2,"c":3}"#), (#"{"a":1,"b":2,"c":3}"#, ["b"], #"{"a":1,"c":3}"#),
            (#"{"a":1}"#, ["a"], "{}"), (#"{"a":1.50,"b":"\u00e9\/"}"#, ["x"], #"{"a":1.50,"b":"\u00e9\/"}"#),
            (#"{"m":{"x":1,"y":2},"x":3}"#, ["m", "x"], #"{"m":{"y":2},"x":3}"#),
            (#"{"m":[{"x":1,"y":2},{"x":[3]},4,null],"x":3}"#, ["m", "x"], #"{"m":[{"y":2},{},4,null],"x":3}"#),
            (#"{"m":[[{"x":1}]]}"#, ["m", "x"], #"{"m":[[{}]]}"#), (#"{"m":"text"}"#, ["m", "x"], #"{"m":"text"}"#),
            (#"{"\u0061":1,"a":2,"b":3}"#, ["a"], #"{"b":3}"#),
            (#"{"m":{"x":{"z":1}},"n":{"x":1}}"#, ["m", "x"], #"{"m":{},"n":{"x":1}}"#),
            // A line feed, and a backslash before an n.
            (#"{"a\nb":1,"a\\nb":2}"#, [#"a\nb"#], #"{"a\nb":1}"#), (#"{"a\nb":1,"a\\nb":2}"#, ["a\nb"], #"{"a\\nb":2}"#),
        ])
    func exclude(row: String, path: [String], expected: String) throws {
        #expect(try redact(row, exclude: [path]) == expected)
    }

    @Test(
        "a key that has dots itself is the same path as keys within one another",
        arguments: [
            (#"{"m":{"a.b":1,"a":{"b":2,"c":3},"a.c":4}}"#, #"{"m":{"a":{"c":3},"a.c":4}}"#),
            (#"{"m":{"a\u002eb":1,"a.bc":2}}"#, #"{"m":{"a.bc":2}}"#),
            (#"{"m.a.b":1,"m.a":{"b":2},"m":{"a..b":3}}"#, #"{"m.a":{},"m":{"a..b":3}}"#),
            (#"{"m":{"a.b.c":1,"a.":2,".a.b":3}}"#, #"{"m":{"a.":2,".a.b":3}}"#),
        ])
    func dotted(row: String, expected: String) throws {
        #expect(try redact(row, exclude: [["m", "a", "b"]]) == expected)
        let hashed = try redact(#"{"m":{"a.b":"cust-1"}}"#, hash: [["m", "a", "b"]])
        #expect(hashed == #"{"m":{"a.b":"014edb0187e5c6bac4d04e6c2fc84d4211c5a7c626e65e7d7566b5730c574e06"}}"#)
    }

    @Test(
        "a hash is HMAC-SHA-256 of the decoded text, as OpenSSL and Python compute it",
        arguments: [
            // python3: hmac.new(b"0123456789abcdef0123456789abcdef", TEXT, "sha256").hexdigest()
            (#""cust-1""#, "014edb0187e5c6bac4d04e6c2fc84d4211c5a7c626e65e7d7566b5730c574e06"),
            (#""\u0063ust-1""#, "014edb0187e5c6bac4d04e6c2fc84d4211c5a7c626e65e7d7566b5730c574e06"),
            ("42", "3b12d0412db185c98ff58825ed4c81cfbc7bdabcf33ac48bdaaae5f39fc65445"),
            (#""42""#, "3b12d0412db185c98ff58825ed4c81cfbc7bdabcf33ac48bdaaae5f39fc65445"),
            ("true", "2ebc4929adf1d9e0918cdc309ebf64bb0f49f05e520074573f5d108df2717ddd"),
            (#"{"a":1}"#, "f0546246da9e2349100c845a8561214788d75d900f3c086a72fcfa03bb1f42ab"),
        ])
    func hash(value: String, expected: String) throws {
        #expect(
            try redact(#"{"a":\#(value),"b":[{"c":\#(value)}]}"#, hash: [["a"], ["b", "c"]])
                == #"{"a":"\#(expected)","b":[{"c":"\#(expected)"}]}"#)
    }

    @Test("null stays null, and what is excluded below a hashed list's way is left out")
    func both() throws {
        #expect(try redact(#"{"a":null,"b":{"c":1,"d":2}}"#, exclude: [["b", "c"]], hash: [["a"]]) == #"{"a":null,"b":{"d":2}}"#)
    }
}

@Suite struct HashKeyTests {
    @Test("a key has 32 characters at least, without white space at its end", arguments: [(31, false), (32, true)])
    func length(count: Int, isKey: Bool) {
        let text = String(repeating: "k", count: count)
        #expect((HashKey(text) != nil) == isKey)
        #expect((HashKey(text + " \n\n") != nil) == isKey)
        #expect(HashKey(text + "\n") == HashKey(text))
    }

    @Test("a key is in no description of it, and its digest tells it from others")
    func secrecy() throws {
        let text = "a secret that nobody must ever see"
        let key = try #require(HashKey(text))
        var dumped = ""
        dump(Privacy(hash: [["a"]], key: key), to: &dumped)
        for shown in ["\(key)", String(reflecting: key), String(reflecting: Privacy(key: key)), dumped] {
            #expect(!shown.contains("secret"))
        }
        #expect(key != HashKey(text + "!"))
    }
}
