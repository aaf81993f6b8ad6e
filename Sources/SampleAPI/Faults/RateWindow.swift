/// Admits so many requests in any second, as Django REST framework's throttle does: it remembers when those of the last second came.
///
/// Times are durations since any fixed instant.
struct RateWindow: Sendable {
    private var admitted: [Duration] = []

    enum Decision: Sendable, Hashable {
        /// `remaining` more would be admitted now.
        case admitted(remaining: Int)
        /// The next is admitted after `wait`.
        case refused(wait: Duration)
    }

    mutating func decide(at now: Duration, perSecond: Int) -> Decision {
        admitted.removeAll { $0 + .seconds(1) <= now }
        guard admitted.count < perSecond else {
            return .refused(wait: (admitted.first ?? now) + .seconds(1) - now)
        }
        admitted.append(now)
        return .admitted(remaining: perSecond - admitted.count)
    }
}
