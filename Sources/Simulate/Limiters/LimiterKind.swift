import SampleAPI

/// A kind of limiter that services use.
struct LimiterKind: Sendable {
    let name: String
    /// The limiter for a seed, which determines its phase or its random numbers.
    let limiter: @Sendable (_ seed: Int) -> any RequestLimiter

    static let all: [LimiterKind] = [
        LimiterKind(name: "bucket 40/s, burst 10") { _ in BucketLimiter(rate: 40, burst: 10) },
        LimiterKind(name: "bucket 40/s, burst 80") { _ in BucketLimiter(rate: 40, burst: 80) },
        LimiterKind(name: "bucket 5/s, burst 5") { _ in BucketLimiter(rate: 5, burst: 5) },
        LimiterKind(name: "log 50 in 1 s") { _ in LogLimiter(requests: 50, seconds: 1) },
        LimiterKind(name: "log 10 in 10 s") { _ in LogLimiter(requests: 10, seconds: 10) },
        LimiterKind(name: "log 1000 in 60 s") { _ in LogLimiter(requests: 1000, seconds: 60) },
        LimiterKind(name: "counter 40 in 1 s") { CounterLimiter(requests: 40, seconds: 1, phase: Double($0) * 0.37) },
        LimiterKind(name: "counter 200 in 10 s") { CounterLimiter(requests: 200, seconds: 10, phase: Double($0) * 3.7) },
        LimiterKind(name: "counter 1000 in 60 s") { CounterLimiter(requests: 1000, seconds: 60, phase: Double($0) * 22) },
        LimiterKind(name: "bucket 10/s, burst 5") { _ in BucketLimiter(rate: 10, burst: 5) },
        LimiterKind(name: "the same without Retry-After") { _ in BucketLimiter(rate: 10, burst: 5, saysRetryAfter: false) },
        LimiterKind(name: "4 in flight") { _ in InFlightLimiter(4) },
        LimiterKind(name: "40/s, 20/s, 80/s") { _ in BucketLimiter(rate: 40, burst: 10, changes: [(10, 20), (30, 80)]) },
        LimiterKind(name: "40/s, shared") { _ in
            SharedLimiter(rate: 40, burst: 10, otherSends: 20, inTurnsOf: 10)
        },
        LimiterKind(name: "counter 40 in 1 s, status 503") {
            CounterLimiter(requests: 40, seconds: 1, phase: Double($0) * 0.37, status: 503)
        },
        LimiterKind(name: "1 % by chance") { ChanceLimiter(part: 0.01, seed: UInt64($0)) },
    ]
}
