import ExportCore
import ExportFormats
import Testing

@testable import ExportEngine

@Suite struct DetailCheckTests {
    private func finding(_ detail: Source.Detail, _ row: String) throws -> DetailCheck.Finding? {
        let body = Array(#"{"count":1,"next":null,"results":[\#(row)]}"#.utf8)
        let page = try PageScanner(fields: DetailCheck.fields).scan(body.span)
        return DetailCheck(detail: detail, first: 0).finding(in: page, row: 0, of: body.span)
    }

    @Test(
        "a row of the other detail is noticed, one that may be of either is not",
        arguments: [
            (Source.Detail.full, #"{"messages":[],"feedbacks":[]}"#, nil),
            (.full, #"{"messages":[{}],"message_count":1}"#, nil),
            (.full, "{}", nil),
            (.full, #"{"message_count":3,"feedback_count":0}"#, .notApplied),
            (.full, #"{"messages":[],"feedback_count":1}"#, .notApplied),
            (.lean, #"{"message_count":3,"feedback_count":0}"#, nil),
            (.lean, #"{"message_count":3,"messages":[]}"#, nil),
            (.lean, #"{"messages":null,"feedbacks":null}"#, nil),
            (.lean, "{}", nil),
            (.lean, #"{"messages":[],"feedbacks":[]}"#, .notApplied),
            (.lean, #"{"message_count":1,"messages":[{}]}"#, .notApplied),
        ] as [(Source.Detail, String, DetailCheck.Finding?)])
    func detail(detail: Source.Detail, row: String, right: DetailCheck.Finding?) throws {
        #expect(try finding(detail, row) == right)
    }

    @Test(
        "a list that is an object, a text, a number or null is named",
        arguments: ["messages", "feedbacks"], ["{}", #""none""#, "0", "null"])
    func noList(field: String, value: String) throws {
        #expect(try finding(.full, #"{"\#(field)":\#(value)}"#) == .noList(field: field))
    }
}
