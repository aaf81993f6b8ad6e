import ExportCore
import ExportHTTP
import NIOHTTP1
import Synchronization
import Testing

@testable import ExportAPI

@Suite struct RequestGateTests {
    private let wallClock = Instant(seconds: 1_790_000_000)

    private func head(_ status: Int, _ headers: [(String, String)] = []) -> ResponseHead {
        ResponseHead(status: status, headers: HTTPHeaders(headers))
    }

    @Test(
        "a request that has its place does not pass once an answer's head has told the key to wait",
        arguments: [
            (429, [("Retry-After", "3600")]), (429, []), (503, [("Retry-After", "3600")]),
            (200, [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "30")]), (200, [("RateLimit", "\"a\";r=0;t=30")]),
        ] as [(Int, [(String, String)])])
    func waits(status: Int, headers: [(String, String)]) async throws {
        let gate = RequestGate(ceiling: nil)
        let place = try await gate.waitForPlace()
        let sent = try #require(gate.pass(at: try await gate.waitForPlace()))
        gate.note(head(status, headers), to: sent, wallClock: wallClock)
        #expect(gate.pass(at: place) == nil)
        #expect(gate.counts.requests == 1)
        #expect(gate.counts.throttled == (status == 429 ? 1 : 0))
    }

    @Test(
        "the key waits for as long as it was told, and no longer",
        arguments: [
            (429, [("Retry-After", "10")]), (503, [("Retry-After", "10")]),
            (200, [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "10")]),
        ] as [(Int, [(String, String)])])
    func waitsLongEnough(status: Int, headers: [(String, String)]) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let gate = RequestGate(ceiling: nil, clock: clock, now: { start })
        let sent = try #require(gate.pass(at: try await gate.waitForPlace()))
        gate.note(head(status, headers), to: sent, wallClock: wallClock)
        #expect(try #require(gate.serviceStatus.pause) == .seconds(10))
    }

    @Test("an answer that says nothing of waiting holds nobody up", arguments: [200, 404, 500, 503])
    func passes(status: Int) async throws {
        let gate = RequestGate(ceiling: nil)
        let place = try await gate.waitForPlace()
        let sent = try #require(gate.pass(at: try await gate.waitForPlace()))
        gate.note(head(status), to: sent, wallClock: wallClock)
        #expect(gate.pass(at: place) != nil)
        #expect(gate.counts.requests == 2)
        #expect(gate.hasAnswered)
    }

    @Test("the limit that an answer names is kept to from then on, unless another is known already")
    func namedLimit() async throws {
        let named = head(200, [("RateLimit-Policy", "\"default\";q=20;w=1")])
        for known in [nil, KnownLimit.rate(perSecond: 9, burst: 0)] {
            let gate = RequestGate(ceiling: nil)
            if let known { gate.expect(known) }
            let sent = try #require(gate.pass(at: try await gate.waitForPlace()))
            gate.note(named, to: sent, wallClock: wallClock)
            #expect(gate.serviceStatus.allowedRate == (known == nil ? 20 : 9))
        }
    }

    /// Two in flight are admitted, and two are refused.
    private func boundedGate() async throws -> RequestGate {
        let gate = RequestGate(ceiling: nil)
        var sent: [Pacer.Sent] = []
        for _ in 0..<4 { sent.append(try #require(gate.pass(at: try await gate.waitForPlace()))) }
        for request in sent {
            gate.note(head(request == sent[0] || request == sent[1] ? 200 : 429), to: request, wallClock: wallClock)
        }
        for request in sent { gate.end(request) }
        return gate
    }

    @Test(
        "where the service bounds what is in flight, a request waits until another has ended, and passes then",
        arguments: [true, false])
    func waitsForRoom(hasAnswer: Bool) async throws {
        let gate = try await boundedGate()
        let first = try #require(gate.pass(at: try await gate.waitForPlace()))
        let second = try #require(gate.pass(at: try await gate.waitForPlace()))
        let third = Task { try await gate.waitForPlace() }
        while gate.waiting == 0 { await Task.yield() }
        if hasAnswer { gate.note(head(200), to: first, wallClock: wallClock) }
        gate.end(first)
        #expect(gate.pass(at: try await third.value) != nil)
        gate.end(second)
    }

    @Test(
        "503 with a short Retry-After paces as 429 does, and with a long one only pauses",
        arguments: [("1", true), ("3600", false)])
    func pacesAfter503(retryAfter: String, isPaced: Bool) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let time = Mutex(start)
        let gate = RequestGate(ceiling: nil, clock: clock, now: { time.withLock { $0 } })
        let first = try #require(gate.pass(at: try await gate.waitForPlace()))
        gate.note(head(503, [("Retry-After", retryAfter)]), to: first, wallClock: wallClock)
        gate.end(first)
        time.withLock { $0 = start + .seconds(7200) }
        _ = try await gate.waitForPlace()
        #expect((gate.serviceStatus.allowedRate != nil) == isPaced)
    }

    @Test("a request that is cancelled while it waits for another to end leaves no trace")
    func cancelledWait() async throws {
        let gate = try await boundedGate()
        _ = try #require(gate.pass(at: try await gate.waitForPlace()))
        let second = try #require(gate.pass(at: try await gate.waitForPlace()))
        let third = Task { try await gate.waitForPlace() }
        while gate.waiting == 0 { await Task.yield() }
        third.cancel()
        await #expect(throws: CancellationError.self) { try await third.value }
        #expect(gate.waiting == 0)
        gate.end(second)
        _ = try await gate.waitForPlace()
    }
}
