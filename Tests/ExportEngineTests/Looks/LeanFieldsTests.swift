import Testing

@testable import ExportEngine

@Suite struct LeanFieldsTests {
    private static let whole =
        #"{"id":1,"started_at":"2026-11-01T00:00:00Z","name":"a","metadata":{"a":1,"b":2},"language":null,"messages":[{},{}],"feedbacks":[]}"#

    private func unshared(_ lean: String, again: String? = nil) -> Set<String>? {
        LeanFields.unshared(of: Array(lean.utf8), and: Array(Self.whole.utf8), Array((again ?? lean).utf8))
    }

    private func lean(
        name: String = #""a""#, metadata: String = #"{"b":2,"a":1.0}"#, time: String = "2026-11-01T00:00:00Z", counts: String = "2"
    ) -> String {
        #"{"started_at":"\#(time)","id":1,"name":\#(name),"metadata":\#(metadata),"message_count":\#(counts),"feedback_count":0}"#
    }

    @Test("fields with the same values are shared, whatever their order and form, and the counts are those of the lists")
    func shared() {
        #expect(unshared(lean()) == [])
    }

    @Test("a field that is missing, cut or counted otherwise is named")
    func others() {
        #expect(unshared(lean(name: "null")) == ["name"])
        #expect(unshared(lean(metadata: #"{"a":1}"#, counts: "null")) == ["metadata", "message_count"])
        #expect(unshared(lean(time: "2026-11-01T00:00:01Z"))?.contains("started_at") == true)
    }

    @Test("a row that changes while it is asked for shows nothing")
    func changes() {
        #expect(unshared(lean(name: "null"), again: lean()) == nil)
    }
}
