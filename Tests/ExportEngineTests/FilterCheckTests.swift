import ExportCore
import ExportFormats
import Testing

@testable import ExportEngine

@Suite struct FilterCheckTests {
    private func contradiction(_ filters: Filters, _ row: String) throws -> String? {
        let check = FilterCheck(filters, after: 0)
        let body = Array(#"{"count":1,"next":null,"results":[\#(row)]}"#.utf8)
        let page = try PageScanner(fields: check.fields).scan(body.span)
        return check.contradiction(in: page, row: 0, of: body.span)
    }

    @Test(
        "a row that does not match what was asked is noticed, one that does is not",
        arguments: [
            (FilterName.device, "mobile", #"{"device":"mobile"}"#, #"{"device":null}"#),
            (.device, "mobile", #"{"device":"Mobile"}"#, #"{"device":"desktop"}"#),
            (.customerID, "7", #"{"customer_id":7}"#, #"{"customer_id":"70"}"#),
            (.customerIDContains, "PREM", #"{"customer_id":"a-premium"}"#, #"{"customer_id":"basic"}"#),
            (.name, "žurno", #"{"name":"Vrlo ŽURNO!"}"#, #"{"name":"žubor"}"#),
            (.name, "zurno", #"{"name":"Vrlo ŽURNO!"}"#, #"{"name":"zumo"}"#),
            (.name, "ργος", #"{"name":"ΓΙΩΡΓΟΣΑΚΗΣ"}"#, #"{"name":"ΓΙΩΡΓΑΚΗΣ"}"#),
            (.name, "e\u{301}cole", #"{"name":"\u00c9COLE"}"#, #"{"name":"ecol"}"#),
            (.name, "STRASSE", #"{"name":"Hauptstraße"}"#, #"{"name":"Hauptstrafe"}"#),
            (.name, "ostergade", #"{"name":"Østergade"}"#, #"{"name":"Vestergade"}"#),
            (.name, "ＡＢＣ", #"{"name":"abc"}"#, #"{"name":"acb"}"#),
            (.conversationID, "e\u{301}", #"{"conversation_id":"\u00e9"}"#, #"{"conversation_id":"e1"}"#),
            (
                .customerIPAddress, "2001:0db8:0:0:0:0:0:1", #"{"customer_ip_address":"2001:db8::1"}"#,
                #"{"customer_ip_address":"2001:db8::2"}"#
            ),
            (
                .customerIPAddress, "192.0.2.1", #"{"customer_ip_address":"::ffff:192.0.2.1"}"#,
                #"{"customer_ip_address":"192.0.2.10"}"#
            ),
            (.environment, "prod", #"{"environment":"production"}"#, #"{"environment":"development"}"#),
            (.isMarked, "false", #"{"is_marked":false}"#, #"{"is_marked":true}"#),
            (.hasMessages, "true", #"{"messages":[{}]}"#, #"{"messages":[]}"#),
            (.hasMessages, "false", #"{"message_count":0}"#, #"{"message_count":3}"#),
            (.hasFeedback, "true", #"{"feedback_count":1}"#, #"{"feedbacks":[]}"#),
            (
                .feedbackSentiment, "negative", #"{"feedbacks":[{"sentiment":"positive"},{"sentiment":"negative"}]}"#,
                #"{"feedbacks":[]}"#
            ),
            (.feedbackSource, "customer", #"{"feedbacks":[{"source":"customer"}]}"#, #"{"feedbacks":[{"source":"platform"}]}"#),
            (.messageContains, "error", #"{"messages":[{"content":"An Error"}]}"#, #"{"messages":[{"content":"fine"}]}"#),
            (.language, "en", "{}", #"{"language":"de"}"#),
            (.messageContains, "žurno", #"{"messages":[{"content":"ZURNO"}]}"#, nil),
        ] as [(FilterName, String, String, String?)])
    func values(name: FilterName, value: String, matching: String, other: String?) throws {
        let filters = Filters(values: [name: value])
        #expect(try contradiction(filters, matching) == nil)
        if let other { #expect(try contradiction(filters, other) == name.rawValue) }
    }

    @Test(
        "metadata is compared as the service types it",
        arguments: [
            ("a.b", "c", #"{"a":{"b":"c"}}"#, true), ("a.b", "c", #"{"a.b":"c"}"#, true), ("a.b", "c", #"{"a":{"b":"d"}}"#, false),
            ("n", "1", #"{"n":1}"#, true), ("n", "1", #"{"n":1.0}"#, true), ("n", "1", #"{"n":"1"}"#, true),
            ("n", "1", #"{"n":2}"#, false),
            ("t", "true", #"{"t":true}"#, true), ("t", "true", #"{"t":false}"#, false), ("z", "null", #"{"z":null}"#, true),
            ("s", "gold", #"{"s":"Gold"}"#, true), ("s", "cafe", #"{"s":"café"}"#, true), ("s", "", #"{"s":"x"}"#, false),
            ("z", "null", "null", true), ("z", "x", "null", false), ("z", "x", "{}", false), ("z", "x", #"{"z":["x"]}"#, true),
        ])
    func metadata(key: String, value: String, metadata: String, holds: Bool) throws {
        let filters = Filters(metadata: [.init(key: key, value: value)])
        #expect(try contradiction(filters, #"{"metadata":\#(metadata)}"#) == (holds ? nil : "metadata (\(key))"))
    }

    @Test(
        "two spellings of an address are one, and what is no address is none",
        arguments: [
            ("::", "0:0:0:0:0:0:0:0", true), ("::1", "0:0::1", true), ("2001:DB8::A", "2001:db8:0:0::a", true),
            ("1::", "1:0:0:0:0:0:0:0", true), ("::ffff:10.0.0.1", "10.0.0.1", true), ("64:ff9b::10.0.0.1", "64:ff9b::a00:1", true),
            ("10.0.0.1", "10.0.0.2", false), ("1::2", "1::3", false),
        ])
    func addresses(left: String, right: String, areEqual: Bool) throws {
        let (left, right) = (try #require(IPAddress(left)), try #require(IPAddress(right)))
        #expect((left == right) == areEqual)
    }

    @Test(
        "a text that is not an address is not read as one",
        arguments: [
            "", "10.0.0", "10.0.0.256", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "1:2:3:4:5:6:7::8",
            "a.b.c.d", ":1",
        ])
    func noAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
