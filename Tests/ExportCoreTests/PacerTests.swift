import ExportCore
import Testing

@Suite struct PacerTests {
    private let start = ContinuousClock.now

    @Test("without a ceiling nothing waits")
    func free() {
        var pacer = Pacer(ceiling: nil, now: start)
        for _ in 0..<100 { #expect(pacer.reserve(now: start) == start) }
    }

    @Test("a ceiling spaces requests evenly, whoever sends them, and a little more than it asks for")
    func ceiling() {
        var pacer = Pacer(ceiling: 4, now: start)
        let places = (0..<5).map { _ in (pacer.reserve(now: start) - start) / .seconds(1) }
        for (index, place) in places.enumerated() { #expect(abs(place - Double(index) * 0.25 / 0.985) < 1e-9) }
    }

    @Test("after a throttled answer the whole key waits, those with a place too, and wakes one by one")
    func throttled() {
        var pacer = Pacer(ceiling: nil, now: start)
        let waiting = pacer.reserve(now: start)
        for _ in 0..<50 { pacer.sent(at: start) }
        pacer.throttled(pause: .seconds(2), sentAt: start, now: start)
        #expect(!pacer.mayStart(at: waiting))
        let places = (0..<3).map { _ in pacer.reserve(now: start) - start }
        #expect(places[0] == .seconds(2))
        #expect(places[1] > places[0])
        #expect(places[2] - places[1] == places[1] - places[0])
        #expect(pacer.mayStart(at: start + places[0]))
    }

    @Test("the rate follows what the service was seen to admit, and what is throttled together is one pause")
    func adapts() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        for _ in 0..<58 { pacer.sent(at: start) }
        for _ in 0..<8 { pacer.throttled(pause: .seconds(1), sentAt: start, now: start + .milliseconds(100)) }
        #expect(pacer.blockedUntil == start + .milliseconds(1100))
        #expect(try #require(pacer.rate) == 50 * 0.985)
        pacer.succeeded(now: start + .seconds(120))
        #expect(pacer.rate == 50 * 0.985, "for two minutes nothing more is tried")
        pacer.succeeded(now: start + .seconds(122))
        #expect(try #require(pacer.rate) > 50 * 0.985)
    }

    @Test("a pause of a minute tells of requests in a minute")
    func byTheMinute() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        for request in 0..<1000 { pacer.sent(at: start + .milliseconds(10) * request) }
        let refused = start + .seconds(10)
        pacer.sent(at: refused)
        pacer.throttled(pause: .seconds(50), sentAt: refused, now: refused)
        #expect(abs(try #require(pacer.rate) - 1000.0 / 60 * 0.985) < 1e-6)
    }

    @Test("a service that throttles for a reason of its own does not bring the rate down to nothing at once")
    func halves() throws {
        var pacer = Pacer(ceiling: 40, now: start)
        pacer.sent(at: start)
        pacer.throttled(pause: .seconds(1), sentAt: start, now: start)
        #expect(pacer.rate == 40 * 0.985 / 2)
        let places = (0..<20).map { _ in pacer.reserve(now: start + .seconds(1)) }
        #expect(places[19] - places[18] < .milliseconds(40), "and a guess is soon tried out")
    }

    @Test(
        "at least 97 in 100 of what the service admits is used, and at most 1 in 100 is throttled, whatever is known of the limit",
        arguments: [(50, nil), (50, 50), (50, 80), (5, nil), (200, nil)] as [(Int, Double?)])
    func keepsUp(limit: Int, ceiling: Double?) {
        for concurrency in [max(4, limit / 25), 32] where concurrency <= limit {
            let run = PacedRun(limits: [limit], ceiling: ceiling, concurrency: concurrency, requests: 100 * limit)
            #expect(run.use >= 0.97, "\(run)")
            #expect(run.throttled <= run.requests / 100)
        }
    }

    @Test("the same where the limit halves in the middle", arguments: [8, 32])
    func keepsUpWhenHalved(concurrency: Int) {
        let run = PacedRun(limits: [50, 25], ceiling: nil, concurrency: concurrency, requests: 6000)
        #expect(run.use >= 0.97, "\(run)")
        #expect(run.throttled <= run.requests / 100)
    }

    @Test("an allowance that another run has just used up is found out all the same", arguments: [8, 32])
    func findsOutBehindAnother(concurrency: Int) {
        let run = PacedRun(limits: [20], ceiling: nil, concurrency: concurrency, requests: 1000, before: 19)
        #expect(run.use >= 0.88, "\(run)")
        #expect(run.throttled <= 2 * concurrency)
    }

    @Test("a service that throttles without saying for how long is left alone for longer each time, up to a minute")
    func ownPause() {
        var pacer = Pacer(ceiling: nil, now: start)
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<8 {
            pacer.throttled(pause: nil, sentAt: now, now: now)
            pauses.append(pacer.blockedUntil - now)
            now = pacer.blockedUntil
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map(Duration.seconds))
        pacer.succeeded(now: now)
        pacer.throttled(pause: nil, sentAt: now, now: now)
        #expect(pacer.blockedUntil - now == .seconds(1), "an answer begins anew")
    }

    @Test("the adapted rate never passes the ceiling, and never falls to nothing")
    func bounds() throws {
        var pacer = Pacer(ceiling: 10, now: start)
        var now = start
        for _ in 0..<50 {
            pacer.throttled(pause: .seconds(1), sentAt: now, now: now)
            now = pacer.blockedUntil
        }
        #expect(try #require(pacer.rate) >= 0.2)
        for _ in 0..<100 { _ = pacer.reserve(now: now + .seconds(100)) }
        #expect(pacer.rate == 10 * 0.985)
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
