import ExportCore
import ExportHTTP
import NIOHTTP1
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
            (200, [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "30")]),
        ] as [(Int, [(String, String)])])
    func waits(status: Int, headers: [(String, String)]) async throws {
        let gate = RequestGate(ceiling: nil)
        let place = try await gate.waitForPlace()
        gate.note(head(status, headers), sentAt: place, wallClock: wallClock)
        #expect(!gate.pass(at: place))
        #expect(gate.counts.requests == 0)
        #expect(gate.counts.throttled == (status == 429 ? 1 : 0))
    }

    @Test(
        "the key waits for as long as it was told, and no longer",
        arguments: [
            (429, [("Retry-After", "10")]), (503, [("Retry-After", "10")]),
            (200, [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "10")]),
        ] as [(Int, [(String, String)])])
    func waitsLongEnough(status: Int, headers: [(String, String)]) {
        let clock = ContinuousClock()
        let start = clock.now
        let gate = RequestGate(ceiling: nil, clock: clock, now: { start })
        gate.note(head(status, headers), sentAt: start, wallClock: wallClock)
        #expect(!gate.pass(at: start + .milliseconds(9999)))
        #expect(gate.pass(at: start + .seconds(10)))
    }

    @Test("an answer that says nothing of waiting holds nobody up", arguments: [200, 404, 500, 503])
    func passes(status: Int) async throws {
        let gate = RequestGate(ceiling: nil)
        let place = try await gate.waitForPlace()
        gate.note(head(status), sentAt: place, wallClock: wallClock)
        #expect(gate.pass(at: place))
        #expect(gate.counts.requests == 1)
        #expect(gate.hasAnswered)
    }
}
