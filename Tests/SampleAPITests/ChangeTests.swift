import Testing

@testable import SampleAPI

@Suite struct ChangeTests {
    /// The answers to so many requests, one after the other.
    private func answers(
        _ count: Int, _ query: KeyValuePairs<String, String>, _ configure: (inout SampleService.Configuration) -> Void
    ) async throws -> [RawClient.Answer] {
        var configuration = SampleService.Configuration()
        configure(&configuration)
        return try await withSampleService(configuration) { endpoint, _ in
            var answers: [RawClient.Answer] = []
            for _ in 0..<count { answers.append(try await RawClient(endpoint: endpoint).list(query)) }
            return answers
        }
    }

    @Test("from its request on a deployment ignores ordering and parameters, clamps pages, and knows no key")
    func changes() async throws {
        let answers = try await answers(6, ["page_size": "100", "ordering": "started_at", "device": "tablet"]) {
            $0.changes = [
                Change(fromRequest: 2, .orderingIgnored), Change(fromRequest: 4, .parametersIgnored(["device"])),
                Change(fromRequest: 5, .pageLimit(7)), Change(fromRequest: 6, .keysRevoked),
            ]
        }
        let ids = try answers.map { try $0.ids() }
        #expect(ids[1] != ids[0] && Set(ids[1]) == Set(ids[0]) && ids[2] == ids[1])
        #expect(ids[3].count == 100 && ids[4] == Array(ids[3].prefix(7)))
        #expect(answers[5].status == 401)
    }

    @Test("from its request on a deployment admits fewer requests in a second")
    func rateLimit() async throws {
        let answers = try await answers(4, ["page_size": "1"]) {
            $0.rateLimit = RateLimit(perSecond: 1000)
            $0.changes = [Change(fromRequest: 3, .rateLimit(perSecond: 0))]
        }
        #expect(answers.map(\.status) == [200, 200, 429, 429])
    }

    @Test("a row from outside takes the place of the first, and the count says nothing of it")
    func rowOutside() async throws {
        let bounds: KeyValuePairs = ["started_at_after": "2026-03-24T00:00:00Z", "started_at_before": "2026-03-25T00:00:00Z"]
        let answers = try await answers(2, bounds) { $0.faults = .schedule([2: .rowOutsideWindow]) }
        let (honest, wrong) = (try answers[0].ids(), try answers[1].ids())
        #expect(wrong.dropFirst() == honest.dropFirst() && wrong[0] != honest[0] && !honest.contains(wrong[0]))
        #expect(try answers[0].json()["count"] as? Int == answers[1].json()["count"] as? Int)
    }

    @Test("next is missing where pages follow, or there where none does")
    func next() async throws {
        let answers = try await answers(2, ["page": "last"]) { $0.faults = .schedule([2: .nextEndless]) }
        #expect(answers[0].text.contains("\"next\":null") && answers[1].text.contains("\"next\":\"http"))
        let first = try await self.answers(1, [:]) { $0.faults = .schedule([1: .nextMissing]) }
        #expect(first[0].text.contains("\"next\":null"))
    }

    @Test("a 429 carries the text it was given, a redirect its address, and a made answer is sent as it stands")
    func made() async throws {
        let answers = try await answers(4, [:]) { configuration in
            configuration.faults = .firstOf([
                .during(1...1, .throttle(retryAfter: "soon")), .schedule([2: .redirect(to: "http://127.0.0.2/")]),
            ])
            configuration.cannedResponse = { number, route in
                switch number {
                case 3: CannedResponse(status: 418, headers: ["X-Odd": "yes"], body: Array("odd".utf8))
                case 4: CannedResponse(body: Array("ab".utf8), repeats: 3)
                default: nil
                }
            }
        }
        #expect(answers[0].status == 429 && answers[0].headers["retry-after"] == "soon")
        #expect(answers[1].status == 302 && answers[1].headers["location"] == "http://127.0.0.2/")
        #expect(answers[2].status == 418 && answers[2].headers["x-odd"] == "yes" && answers[2].text == "odd")
        #expect(answers[3].status == 200 && answers[3].headers["transfer-encoding"] == "chunked")
    }
}
