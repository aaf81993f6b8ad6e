import Testing

@testable import SampleAPI

@Suite struct SampleDatasetTests {
    @Test("the committed sample is what the generator makes, byte for byte")
    func committedSample() throws {
        let isSame = try SampleFiles.bytes("conversations.ndjson") == SampleDataset().ndjson
        #expect(isSame, "samples/conversations.ndjson")
        let areSame = try SampleFiles.bytes("tickets.ndjson") == SampleDataset().ticketsNDJSON
        #expect(areSame, "samples/tickets.ndjson")
    }

    @Test("the same numbers make the same rows, another seed makes others")
    func determinism() {
        let digests = [7, 7, 8].map { StoredGzip.checksum(SampleDataset(rows: 50, seed: $0).ndjson) }
        #expect(digests[0] == digests[1] && digests[0] != digests[2])
    }

    @Test("there are as many rows as asked for, and no id comes twice", arguments: [0, 1, 2, 23, 24, 100, 400, 1000])
    func counts(rows: Int) {
        let dataset = SampleDataset(rows: rows)
        #expect(dataset.rows.count == rows)
        #expect(Set(dataset.rows.map(\.id)).count == rows)
        #expect(Set(dataset.rows.map(\.conversationID)).count == rows)
    }

    private static let text = SampleDataset.standard.ndjson

    @Test(
        "every row lies in the span, which grows with the rows, or is as long as asked for",
        arguments: [(400, nil, 14), (9_600, nil, 16), (400, 30, 30), (9_600, 14, 14)])
    func span(rows: Int, asked: Int?, days: Int64) {
        let calendar = SampleCalendar(rows: rows, seed: 1, tied: 40, days: asked)
        #expect(calendar.span.upperBound == calendar.span.lowerBound + days * Moment.day)
        #expect(calendar.arrivals.allSatisfy { calendar.span.contains($0.startedAt) })
    }

    @Test("an instant holds 40 rows, or more than a page in a large dataset, or as many as asked for")
    func ties() {
        func largest(_ dataset: SampleDataset) -> Int {
            Dictionary(grouping: dataset.rows, by: \.startedAt).values.map(\.count).max() ?? 0
        }
        #expect(largest(.standard) == 40)
        #expect(largest(SampleDataset(rows: 5_050)) > 100)
        #expect(largest(SampleDataset(rows: 400, tied: 150)) == 150)
    }

    @Test("some rows got their id long after they began")
    func lateArrivals() {
        let rows = SampleDataset.standard.rows
        let late = zip(rows, rows.dropFirst()).filter { $0.startedAt > $1.startedAt }
        #expect(!late.isEmpty && late.count < rows.count / 4)
    }

    @Test(
        "rows begin on an edge and one microsecond to either side of it",
        arguments: [
            "2026-03-25T00:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T22:00:00Z", "2026-03-31T22:00:00Z",
        ]
    )
    func edges(text: String) throws {
        let edge = try #require(Moment(parsing: text))
        let instants = Set(SampleDataset.standard.rows.map(\.startedAt))
        #expect([-1, 0, 1].allSatisfy { instants.contains(edge + $0) })
    }

    @Test(
        "the sample has what breaks exports",
        arguments: [
            "👩‍👩‍👧‍👦", "=SUM(A1)", "＝SUM(A1)", "\\t=1+1", "\\r\\n", "\\\\temp\\\\new", "\\u2028", "\"name\":\"\"", "\"name\":null",
            "\"metadata\":null",
            "\"metadata\":{}", "9007199254740993", "18446744073709551617", ":1E400", ":-0", ":1e-7", ":0.1", "\"utm.source\"",
            "\"cart__total\"",
            "\"preferred store\"", "+00:00\"", "\"is_deleted\":true", "\"messages\":[]", "\"csat_prediction\"", "\"analysis\":1",
            "\"analysis\":[",
            "\"language\":\"th\"", "e\u{301}",
        ]
    )
    func awkward(part: String) throws {
        let isThere = ExactText(part).isPart(of: Self.text)
        #expect(isThere)
    }
}
