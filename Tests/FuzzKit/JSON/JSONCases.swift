/// JSON that parsers are known to differ on, and what looks like it.
enum JSONCases {
    static let texts = [
        "", " ", "null", " true\n", "[]", "{}", "[1,2,[3]]", #"{"a":1,"a":2,"\u0061":3}"#, "[1,]", "[,1]", "{,}", #"{"a":1,}"#,
        #"{"a" 1}"#, #"{a:1}"#, "{1:1}", "{null:1}", "[1 2]", "[1}", "01", "-01", "[-]", "+1", ".5", "1.", "1.e1", "1e", "1e+",
        "0x10",
        "1_0", "1e1.5", "--1", "-Infinity", "NaN", "Infinity", "[NaN]", "0e0", "-0", "00", "0.", "1E+2", "1٣", "True", "nul",
        "nulll",
        "truefalse", "null null", "[]]", "{}}", "[1][2]", #""\u12""#, #""\u12G4""#, #""\x41""#, #""\ud800\u""#, #""\ud800\udc00""#,
        #""\udc00\ud800""#, #""\ud800"#, #""\\""#, #""\""#, #"""#, #""\'""#, #""\0""#, #""\u0000""#, #""\U0041""#, #"'a'"#,
        "\"a\nb\"",
        "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"", "\"\u{7F}\"", "\"\u{80}\"", "\u{FEFF}[]", "[\u{FEFF}]", "\u{A0}1", "1\u{2028}",
        "[1]\u{0}",
        "\u{C}1", "\u{B}1", "// x\n1", "/**/1", "[1/**/]", "#1", "1;", "<a/>", #"{"count":1,"next":null,"results":[]}"#,
        #"{"results":[{"id":1}],"results":[{"id":2},{}],"count":null,"next":"x"}"#, #"{"count":-1,"results":[]}"#,
        #"{"count":1.0,"results":[]}"#, #"{"count":1e2,"results":[]}"#, #"{"next":1,"results":[]}"#, #"{"results":{}}"#,
        #"{"results":[1]}"#, #"{"results":[{},[],{}]}"#, #"{"r\u0065sults":[{"\u0069d":1,"id":2}]}"#, #"{"results":[}"#,
        #"{"count":99999999999999999999,"results":[]}"#, #"[{"results":[]}]"#, #"{"a":{"b":{"c":1}},"a":{"b":2}}"#,
    ].map { Array($0.utf8) }

    static let tokens =
        [
            "\"", "\\", "\\u", "\\ud800", "\\udc00", "\\\"", "\\\\", "{", "}", "[", "]", ":", ",", "0", "-", "1", ".", "e", "E+",
            "null", "true",
            "false", "NaN", "Infinity", " ", "\n", "\u{0}", "\u{1F}", "\u{FEFF}", "\u{2028}", "é", "😀", "\"a\":", "\"results\":",
            "\"count\":",
            "\"next\":", "[[[[[[[[", "]]]]]]]]", "{\"a\":{\"a\":", "9223372036854775808", "\"\"", "\"0123456\"", "00", "1e9999",
        ].map { Array($0.utf8) }
        + [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0x9F, 0xBF], [0xE0, 0xA0, 0x80],
            [0xED, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80],
            [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98],
        ]

    /// Bytes at the bounds of the table of UTF-8 (RFC 3629, section 4).
    static let bounds: [UInt8] = [
        0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1,
        0xF3,
        0xF4, 0xF5, 0xFF, 0x00, 0x1F, 0x22, 0x5C,
    ]
}
