import NIOCore
import Testing

@testable import SampleAPI

@Suite struct InFlightTests {
    private let call = SampleService.Call(
        route: .conversations, isGet: true, parameters: [], authorization: nil, acceptsJSON: true, host: "h")

    @Test("the most requests in work at once are remembered")
    func maximum() throws {
        let service = SampleService(dataset: .settled)
        let now = try #require(Moment(parsing: "2026-11-01"))
        let numbers = (0..<3).map { _ in service.arrive(call, now: .zero, wallClock: now).number }
        #expect(service.statistics.maximumInFlight == 3)
        for number in numbers + numbers { service.leave(number) }
        _ = service.arrive(call, now: .zero, wallClock: now)
        #expect(service.statistics.maximumInFlight == 3)
        #expect(service.withState { $0.inFlight.count } == 1)
    }

    @Test("requests one after the other are never two at once")
    func sequence() async throws {
        try await withSampleService { endpoint, service in
            for _ in 0..<20 { _ = try await RawClient(endpoint: endpoint).list(["page_size": "100"]) }
            #expect(service.statistics.maximumInFlight == 1)
        }
    }

    @Test("a request whose client hung up is no longer in work", .timeLimit(.minutes(1)))
    func hangUp() async throws {
        var configuration = SampleService.Configuration()
        configuration.faults = .schedule([1: .stallBeforeAnswer(.seconds(600)), 2: .stallInBody(.seconds(600))])
        try await withSampleService(configuration, dataset: .settled) { endpoint, service in
            let client = RawClient(endpoint: endpoint)
            for _ in 0..<2 { _ = try await client.get("/api/conversations/", hangsUp: true) }
            while service.statistics.requests < 2 || !service.withState({ $0.inFlight.isEmpty }) {
                _ = try await client.get("/_sample/statistics")
            }
            #expect(service.statistics.faults == 2)
        }
    }

    @Test(
        "the end comes soon and closes every connection: those that have just been opened, and that of an answer not due for long",
        .timeLimit(.minutes(3)))
    func end() async throws {
        var configuration = SampleService.Configuration()
        configuration.latency = .seconds(600)
        for _ in 0..<20 {
            let (connections, begun) = try await withSampleService(configuration, dataset: .settled) { endpoint, service in
                let client = RawClient(endpoint: endpoint)
                var connections = [try await client.open()]
                let waiting = try await client.open()
                connections.append(waiting)
                try await waiting.writeAndFlush(ByteBuffer(string: client.request("/api/conversations/")))
                while service.statistics.requests < 1 { _ = try await client.get("/_sample/statistics") }
                for _ in 0..<20 { connections.append(try await client.open()) }
                #expect(service.withState { $0.inFlight.count } == 1)
                return (connections, ContinuousClock.now)
            }
            // A tenth of what the answer takes.
            #expect(ContinuousClock.now - begun < .seconds(60))
            // None is left open, and none has an answer.
            for connection in connections { try await connection.closeFuture.get() }
        }
    }
}
