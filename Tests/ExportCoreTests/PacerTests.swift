import ExportCore
import Testing

@Suite struct PacerTests {
    private let start = ContinuousClock.now

    private func reserve(_ pacer: inout Pacer, now: Pacer.Time) throws -> Pacer.Reservation {
        let place = pacer.reserve(now: now)
        return try #require(place)
    }

    private func start(_ pacer: inout Pacer, at place: Pacer.Reservation) throws -> Pacer.Sent {
        let sent = pacer.start(place)
        return try #require(sent)
    }

    private func isVoid(_ pacer: inout Pacer, _ place: Pacer.Reservation) -> Bool { pacer.start(place) == nil }

    private func isFull(_ pacer: inout Pacer, now: Pacer.Time) -> Bool { pacer.reserve(now: now) == nil }

    private func send(_ pacer: inout Pacer, at now: Pacer.Time) throws -> Pacer.Sent {
        try start(&pacer, at: reserve(&pacer, now: now))
    }

    /// Sends requests, each `interval` after the one before, of which so many are admitted and the rest is throttled.
    private func burst(
        _ pacer: inout Pacer, admitted: Int, refused: Int = 1, from now: Pacer.Time, every interval: Duration = .zero,
        refusalsComeFirst: Bool = false, pause: Duration = .seconds(1)
    ) throws {
        let sent = try (0..<admitted + refused).map { number in
            try start(&pacer, at: reserve(&pacer, now: now + interval * number))
        }
        let end = now + interval * (admitted + refused) + .milliseconds(50)
        for number in refusalsComeFirst ? Array(sent.indices.reversed()) : Array(sent.indices) {
            if number < admitted {
                pacer.succeeded(sent[number], now: end)
            } else {
                pacer.throttled(sent[number], pause: pause, now: end)
            }
            pacer.end(sent[number])
        }
    }

    @Test("without a ceiling nothing waits")
    func free() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        for _ in 0..<100 { #expect(try reserve(&pacer, now: start).time == start) }
    }

    @Test("a ceiling spaces requests evenly, whoever sends them, and a little more than it asks for")
    func ceiling() throws {
        var pacer = Pacer(ceiling: 4, now: start)
        let places = try (0..<5).map { _ in (try reserve(&pacer, now: start).time - start) / .seconds(1) }
        for (index, place) in places.enumerated() { #expect(abs(place - Double(index) * 0.25 / 0.985) < 1e-9) }
    }

    @Test("after a throttled answer the whole key waits, those with a place for later too, and wakes one by one")
    func throttled() throws {
        var pacer = Pacer(ceiling: 2, now: start)
        let places = try (0..<8).map { _ in try reserve(&pacer, now: start) }
        let sent = try start(&pacer, at: places[0])
        pacer.throttled(sent, pause: .seconds(2), now: start)
        pacer.end(sent)
        #expect(places[7].time > start + .seconds(3))
        for place in places.dropFirst() { #expect(isVoid(&pacer, place), "places from before the pause hold no more") }
        let later = try (0..<3).map { _ in try reserve(&pacer, now: start + .seconds(2)).time - start }
        #expect(later[0] == .seconds(2))
        #expect(later[1] > later[0])
        #expect(abs(((later[2] - later[1]) - (later[1] - later[0])) / .seconds(1)) < 1e-9)
    }

    @Test("what is throttled together is one pause")
    func onePause() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        try burst(&pacer, admitted: 50, refused: 8, from: start)
        #expect(pacer.blockedUntil == start + .milliseconds(1050))
    }

    @Test("a burst is not taken for the rate: after the first pause several times as much is tried")
    func triesMore() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        try burst(&pacer, admitted: 10, refused: 1, from: start, every: .milliseconds(10))
        _ = try reserve(&pacer, now: start + .seconds(2))
        let rate = try #require(pacer.rate)
        #expect(rate > 12 && rate < 40)
    }

    @Test("a service that admits as many in a second at another pace counts by the second, and 99 in 100 of that are sent")
    func bySecond() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        try burst(&pacer, admitted: 50, from: start, every: .milliseconds(5))
        var now = pacer.blockedUntil
        _ = try reserve(&pacer, now: now)
        let interval = Duration.seconds(1 / (try #require(pacer.rate)))
        #expect(interval > .milliseconds(5))
        now += interval
        try burst(&pacer, admitted: 49, from: now, every: .milliseconds(11))
        _ = try reserve(&pacer, now: pacer.blockedUntil)
        #expect(abs(try #require(pacer.rate) - 48) < 2)
    }

    @Test("fewer admitted than in flight: a bound in flight is met by fewer requests at once, and no slower rate")
    func boundInFlight() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        try burst(&pacer, admitted: 4, refused: 4, from: start, refusalsComeFirst: true)
        let now = pacer.blockedUntil
        var sent: [Pacer.Sent] = []
        while sent.count < 20, let place = pacer.reserve(now: now) { sent.append(try start(&pacer, at: place)) }
        #expect(sent.count == 4)
        #expect(pacer.isFull)
        pacer.succeeded(sent[0], now: now + .milliseconds(50))
        pacer.end(sent[0])
        #expect(!isFull(&pacer, now: now + .milliseconds(50)), "an answer makes room for the next")
        #expect(pacer.known == .inFlight(4))
    }

    @Test("a place that is given back, and a request that ends without an answer, make room for another")
    func givesBack() throws {
        var pacer = Pacer(ceiling: nil, known: .inFlight(2), now: start)
        let place = try reserve(&pacer, now: start)
        let sent = try send(&pacer, at: start)
        #expect(isFull(&pacer, now: start))
        pacer.withdraw(place)
        let another = try reserve(&pacer, now: start)
        #expect(isFull(&pacer, now: start))
        pacer.end(sent)
        #expect(!isFull(&pacer, now: start))
        #expect(!isVoid(&pacer, another))
    }

    @Test("two pauses of several seconds after as many requests are a window, and it is not overrun again", arguments: [10.0, 4])
    func window(first: Double) throws {
        var pacer = Pacer(ceiling: nil, now: start)
        // Of a counter, the run may begin within a period.
        try burst(&pacer, admitted: 10, from: start, pause: .seconds(first))
        try burst(&pacer, admitted: 10, from: pacer.blockedUntil, pause: .seconds(10))
        let now = pacer.blockedUntil
        let places = try (0..<21).map { _ in try reserve(&pacer, now: now).time - now }
        #expect(pacer.known == .window(requests: 10, seconds: 10))
        for place in 0..<11 { #expect(places[place + 10] - places[place] >= .seconds(10)) }
        #expect(places[20] < .seconds(21))
    }

    @Test("one long pause after which the service admits far more is no window")
    func longPause() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        try burst(&pacer, admitted: 10, from: start, pause: .seconds(30))
        try burst(&pacer, admitted: 100, from: pacer.blockedUntil, every: .milliseconds(10), pause: .seconds(30))
        let now = pacer.blockedUntil
        for _ in 0..<100 { #expect(try reserve(&pacer, now: now).time == now) }
        #expect(pacer.known == nil)
    }

    @Test("a hint is taken until the limit has shown itself")
    func expects() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        _ = try send(&pacer, at: start)
        pacer.expect(.inFlight(4), now: start)
        #expect(pacer.known == .inFlight(4))
        var throttled = Pacer(ceiling: nil, now: start)
        try burst(&throttled, admitted: 8, from: start)
        throttled.expect(.inFlight(4), now: throttled.blockedUntil)
        _ = try reserve(&throttled, now: throttled.blockedUntil)
        #expect(throttled.known != .inFlight(4))
    }

    @Test("what an earlier run found out holds from the first request", arguments: [(20.0, 0.0, 19), (20.0, 10.0, 10)])
    func known(rate: Double, burst: Double, spaced: Int) throws {
        var pacer = Pacer(ceiling: nil, known: .rate(perSecond: rate, burst: burst), now: start)
        let places = try (0..<20).map { _ in try reserve(&pacer, now: start).time - start }
        #expect(places.count { $0 > .zero } == spaced)
        #expect(abs((places[19] - places[18]) / .milliseconds(50) - 1) < 1e-6)
    }

    @Test(
        "hints that make no sense are ignored",
        arguments: [.inFlight(0), .rate(perSecond: 0, burst: 0), .window(requests: 0, seconds: 1)] as [KnownLimit])
    func senseless(hint: KnownLimit) throws {
        var pacer = Pacer(ceiling: nil, known: hint, now: start)
        for _ in 0..<100 { #expect(try reserve(&pacer, now: start).time == start) }
    }

    @Test(
        "at least 96 in 100 of what the service admits is used, and at most 1 in 100 or two for each slot are throttled, whatever is known",
        arguments: [(50, nil), (50, 50), (50, 80), (5, nil), (200, nil)] as [(Int, Double?)])
    func keepsUp(limit: Int, ceiling: Double?) {
        for concurrency in [max(4, limit / 25), 32] where concurrency <= limit {
            let run = PacedRun(limits: [limit], ceiling: ceiling, concurrency: concurrency, requests: 100 * limit)
            #expect(run.use >= 0.96, "\(run)")
            #expect(run.throttled <= max(run.requests / 100, 2 * concurrency))
        }
    }

    @Test("the same where the limit halves in the middle", arguments: [8, 32])
    func keepsUpWhenHalved(concurrency: Int) {
        let run = PacedRun(limits: [50, 25], ceiling: nil, concurrency: concurrency, requests: 6000)
        #expect(run.use >= 0.96, "\(run)")
        #expect(run.throttled <= run.requests / 100)
    }

    @Test("an allowance that another run has just used up is found out all the same", arguments: [8, 32])
    func findsOutBehindAnother(concurrency: Int) {
        let run = PacedRun(limits: [20], ceiling: nil, concurrency: concurrency, requests: 1000, before: 19)
        #expect(run.use >= 0.92, "\(run)")
        #expect(run.throttled <= 2 * concurrency)
    }

    @Test("a service that throttles without saying for how long is left alone for longer each time, up to a minute")
    func ownPause() throws {
        var pacer = Pacer(ceiling: nil, now: start)
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<10 {
            let place = try reserve(&pacer, now: now)
            now = place.time
            let sent = try start(&pacer, at: place)
            pacer.throttled(sent, pause: nil, now: now)
            pacer.end(sent)
            pauses.append(pacer.blockedUntil - now)
            now = pacer.blockedUntil
        }
        #expect(pauses == [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000].map(Duration.milliseconds))
        let place = try reserve(&pacer, now: now)
        let sent = try start(&pacer, at: place)
        pacer.succeeded(sent, now: place.time)
        pacer.end(sent)
        let next = try send(&pacer, at: place.time + .seconds(10))
        pacer.throttled(next, pause: nil, now: next.time)
        #expect(pacer.blockedUntil - next.time == .milliseconds(250), "an answer begins anew")
    }

    @Test("the rate never passes the ceiling, and never falls to nothing")
    func bounds() throws {
        var pacer = Pacer(ceiling: 10, now: start)
        var now = start
        for _ in 0..<50 {
            let place = try reserve(&pacer, now: now)
            let sent = try start(&pacer, at: place)
            pacer.throttled(sent, pause: .seconds(1), now: place.time)
            pacer.end(sent)
            now = pacer.blockedUntil
            let rate = try #require(pacer.rate)
            #expect(rate >= 0.2 && rate <= 10 * 0.985)
        }
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
