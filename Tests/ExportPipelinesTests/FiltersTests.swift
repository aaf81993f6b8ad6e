import ExportCore
import ExportPipelines
import Testing

@Suite struct FiltersTests {
    @Test("every filter that the service knows can be written")
    func everyFilter() throws {
        var text = smallest + "filters:\n"
        var expected: [FilterName: String] = [:]
        for name in FilterName.allCases {
            switch name.kind {
            case .text: expected[name] = "some text"
            case .flag: expected[name] = "true"
            case .choice(let words): expected[name] = words.last
            }
            text += "  \(name.rawValue): \(expected[name] ?? "")\n"
        }
        #expect(try plan(text).filters == Filters(values: expected))
    }

    @Test("text is taken as it is written, whatever YAML would make of it")
    func asWritten() throws {
        let text =
            smallest
            + "filters: { customer_id: 007, name: 1.10, language: no, device: 0x1F, search: 2024-01-01, action_name: 'null' }"
        #expect(
            try plan(text).filters.values == [
                .customerID: "007", .name: "1.10", .language: "no", .device: "0x1F", .search: "2024-01-01", .actionName: "null",
            ])
    }

    @Test("env is environment, and flags may be written in capitals or quotes")
    func spellings() throws {
        let values = try plan(smallest + "filters: { env: prod, is_marked: True, has_action: \"false\" }").filters.values
        #expect(values == [.environment: "prod", .isMarked: "true", .hasAction: "false"])
    }

    @Test("only_deleted asks for deleted rows and keeps no others")
    func onlyDeleted() throws {
        #expect(try plan(smallest + "filters: { only_deleted: true }").filters.deletedRows == .only)
        #expect(try plan(smallest + "filters: { only_deleted: true, include_deleted: true }").filters.deletedRows == .only)
        #expect(try plan(smallest + "filters: { only_deleted: false, include_deleted: true }").filters.deletedRows == .included)
    }

    @Test(
        "metadata is a map of dot paths or a text of pairs",
        arguments: [
            (
                "{ tier: gold, n: 1.50, on: TRUE, none: ~, quoted: \"1\" }",
                ["tier:gold", "n:1.50", "on:true", "none:null", "quoted:1"]
            ),
            ("{ a: { b: { c: 1 }, d: x }, e.f: y }", ["a.b.c:1", "a.d:x", "e.f:y"]),
            ("\"status:resolved,customer_tier:premium\"", ["status:resolved", "customer_tier:premium"]),
            ("analysis.sentiment:positive", ["analysis.sentiment:positive"]),
            ("{ url: \"http://x,y\" }", ["url:http://x,y"]),
        ])
    func metadata(_ written: String, _ matches: [String]) throws {
        let filters = try plan(smallest + "filters: { metadata: \(written) }").filters
        #expect(filters.metadata.map { "\($0.key):\($0.value)" } == matches)
    }

    @Test("metadata.KEY is the metadata filter that it reads like, alone or beside a map")
    func metadataName() throws {
        let filters = try plan(smallest + "filters: { metadata: { a: 1 }, metadata.customer_tier: premium, metadata.b.c: ~ }")
            .filters
        #expect(filters.metadata.map { "\($0.key):\($0.value)" } == ["a:1", "customer_tier:premium", "b.c:null"])
        #expect(filters.extra.isEmpty && filters.values.isEmpty)
    }

    @Test("metadata_key and metadata_value are one more match")
    func metadataPair() throws {
        let text = "filters: { metadata: { a: 1 }, metadata_key: b, metadata_value: \"x,y\" }"
        #expect(
            try plan(smallest + text).filters.parameters == [
                .init(name: "metadata", value: "a:1"), .init(name: "metadata_key", value: "b"),
                .init(name: "metadata_value", value: "x,y"),
            ])
    }

    @Test("what goes under extra is sent as it stands, in its order")
    func extra() throws {
        let filters = try plan(smallest + "filters: { extra: { zeta: 1, alpha: \"\", beta: x y } }").filters
        #expect(
            filters.extra == [
                .init(name: "zeta", value: "1"), .init(name: "alpha", value: ""), .init(name: "beta", value: "x y"),
            ])
    }

    @Test("the seed's started_at_after and started_at_before are the span, half-open")
    func startedAt() throws {
        let text = """
            filters:
              started_at_after: "2024-01-01T00:00:00Z"
              started_at_before: 2024-01-31T23:59:59
            window:
              timezone: Europe/Zagreb
              every: week
            """
        let windows = try plan(smallest + text).windows
        #expect(windows.first?.range.start == (try at("2024-01-01T00:00:00Z")))
        #expect(windows.last?.range.end == (try at("2024-01-31T22:59:59Z")))
        #expect(windows.count == 5)
        #expect(try plan(smallest + "filters: { started_at_after: 2024-01-01 }").windows.map(\.key) == ["all"])
    }
}
