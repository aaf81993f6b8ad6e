import ExportCore
import Testing

@Suite struct PacerTests {
    private let start = ContinuousClock.now

    @Test("without a ceiling nothing waits")
    func free() {
        var pacer = Pacer(ceiling: nil, now: start)
        for _ in 0..<100 { #expect(pacer.reserve(now: start) == start) }
    }

    @Test("a ceiling spaces requests evenly, whoever sends them")
    func ceiling() {
        var pacer = Pacer(ceiling: 4, now: start)
        let places = (0..<5).map { _ in pacer.reserve(now: start) - start }
        #expect(places == [.zero, .milliseconds(250), .milliseconds(500), .milliseconds(750), .seconds(1)])
    }

    @Test("after a throttled answer the whole key waits, those with a place too, and wakes one by one")
    func throttled() {
        var pacer = Pacer(ceiling: nil, now: start)
        let waiting = pacer.reserve(now: start)
        for _ in 0..<50 { pacer.succeeded() }
        pacer.throttled(pause: .seconds(2), now: start)
        #expect(!pacer.mayStart(at: waiting))
        let places = (0..<3).map { _ in pacer.reserve(now: start) - start }
        #expect(places[0] == .seconds(2))
        #expect(places[1] > places[0])
        #expect(places[2] - places[1] == places[1] - places[0])
        #expect(pacer.mayStart(at: start + places[0]))
    }

    @Test(
        "the rate follows what the service was seen to take: fifty in a second and a pause of one are not more than fifty a second")
    func adapts() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        for _ in 0..<50 { pacer.succeeded() }
        pacer.throttled(pause: .seconds(1), now: start + .milliseconds(100))
        let rate = try #require(pacer.rate)
        #expect((35...50).contains(rate))
        for _ in 0..<100 { pacer.succeeded() }
        #expect(try #require(pacer.rate) > rate)
    }

    @Test("many throttled answers to requests in flight together are one pause, not many")
    func together() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        for _ in 0..<50 { pacer.succeeded() }
        pacer.throttled(pause: .seconds(1), now: start + .milliseconds(100))
        let rate = try #require(pacer.rate)
        for _ in 0..<7 { pacer.throttled(pause: .seconds(1), now: start + .milliseconds(101)) }
        #expect(pacer.rate == rate)
    }

    @Test("a service that throttles without saying for how long is left alone for longer each time, up to a minute")
    func ownPause() {
        var pacer = Pacer(ceiling: nil, now: start)
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<8 {
            pacer.throttled(pause: nil, now: now)
            pauses.append(pacer.blockedUntil - now)
            now = pacer.blockedUntil
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map(Duration.seconds))
        pacer.succeeded()
        pacer.throttled(pause: nil, now: now)
        #expect(pacer.blockedUntil - now == .seconds(1), "an answer begins anew")
    }

    @Test("the adapted rate never passes the ceiling, and never falls to nothing")
    func bounds() throws {
        var pacer = Pacer(ceiling: 10, now: start)
        var now = start
        for _ in 0..<50 {
            pacer.throttled(pause: .seconds(1), now: now)
            now = pacer.blockedUntil
        }
        #expect(try #require(pacer.rate) >= 0.2)
        for _ in 0..<100_000 { pacer.succeeded() }
        #expect(pacer.rate == 10)
    }

    @Test("a pause is drawn between nothing and twice as much as before, up to a cap, and ends after the tries allowed")
    func retry() {
        let policy = RetryPolicy(limit: 8, base: .seconds(1), cap: .seconds(30))
        let longest = (1...9).map { policy.pause(afterFailures: $0, jitter: 1) }
        #expect(longest == [1, 2, 4, 8, 16, 30, 30, 30].map(Duration.seconds) + [nil])
        #expect(policy.pause(afterFailures: 3, jitter: 0) == .zero)
        #expect(policy.pause(afterFailures: 3, jitter: 0.5) == .seconds(2))
    }
}
