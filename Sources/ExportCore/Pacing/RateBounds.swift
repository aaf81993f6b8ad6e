/// What the pauses so far say about the rate that a service admits: at least `low`, at most `high` requests a second.
struct RateBounds: Sendable {
    private(set) var low = 0.0
    private(set) var high = Double.infinity
    /// The highest rate that certainly held for two seconds.
    var held = 0.0
    /// What was admitted before the first pause, and how long that took.
    private var first: (admitted: Double, seconds: Double)?
    /// Sums over all cycles since the limit last changed.
    private var sum = (admitted: 0.0, seconds: 0.0)

    init() {}

    /// Goes on from what an earlier run found out.
    init(rate: Double, burst: Double) {
        (low, high) = (rate, 1.05 * rate)
        first = (burst, 0)
    }

    /// How many requests the service admitted at once, beyond its rate.
    var burst: Double { first.map { max(0, $0.admitted - low * $0.seconds) } ?? 0 }

    /// What was admitted before the first pause, where it came within a second.
    var admittedInFirstSecond: Double {
        guard let first, first.seconds <= 1 else { return 0 }
        return first.admitted
    }

    /// Takes note of the cycle that a pause has ended.
    mutating func add(_ cycle: EndedCycle) {
        if first == nil { first = (max(cycle.admitted, 1), cycle.active) }
        sum = (sum.admitted + cycle.admitted, sum.seconds + cycle.whole)
        let withoutBurst = (cycle.admitted - 2 - burst) / cycle.active
        // A cycle that is shorter than the service's window may have the share of two of them: so the sum counts, too.
        low = max(low, min(cycle.admitted / cycle.whole, sum.admitted / sum.seconds), withoutBurst)
        high = min(high, (cycle.admitted + 1) / cycle.active)
        if cycle.active > 2 { held = max(held, (cycle.admitted - 2 - burst) / cycle.active) }
    }

    /// Takes note of what was admitted since the last pause.
    /// - Parameter pace: Requests a second that were sent.
    mutating func add(admitted: Int, in seconds: Double, at pace: Double) {
        if seconds > 0 { low = max(low, min((Double(admitted) - 2 - burst) / seconds, pace)) }
        if seconds > 2 { held = max(held, low) }
    }

    /// Takes note that a rate was refused.
    mutating func refuse(_ rate: Double) {
        high = min(high, rate)
        if low >= high { (low, sum) = (0, (0, 0)) }
    }

    /// A rate above the lowest one is being tried.
    mutating func allow(_ rate: Double) { high = max(high, rate) }

    /// Forgets the bounds, as where the limit has changed.
    mutating func reset() { (low, high, sum) = (0, .infinity, (0, 0)) }
}

/// What a pause that is over says.
struct EndedCycle: Sendable {
    let admitted: Double
    /// Seconds from the end of the pause before to the first refusal.
    let active: Double
    /// Seconds from the end of the pause before to the end of this one.
    let whole: Double
    var pause: Double { whole - active }

    init(_ cycle: PacedCycle, firstRefused: Double, now: Double) {
        admitted = Double(cycle.sent - cycle.refused)
        active = max(firstRefused - cycle.start, 1e-6)
        whole = now - cycle.start
    }
}
