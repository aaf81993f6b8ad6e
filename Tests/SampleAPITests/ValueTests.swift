import Testing

@testable import SampleAPI

@Suite struct ValueTests {
    @Test(
        "times are read as Django reads them, and written as it writes them",
        arguments: [
            ("2026-08-17T10:32:33.305953Z", "2026-08-17T10:32:33.305953Z"), ("2024-01-15T10:30:00+00:00", "2024-01-15T10:30:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"), ("2024-01-15 10:30", "2024-01-15T10:30:00Z"),
            ("2026-03-29T03:00:00.1+0200", "2026-03-29T01:00:00.100000Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"), ("1600-12-31T00:00:00Z", "1600-12-31T00:00:00Z"),
            ("2100-03-01T00:00:00-05", "2100-03-01T05:00:00Z"), ("2024-01-15T10:30:00.1234567Z", "2024-01-15T10:30:00.123456Z"),
        ])
    func moments(read: String, written: String) throws {
        #expect(try #require(Moment(parsing: read)).text() == written)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "yesterday", "2026-02-29", "2026-13-01", "2026-01-01T24:00:00Z", "2026-01-01T10:00:00 00:00",
            "2026-01-01T10:00:00.Z", "2026-1-1",
            "2026-01-01T10:60Z", "2026-01-01T10", "2026-01-01Z",
        ])
    func noMoments(text: String) {
        #expect(Moment(parsing: text) == nil)
    }

    @Test("HTTP-dates are those of RFC 9110")
    func httpDate() throws {
        #expect(try #require(Moment(parsing: "1994-11-06T08:49:37Z")).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test(
        "numbers are one by their value",
        arguments: [
            ("1", "1.0", true), ("1", "10e-1", true), ("-0", "0", true), ("0.1", "1E-1", true), ("100", "1e2", true),
            ("9007199254740993", "9007199254740992", false), ("1E400", "1e400", true), ("1", "-1", false),
            ("0.30000000000000004", "0.3", false),
        ])
    func decimals(left: String, right: String, same: Bool) throws {
        #expect(try (#require(DecimalLiteral(left)) == #require(DecimalLiteral(right))) == same)
    }

    @Test(
        "what is not spelled as a JSON number is text", arguments: ["", "01", "+1", ".5", "1.", "1e", "0x1", "1 ", "-", "NaN", "１"])
    func noDecimals(text: String) {
        #expect(DecimalLiteral(text) == nil)
    }

    @Test("JSON is written as Django REST framework writes it")
    func json() {
        let value: JSONValue = ["a": "é\"\\/\n\u{7}\u{2028}👍", "b": [1, true, nil, .number("1E400")], "": [:]]
        #expect(String(decoding: value.rendered, as: UTF8.self) == #"{"a":"é\"\\/\n\u0007\u2028👍","b":[1,true,null,1E400],"":{}}"#)
    }

    @Test("a query string is decoded and encoded without loss")
    func parameters() {
        let parameters = QueryParameter.parse("a=x+y%20z&b=%E2%82%AC%2B&c&d==&e=%zz")
        #expect(parameters.map(\.name) == ["a", "b", "c", "d", "e"])
        #expect(parameters.map(\.value) == ["x y z", "€+", "", "=", "%zz"])
        #expect(parameters.map(\.encoded) == ["a=x%20y%20z", "b=%E2%82%AC%2B", "c=", "d=%3D", "e=%25zz"])
    }

    @Test("a composed and a decomposed é are two texts, as in a database")
    func exactness() throws {
        let composed = try ConversationQuery([.init(name: "name", value: "\u{E9}")])
        let decomposed = try ConversationQuery([.init(name: "name", value: "e\u{301}")])
        #expect(composed.conditions != decomposed.conditions)
    }
}
