import Testing

@testable import ExportReport

@Suite struct TextTableTests {
    @Test("a table is no wider than it may be; what has no room is named")
    func fits() {
        let table = TextTable(
            ["id", "text", "device"], [["7", String(repeating: "x", count: 40), "mobile"], ["1005", "short", "desktop"]])
        #expect(
            table.lines(width: 40) == [
                "id    text                       device",
                "7     xxxxxxxxxxxxxxxxxxxxxxxx…  mobile",
                "1005  short                      desktop",
            ])
        #expect(table.lines(width: 20) == ["id", "7", "1005", "… and 2 columns mor…"])
        for width in 5...120 { #expect(table.lines(width: width).allSatisfy { TerminalWidth.of($0) <= width }, "\(width)") }
        #expect(table.lines(width: 100)[1].contains(String(repeating: "x", count: 40)))
    }

    @Test("wide characters take two columns, and what could rule a terminal is shown as something else")
    func wide() {
        #expect(TerminalWidth.of("キー") == 4 && TerminalWidth.of("é") == 1)
        let lines = TextTable(["a", "b"], [["キー", "x"], ["z", "1\u{1B}[31m\n2"]]).lines(width: 60)
        #expect(lines == ["a     b", "キー  x", "z     1\u{FFFD}[31m⏎2"])
    }

    @Test("a line break with a mark behind it is one, in a table and in the labels of metrics")
    func marks() {
        let lines = TextTable(["a"], [["x\n\u{301}y\r\n\u{301}z\t\u{301}"]]).lines(width: 60)
        #expect(lines.count == 2 && lines[1].utf8.elementsEqual("x⏎\u{301}y⏎\u{301}z \u{301}".utf8), "\(lines)")
        let text = PrometheusText.escaped("a\"\u{301}b\n\u{301}c\\\u{301}d")
        #expect(text.utf8.elementsEqual("a\\\"\u{301}b\\n\u{301}c\\\\\u{301}d".utf8))
    }

    @Test("what stands between tags or in quotes of a page begins and ends neither")
    func page() {
        let text = ReportPage.escaped("\"\u{301} onmouseover='\u{338}x' <\u{301}script>&\u{301}\n\u{1B}")
        #expect(
            text.utf8.elementsEqual(
                "&quot;\u{301} onmouseover=&#39;\u{338}x&#39; &lt;\u{301}script&gt;&amp;\u{301}\u{FFFD}\u{FFFD}".utf8), "\(text)")
    }
}
