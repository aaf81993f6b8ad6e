import Foundation
import SampleAPI
import Testing

@Suite struct EnvelopeTests {
    @Test(
        "each generation has its envelope and its page size",
        arguments: [
            (
                SampleService.Generation.old,
                #"{"count":40,"next":"http://127.0.0.1:PORT/api/conversations/?full=false&ordering=id&page=3","#
                    + #""previous":"http://127.0.0.1:PORT/api/conversations/?full=false&ordering=id","results":[{"id":"#, 10
            ),
            (
                SampleService.Generation.new,
                #"{"count":40,"page_size":15,"total_pages":3,"current_page":2,"#
                    + #""next":"http://127.0.0.1:PORT/api/conversations/?full=false&ordering=id&page=3","#
                    + #""previous":"http://127.0.0.1:PORT/api/conversations/?full=false&ordering=id","results":[{"id":"#, 15
            ),
        ]
    )
    func shape(generation: SampleService.Generation, start: String, rows: Int) async throws {
        try await withSampleService(.init(generation: generation), dataset: .settled) { endpoint, _ in
            let client = RawClient(endpoint: endpoint)
            let answer = try await client.list(["ordering": "id", "full": "false", "page": "2"])
            #expect(answer.text.hasPrefix(start.replacingOccurrences(of: "PORT", with: "\(client.port)")))
            #expect(answer.text.hasSuffix("}]}"))
            #expect(try answer.ids().count == rows)
        }
    }

    @Test("first and last page have no link beyond them, an empty result is one page")
    func ends() async throws {
        try await withSampleService(dataset: .settled) { endpoint, _ in
            let client = RawClient(endpoint: endpoint)
            #expect(try await client.list(["page_size": "20"]).text.contains(#""previous":null"#))
            let last = try await client.list(["page_size": "20", "page": "last"])
            #expect(last.text.contains(#""current_page":2,"next":null"#))
            let none = try await client.list(["device": "watch"])
            #expect(
                none.text
                    == #"{"count":0,"page_size":15,"total_pages":1,"current_page":1,"next":null,"previous":null,"results":[]}"#)
        }
    }

    @Test(
        "a page size above the largest is clamped silently, one that makes no sense is the default",
        arguments: [
            ("1000", 100), ("101", 100), ("100", 100), ("7", 7), ("0", 15), ("-5", 15), ("many", 15), ("", 15),
        ])
    func pageSizes(asked: String, given: Int) async throws {
        try await withSampleService { endpoint, _ in
            let answer = try await RawClient(endpoint: endpoint).list(["page_size": asked, "full": "false"])
            #expect(answer.status == 200)
            #expect(try answer.ids().count == given)
        }
    }

    @Test("a page out of range is a 404 in JSON", arguments: ["4", "0", "-1", "x", "1.5"])
    func invalidPage(page: String) async throws {
        try await withSampleService(dataset: .settled) { endpoint, _ in
            let answer = try await RawClient(endpoint: endpoint).list(["page": page])
            #expect(answer.status == 404)
            #expect(answer.text == #"{"detail":"Invalid page."}"#)
        }
    }

    @Test("lean rows have counts in the place of the transcript, full rows the other way round")
    func detail() async throws {
        try await withSampleService(dataset: .settled) { endpoint, service in
            let client = RawClient(endpoint: endpoint)
            let lean = try await client.list(["full": "false", "page_size": "1"]).text
            #expect(lean.contains(#""message_count":"#) && !lean.contains(#""messages":"#))
            let full = try await client.list(["page_size": "1"]).text
            #expect(!full.contains(#""message_count":"#) && full.contains(#""messages":"#) && !full.contains(#""tickets":"#))
            let ticketed = try await client.list(["include_tickets": "true", "page_size": "1"]).text
            #expect(ticketed.contains(#""tickets":[{"id":"#))
        }
    }

    @Test("the host of the links is the one that is configured, and not always one that can be reached")
    func links() async throws {
        var configuration = SampleService.Configuration()
        configuration.linkAuthority = "backend.internal:8000"
        try await withSampleService(configuration) { endpoint, _ in
            let answer = try await RawClient(endpoint: endpoint).list(["name": "č & ö"])
            #expect(answer.text.contains(#""count":0"#))
            let next = try await RawClient(endpoint: endpoint).list(["device": "mobile"]).json()["next"] as? String
            #expect(next == "http://backend.internal:8000/api/conversations/?device=mobile&page=2")
        }
    }
}

extension SampleDataset {
    /// 40 rows, none of them deleted: with this seed.
    static let settled = SampleDataset(rows: 40, seed: 21)
}
