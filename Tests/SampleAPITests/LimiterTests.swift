import SampleAPI
import Testing

@Suite struct RequestLimiterTests {
    /// How many of requests that come at once are admitted, and how many more after `seconds`.
    private func admitted(by limiter: some RequestLimiter, after seconds: Double) -> (Int, Int) {
        var limiter = limiter
        let first = (0..<100).count { _ in limiter.refusal(at: 0, inFlight: 0) == nil }
        let then = (0..<100).count { _ in limiter.refusal(at: seconds, inFlight: 0) == nil }
        return (first, then)
    }

    @Test("a bucket admits its burst at once, then what has come in since")
    func bucket() {
        #expect(admitted(by: BucketLimiter(rate: 40, burst: 10), after: 0.125) == (10, 5))
        #expect(admitted(by: BucketLimiter(rate: 40, burst: 10), after: 60) == (10, 10))
    }

    @Test("a log admits more when what was admitted has left it, and a counter when the next period begins")
    func windows() {
        #expect(admitted(by: LogLimiter(requests: 20, seconds: 10), after: 9.9) == (20, 0))
        #expect(admitted(by: LogLimiter(requests: 20, seconds: 10), after: 10) == (20, 20))
        #expect(admitted(by: CounterLimiter(requests: 20, seconds: 10, phase: 9), after: 0.9) == (20, 0))
        #expect(admitted(by: CounterLimiter(requests: 20, seconds: 10, phase: 9), after: 1) == (20, 20))
    }

    @Test("a refusal says for how many whole seconds to wait, unless the limiter says nothing")
    func retryAfter() {
        var log = LogLimiter(requests: 1, seconds: 10), silent = BucketLimiter(rate: 1, burst: 1, saysRetryAfter: false)
        #expect(log.refusal(at: 0, inFlight: 0) == nil)
        #expect(log.refusal(at: 2.5, inFlight: 0)?.retryAfter == 8)
        #expect(silent.refusal(at: 0, inFlight: 0) == nil)
        #expect(silent.refusal(at: 0, inFlight: 0)?.status == 429)
        #expect(silent.refusal(at: 0, inFlight: 0)?.retryAfter == nil)
    }

    @Test("a bound in flight counts what is at work")
    func inFlight() {
        var limiter = InFlightLimiter(4)
        #expect(limiter.refusal(at: 0, inFlight: 3) == nil)
        #expect(limiter.refusal(at: 0, inFlight: 4)?.retryAfter == 1)
    }

    @Test(
        "limiters are read from text, and nothing else is",
        arguments: [
            ("bucket:40/10", true), ("nginx:10/5", true), ("log:10/10", true), ("counter:40/1", true), ("in-flight:4", true),
            ("chance:1", true), ("bucket:40", false), ("in-flight:0", false), ("log:10/x", false), ("bucket", false),
            ("tank:1/1", false),
        ])
    func text(text: String, isOne: Bool) {
        #expect((LimiterText.limiter(text) != nil) == isOne)
    }
}
