import ExportFormats
import Testing

@Suite("A page is scanned once")
struct PageScannerTests {
    private let scanner = PageScanner(fields: ["id", "started_at", "id"])

    private func scan(_ text: String) -> Result<ScannedPage, PageError> {
        let body = Array(text.utf8)
        return Result { () throws(PageError) in try scanner.scan(body.span) }
    }

    private func values(_ text: String) throws -> [[String?]] {
        let (page, bytes) = (try scan(text).get(), Array(text.utf8))
        return page.rows.indices.map { row in
            (0..<3).map { field in page.value(field, ofRow: row).map { String(decoding: bytes[$0], as: UTF8.self) } }
        }
    }

    @Test("rows, their fields, the count and the link are found among unknown keys")
    func envelope() throws {
        let text = """
            { "page_size" : 2, "x": [{"id": 9}], "count" : 245 , "next":"https://host/?page=2", "previous":null,
              "results" : [ {"id": 1, "started_at" : "2024-01-15T10:30:00Z", "messages":[{"id":7}]} , {"metadata":{"id":3}} ] }
            """
        let page = try scan(text).get()
        #expect(page.count == 245)
        #expect(page.hasNext == true)
        #expect(page.rows.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self).last } == ["}", "}"])
        #expect(try values(text) == [["1", #""2024-01-15T10:30:00Z""#, "1"], [nil, nil, nil]])
    }

    @Test("escaped keys match, and of duplicates in a row the last counts")
    func duplicates() throws {
        let text = #"{"\u0063ount":2,"r\u0065sults":[{"id":5,"\u0069d":6,"started_at":null}]}"#
        #expect(try scan(text).get().count == 2)
        #expect(try values(text) == [["6", "null", "6"]])
    }

    @Test(
        "what the envelope does not say is nil",
        arguments: [
            (#"{"results":[]}"#, nil, nil), (#"{"count":null,"next":null,"results":[]}"#, nil, false),
            (#"{"count":0,"next":"","results":[]}"#, 0, true),
        ] as [(String, Int?, Bool?)])
    func absent(text: String, count: Int?, hasNext: Bool?) throws {
        let page = try scan(text).get()
        #expect(page.count == count)
        #expect(page.hasNext == hasNext)
        #expect(page.rows.isEmpty)
    }

    @Test(
        "a wrong shape is told, and a body that is no JSON is told first",
        arguments: [
            ("[]", .notAnObject, "the page is JSON, but not an object"),
            ("{}", .resultsMissing, "the page has no \"results\""),
            (
                #"{"count":1,"results":[{"id":1}],"\u0063ount":0,"results":[]}"#, .keyTwice(.count),
                "the page has \"count\" more than once"
            ),
            (#"{"count":0,"results":[],"results":[]}"#, .keyTwice(.results), "the page has \"results\" more than once"),
            (#"{"next":null,"next":null,"results":[]}"#, .keyTwice(.next), "the page has \"next\" more than once"),
            (#"{"results":null}"#, .resultsNotAnArray, "the page's \"results\" is not an array"),
            (#"{"results":[{},7]}"#, .rowNotAnObject(index: 1), "row 2 of the page's \"results\" is not an object"),
            (
                #"{"count":"3","results":[]}"#, .countNotAnInteger,
                "the page's \"count\" is neither a whole number of 0 or more nor null"
            ),
            (
                #"{"count":-1,"results":[]}"#, .countNotAnInteger,
                "the page's \"count\" is neither a whole number of 0 or more nor null"
            ),
            (
                #"{"count":1.5,"results":7}"#, .countNotAnInteger,
                "the page's \"count\" is neither a whole number of 0 or more nor null"
            ),
            (#"{"next":1,"results":[]}"#, .nextNotAString, "the page's \"next\" is neither a string nor null"),
            (
                #"{"count":"3","results":[7,{]"#, .json(JSONError(reason: .unexpectedByte, offset: 27)),
                "the page is not JSON: an unexpected byte at byte 27"
            ),
            (
                "<html>", .json(JSONError(reason: .unexpectedByte, offset: 0)),
                "the page is not JSON: an unexpected byte at byte 0"
            ),
            (
                #"{"results":[]} x"#, .json(JSONError(reason: .trailingBytes, offset: 15)),
                "the page is not JSON: more text after the value at byte 15"
            ),
        ] as [(String, PageError, String)])
    func wrong(text: String, expected: PageError, words: String) {
        #expect(throws: expected) { try scan(text).get() }
        #expect(expected.description == words)
    }

    @Test("a row counts the envelope among its levels")
    func depth() {
        func page(_ depth: Int) -> String {
            #"{"results":[{"a":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}]}"
        }
        #expect(throws: Never.self) { try scan(page(509)).get() }
        #expect(throws: PageError.self) { try scan(page(510)).get() }
    }

    @Test("a page cut anywhere is refused as no JSON")
    func truncated() {
        let text = #"{"count":2,"next":null,"results":[{"id":1,"started_at":"x"},{"id":-2.5}]}"#
        for length in 0..<text.utf8.count {
            #expect { try scan(String(text.prefix(length))).get() } throws: { error in
                if case PageError.json = error { true } else { false }
            }
        }
    }
}
