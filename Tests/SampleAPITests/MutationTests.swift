import Foundation
import Testing

@testable import SampleAPI

@Suite struct MutationTests {
    private func count(_ service: SampleService, _ name: String = "page", _ value: String = "1") throws -> Int {
        try service.matchingIDs([QueryParameter(name: name, value: value)]).count
    }

    @Test("rows are inserted where they began, whenever they arrive")
    func insertion() throws {
        let service = SampleService()
        let before = try service.matchingIDs([])
        let instant = try #require(Moment(parsing: "2026-03-27T00:00:00Z")).microseconds
        let id = try #require(service.mutate(.insert(startedAt: instant)))
        let after = try service.matchingIDs([])
        #expect(id > before.max() ?? .max)
        #expect(after.filter { $0 != id } == before)
        let day = [
            QueryParameter(name: "started_at_after", value: "2026-03-27"),
            QueryParameter(name: "started_at_before", value: "2026-03-28"),
        ]
        #expect(try service.matchingIDs(day).contains(id))
    }

    @Test("a soft deletion hides a row, an undeletion brings it back as it was")
    func deletion() throws {
        let service = SampleService(dataset: .settled)
        let id = try #require(try service.matchingIDs([]).first)
        let row = service.row(id: id)
        service.mutate(.softDelete(id: id))
        #expect(try !service.matchingIDs([]).contains(id))
        #expect(try service.matchingIDs([.init(name: "include_deleted", value: "true")]).contains(id))
        service.mutate(.undelete(id: id))
        #expect(try service.matchingIDs([]).contains(id))
        #expect(service.row(id: id) == row)
        #expect(service.mutate(.softDelete(id: 5)) == nil)
    }

    @Test("marks, devices and metadata change what filters find and what rows show")
    func changes() throws {
        let service = SampleService(dataset: .settled)
        let id = try #require(try service.matchingIDs([]).first)
        service.mutate(.setDevice(id: id, "watch"))
        #expect(try service.matchingIDs([.init(name: "device", value: "watch")]) == [id])
        let marked = try count(service, "is_marked", "true")
        let isMarked = try service.matchingIDs([.init(name: "is_marked", value: "true")]).contains(id)
        service.mutate(.setMarked(id: id, !isMarked))
        #expect(try count(service, "is_marked", "true") == marked + (isMarked ? -1 : 1))
        service.mutate(.setMetadata(id: id, key: "wave", value: "seven"))
        #expect(try service.matchingIDs([.init(name: "metadata", value: "wave:seven")]) == [id])
        let text = String(decoding: try #require(service.row(id: id)), as: UTF8.self)
        #expect(text.contains(#""device":"watch""#) && text.contains(#""wave":"seven""#))
    }

    @Test("churn makes a change every so many requests, the same ones for a seed")
    func churn() async throws {
        func idsAfterChurn(seed: UInt64) async throws -> [Int] {
            var configuration = SampleService.Configuration()
            configuration.churn = Churn(every: 2, seed: seed, kinds: [.insert, .softDelete])
            return try await withSampleService(configuration, dataset: .settled) { endpoint, service in
                let client = RawClient(endpoint: endpoint)
                for _ in 0..<2 { _ = try await client.list(["page_size": "1"]) }
                #expect(try service.matchingIDs([]).count == 40)
                for _ in 0..<9 { _ = try await client.list(["page_size": "1"]) }
                return try service.matchingIDs([])
            }
        }
        let first = try await idsAfterChurn(seed: 1)
        #expect(try await idsAfterChurn(seed: 1) == first)
        #expect(try await idsAfterChurn(seed: 2) != first)
    }

    @Test("every kind of churn changes a row", arguments: Mutation.Kind.allCases)
    func kinds(kind: Mutation.Kind) async throws {
        var configuration = SampleService.Configuration()
        configuration.churn = Churn(every: 1, seed: 4, kinds: [kind])
        let dataset = SampleDataset.standard
        try await withSampleService(configuration, dataset: dataset) { endpoint, service in
            for _ in 0..<4 { _ = try await RawClient(endpoint: endpoint).list(["page_size": "1"]) }
            let all = try service.matchingIDs([.init(name: "include_deleted", value: "true")])
            let now = all.sorted().compactMap { service.row(id: $0) }.flatMap { row in row + [0x0A] as [UInt8] }
            let isChanged = now != dataset.ndjson
            #expect(isChanged)
        }
    }

    @Test("a row deleted between two pages makes the page walk lose another one: the trap is real")
    func trap() async throws {
        var configuration = SampleService.Configuration()
        configuration.beforeResponse = { number, service in
            if number == 2, let first = try? service.matchingIDs([]).first { service.mutate(.softDelete(id: first)) }
        }
        try await withSampleService(configuration, dataset: .settled) { endpoint, service in
            let before = Set(try service.matchingIDs([]))
            var seen: Set<Int> = []
            for page in 1...4 {
                seen.formUnion(
                    try await RawClient(endpoint: endpoint).list(["ordering": "started_at", "page_size": "10", "page": "\(page)"])
                        .ids())
            }
            #expect(seen.count == 39 && seen.isStrictSubset(of: before))
            #expect(Set(try service.matchingIDs([])).subtracting(seen).count == 1)
        }
    }
}
