import ExportCore
import Testing

@testable import ExportAPI

@Suite struct ServiceRequestTests {
    @Test("a page of the list carries filters, bounds and order, percent-encoded")
    func list() {
        let filters = Filters(
            values: [.name: "a b&c=d/é", .isMarked: "true"],
            metadata: [.init(key: "a.b", value: "c"), .init(key: "k", value: "x:y,z")],
            extra: [.init(name: "new", value: "1+1")])
        let query = ListQuery(after: Instant(microseconds: 1), before: Instant(seconds: 60), page: 2, pageSize: 50, ordering: .id)
        #expect(
            ServiceRequest(list: query, filters: filters, detail: .full).target == "/api/conversations/?"
                + "name=a%20b%26c%3Dd%2F%C3%A9&is_marked=true&metadata=a.b%3Ac&metadata_key=k&metadata_value=x%3Ay%2Cz&new=1%2B1"
                + "&full=true&started_at_after=1970-01-01T00%3A00%3A00.000001Z&started_at_before=1970-01-01T00%3A01%3A00Z"
                + "&ordering=id&page=2&page_size=50")
    }

    @Test("deleted rows are asked for once, however they are asked for", arguments: [true, false])
    func deleted(only: Bool) {
        let filters = Filters(values: only ? [:] : [.includeDeleted: "true"], onlyDeleted: only)
        let query = ListQuery(after: nil, before: Instant(seconds: 60), pageSize: 1, includesDeleted: true, isCount: true)
        let names = ServiceRequest(list: query, filters: filters, detail: .full).parameters.map { "\($0.name)=\($0.value)" }
        #expect(names.filter { $0.hasPrefix("include_deleted") } == ["include_deleted=true"])
        #expect(names.contains("full=false"), "a count needs no transcripts")
        #expect(!names.contains { $0.hasPrefix("started_at_after") })
    }
}
