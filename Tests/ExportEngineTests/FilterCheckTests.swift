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
            (.name, "žurno", #"{"name":"Vrlo ŽURNO!"}"#, #"{"name":"zurno"}"#),
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
            ("z", "null", "null", true), ("z", "x", "null", false), ("z", "x", "{}", false), ("z", "x", #"{"z":["x"]}"#, true),
        ])
    func metadata(key: String, value: String, metadata: String, holds: Bool) throws {
        let filters = Filters(metadata: [.init(key: key, value: value)])
        #expect(try contradiction(filters, #"{"metadata":\#(metadata)}"#) == (holds ? nil : "metadata (\(key))"))
    }
}
