/// A limiter as text, such as `bucket:40/10`.
public enum LimiterText {
    /// The forms that `limiter` reads.
    public static let forms =
        "bucket:RATE/BURST, nginx:RATE/BURST, log:REQUESTS/SECONDS, counter:REQUESTS/SECONDS, in-flight:REQUESTS or chance:PERCENT"

    /// A limiter. `nil` if the text is none of `forms`.
    /// - Parameter status: Of refusals of a counter.
    public static func limiter(_ text: String, status: Int = 429, seed: UInt64 = 1) -> (any RequestLimiter)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let numbers = parts[1].split(separator: "/", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
        guard let first = numbers.first, numbers.allSatisfy({ $0 > 0 && $0 < 1e9 }) else { return nil }
        let count = Int(first)
        switch (parts[0], numbers.count) {
        case ("bucket", 2) where numbers[1] >= 1: return BucketLimiter(rate: first, burst: numbers[1])
        case ("nginx", 2) where numbers[1] >= 1: return BucketLimiter(rate: first, burst: numbers[1], saysRetryAfter: false)
        case ("log", 2) where count > 0: return LogLimiter(requests: count, seconds: numbers[1])
        case ("counter", 2) where count > 0: return CounterLimiter(requests: count, seconds: numbers[1], status: status)
        case ("in-flight", 1) where count > 0: return InFlightLimiter(count)
        case ("chance", 1) where first <= 100: return ChanceLimiter(part: first / 100, seed: seed)
        default: return nil
        }
    }
}
