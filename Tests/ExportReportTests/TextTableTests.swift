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
        for width in 5...120 { #expect(table.lines(width: width).allSatisfy { TextTable.width(of: $0) <= width }, "\(width)") }
        #expect(table.lines(width: 100)[1].contains(String(repeating: "x", count: 40)))
    }

    @Test("wide characters take two columns, and what could rule a terminal is shown as something else")
    func wide() {
        #expect(TextTable.width(of: "キー") == 4 && TextTable.width(of: "é") == 1)
        let lines = TextTable(["a", "b"], [["キー", "x"], ["z", "1\u{1B}[31m\n2"]]).lines(width: 60)
        #expect(lines == ["a     b", "キー  x", "z     1\u{FFFD}[31m⏎2"])
    }
}
