import Testing

@testable import ExportS3

@Suite struct XMLElementTests {
    private func parse(_ text: String) throws -> XMLElement {
        try XMLElement(parsing: Array(text.utf8))
    }

    @Test("elements, their text and their order are read; attributes, comments and name spaces are passed over")
    func elements() throws {
        let root = try parse(
            """
            <?xml version='1.0'?><!-- a > b -->
            <s:R xmlns:s="u>v"><A>1</A><B x='>'/><A> two </A><C><![CDATA[<&]]>&#233;&#x1F600;&amp;lt;</C><!-- x --></s:R>

            """)
        #expect(root.name == "R")
        #expect(root.all("A").map(\.text) == ["1", " two "])
        #expect(root["B"]?.text == "")
        #expect(root["C"]?.text == "<&é😀&lt;")
        #expect(root.text == "")
    }

    @Test(
        "what is no whole document is refused",
        arguments: [
            "", "x", "<a>", "<a></b>", "<a/><b/>", "<a></a>x", "<a>&unknown;</a>", "<a>&amp</a>", "<a b='>", "<a><![CDATA[</a>",
            "<>",
            "<a><b></a></b>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>&#xD800;</a>", "</a>",
            String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100),
        ])
    func refused(text: String) {
        #expect(throws: XMLElement.Unreadable.self) { try parse(text) }
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalid() {
        #expect(throws: XMLElement.Unreadable.self) { try XMLElement(parsing: Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) }
    }
}
