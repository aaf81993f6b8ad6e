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

    @Test("an entity ends with its semicolon, whatever mark stands behind it")
    func marks() throws {
        #expect(try Array(parse("<a>&lt;\u{301}&amp;\u{20E3}</a>").text.utf8) == Array("<\u{301}&\u{20E3}".utf8))
        #expect(try Array(parse("<a>x\u{301}</a>").text.utf8) == Array("x\u{301}".utf8))
    }

    @Test("a page of a thousand keys as long as keys are is read, and a document of more elements than an answer has is refused")
    func large() throws {
        let key = String(repeating: "%C3%A9", count: 512)
        let contents =
            "<Contents><Key>\(key)</Key><LastModified>2026</LastModified><Size>1</Size><Owner><ID>x</ID></Owner></Contents>"
        let page = "<R>\(String(repeating: contents, count: 1000))</R>"
        #expect(try parse(page).all("Contents").count == 1000)
        #expect(throws: XMLElement.Unreadable.self) { try parse("<R>\(String(repeating: "<a/>", count: 60_000))</R>") }
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalid() {
        #expect(throws: XMLElement.Unreadable.self) { try XMLElement(parsing: Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) }
    }

    @Test("a mark behind the end of an entity is text, and what is written as text reads back as it was")
    func marksBehindEntities() throws {
        #expect(
            try XMLElement(parsing: Array("<a>; &amp;\u{301};&#x41;\u{301}</a>".utf8)).text.utf8.elementsEqual(
                "; &\u{301};A\u{301}".utf8))
        let hostile = "\"\u{301}<b>&\u{338}</b>'"
        #expect(try XMLElement(parsing: Array("<a>\(XMLText.escaped(hostile))</a>".utf8)).text.utf8.elementsEqual(hostile.utf8))
        let parts = StoreClient.completion([UploadedPart(number: 1, etag: "\"\u{301}</ETag><x>", sha256: "00")])
        #expect(parts.contains("<ETag>&quot;\u{301}&lt;/ETag&gt;&lt;x&gt;</ETag>"))
    }
}
