import Testing

@testable import SampleAPI

@Suite struct OrderingTests {
    private func ids(_ configuration: SampleService.Configuration, _ parameters: KeyValuePairs<String, String>) async throws
        -> [Int]
    {
        try await withSampleService(configuration) { endpoint, _ in
            try await RawClient(endpoint: endpoint).list(
                parameters.map { ($0.key, $0.value) } + [("page_size", "100"), ("full", "false")]
            ).ids()
        }
    }

    private let rows = SampleDataset.standard.rows.filter { !$0.isDeleted }

    @Test("ordering is honoured, unknown fields of it are ignored")
    func honoured() async throws {
        let byTime = rows.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }.prefix(100).map(\.id)
        #expect(try await ids(.init(), ["ordering": "started_at"]) == byTime)
        #expect(try await ids(.init(), ["ordering": "updated_at,started_at,-nonsense"]) == byTime)
        #expect(try await ids(.init(), ["ordering": "id"]) == rows.prefix(100).map(\.id))
        #expect(try await ids(.init(), ["ordering": "-id"]) == rows.suffix(100).reversed().map(\.id))
        let newest = rows.sorted { $0.startedAt != $1.startedAt ? $0.startedAt > $1.startedAt : $0.id < $1.id }.prefix(100).map(
            \.id)
        #expect(try await ids(.init(), ["ordering": "updated_at"]) == newest)
        #expect(try await ids(.init(), [:]) == newest)
    }

    @Test("nulls come last, and first when descending")
    func nulls() async throws {
        let nulls = Set(rows.filter { $0.endedAt == nil }.map(\.id))
        #expect(try await Set(ids(.init(), ["ordering": "-ended_at"]).prefix(nulls.count)) == nulls)
        #expect(try await Set(ids(.init(), ["ordering": "ended_at"])).isDisjoint(with: nulls))
    }

    @Test("an older deployment ignores ordering, and has an order of its own")
    func ignored() async throws {
        var configuration = SampleService.Configuration()
        configuration.ordering = .ignored
        configuration.defaultOrder = .id
        #expect(try await ids(configuration, ["ordering": "-started_at"]) == rows.prefix(100).map(\.id))
    }

    @Test("a random order is another one for each request, over the same rows")
    func random() async throws {
        var configuration = SampleService.Configuration()
        configuration.defaultOrder = .random
        try await withSampleService(configuration, dataset: .settled) { endpoint, _ in
            let client = RawClient(endpoint: endpoint)
            let first = try await client.list(["page_size": "100", "full": "false"]).ids()
            let second = try await client.list(["page_size": "100", "full": "false"]).ids()
            #expect(first != second)
            #expect(Set(first) == Set(second) && first.count == 40)
        }
    }

    @Test("random ties change places within their instant only")
    func ties() async throws {
        var configuration = SampleService.Configuration()
        configuration.ties = .random
        try await withSampleService(configuration) { endpoint, service in
            let client = RawClient(endpoint: endpoint)
            let asked: KeyValuePairs = ["ordering": "started_at", "page_size": "30", "page": "4", "full": "false"]
            let first = try await client.list(asked).ids()
            let second = try await client.list(asked).ids()
            #expect(first != second)
            let instants = Dictionary(uniqueKeysWithValues: SampleDataset.standard.rows.map { ($0.id, $0.startedAt) })
            #expect(first.map { instants[$0] } == second.map { instants[$0] })
        }
    }

    @Test(
        "the ends of a range belong to it, or do not, as configured; the oracle's begin and do not end it",
        arguments: [
            (SampleService.Bounds.inclusive, 3), (.exclusive, 1),
        ])
    func bounds(bounds: SampleService.Bounds, count: Int) async throws {
        var configuration = SampleService.Configuration()
        configuration.bounds = bounds
        let range: KeyValuePairs = [
            "started_at_after": "2026-03-24T23:59:59.999999Z", "started_at_before": "2026-03-25T01:00:00.000001+01:00",
            "include_deleted": "true",
        ]
        try await withSampleService(configuration) { endpoint, service in
            let found = try await RawClient(endpoint: endpoint).list(range).ids()
            #expect(found.count == count)
            #expect(try service.matchingIDs(range.map { QueryParameter(name: $0.key, value: $0.value) }).count == 2)
        }
    }
}
