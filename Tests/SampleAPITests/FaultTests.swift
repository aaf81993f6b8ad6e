import Testing

@testable import SampleAPI

@Suite struct FaultTests {
    /// The answer to the second of three requests, which alone meets the fault.
    private func answer(to fault: Fault) async throws -> RawClient.Answer {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([2: fault])
        return try await withSampleService(configuration) { endpoint, service in
            let client = RawClient(endpoint: endpoint)
            #expect(try await client.list(["page_size": "100"]).isWhole)
            let faulty = try await client.list(["page_size": "100"])
            #expect(try await client.list(["page_size": "100"]).ids().count == 100)
            #expect(service.statistics.faults == 1)
            return faulty
        }
    }

    @Test("a status comes with a body in JSON or HTML", arguments: [500, 502, 503, 504])
    func statuses(status: Int) async throws {
        let json = try await answer(to: .status(status))
        #expect(json.status == status && json.text == #"{"detail":"A server error occurred."}"#)
        let html = try await answer(to: .status(status, html: true))
        #expect(html.status == status && html.text.hasPrefix("<!doctype html>"))
        #expect(html.headers["content-type"] == "text/html; charset=utf-8")
    }

    @Test("a reset before the answer brings no byte")
    func resetBeforeAnswer() async throws {
        let answer = try await answer(to: .resetBeforeAnswer)
        #expect(answer.wasReset && answer.status == nil)
    }

    @Test("a reset in the body comes after a part of it")
    func resetInBody() async throws {
        let answer = try await answer(to: .resetInBody)
        #expect(answer.wasReset && answer.status == 200 && !answer.body.isEmpty && !answer.isWhole)
    }

    @Test("a cut body is shorter than its Content-Length says, and the connection ends in order")
    func cutBody() async throws {
        let answer = try await answer(to: .cutBody)
        #expect(!answer.wasReset && answer.status == 200 && !answer.body.isEmpty && !answer.isWhole)
    }

    @Test("cut JSON comes whole by its length, and cannot be read")
    func cutJSON() async throws {
        let answer = try await answer(to: .cutJSON)
        #expect(answer.isWhole && answer.body.count > 1000)
        #expect(throws: (any Error).self) { try answer.json() }
    }

    @Test("an empty body and a web page come with a 200")
    func contents() async throws {
        let empty = try await answer(to: .emptyBody)
        #expect(empty.status == 200 && empty.isWhole && empty.body.isEmpty)
        let html = try await answer(to: .htmlBody)
        #expect(html.status == 200 && html.isWhole && html.text.contains("<html"))
    }

    @Test("a stall is as long as it says, with nothing or with half of the body before it")
    func stalls() async throws {
        let pause = Duration.milliseconds(150)
        let clock = ContinuousClock()
        let start = clock.now
        let nothing = try await answer(to: .stallBeforeAnswer(pause))
        #expect(nothing.status == nil && clock.now - start >= pause)
        let middle = clock.now
        let half = try await answer(to: .stallInBody(pause))
        #expect(half.status == 200 && !half.isWhole && !half.body.isEmpty && clock.now - middle >= pause)
    }

    @Test("a drip brings the whole answer slowly")
    func drip() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let answer = try await answer(to: .drip(pieces: 4, pause: .milliseconds(40)))
        #expect(try answer.ids().count == 100)
        #expect(clock.now - start >= .milliseconds(120))
    }

    @Test(
        "counts are wrong as asked for, and the rows are right",
        arguments: [
            (Fault.countOff(by: 1), #"{"count":371,"#), (.countOff(by: -1), #"{"count":369,"#), (.countZero, #"{"count":0,"#),
            (.countNull, #"{"count":null,"#),
        ])
    func counts(fault: Fault, start: String) async throws {
        let answer = try await answer(to: fault)
        #expect(answer.text.hasPrefix(start))
        #expect(try answer.ids().count == 100)
    }

    @Test("a random plan is the same for a seed, and meets as many requests as it says")
    func random() {
        let plan = FaultPlan.random(seed: 3, probability: 0.25, among: [.emptyBody, .countNull])
        let met = (1...4000).compactMap { plan.fault(forRequest: $0) }
        #expect((900...1100).contains(met.count))
        #expect(Set(met) == [.emptyBody, .countNull])
        #expect(met == (1...4000).compactMap { plan.fault(forRequest: $0) })
    }
}
