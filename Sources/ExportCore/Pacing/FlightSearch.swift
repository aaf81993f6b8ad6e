/// The search for the number of requests in flight that a service admits.
struct FlightSearch: Sendable {
    /// The largest number that was admitted.
    private(set) var proved = 0
    private var growsAt = 0.0
    /// Whether an earlier run found the number.
    private(set) var isKnown = false
    /// Seconds between attempts to increase the number. Longer after each refusal.
    private var pause = 4.0

    init() {}

    init(_ proved: Int, growsAt: Double) {
        self.proved = proved
        self.growsAt = growsAt
    }

    /// Continues from the result of an earlier run.
    init(_ proved: Int, isKnown: Bool) {
        self.proved = proved
        self.isKnown = isKnown
        pause = 16
        growsAt = 16
    }

    /// Records that fewer are admitted than an earlier run found.
    mutating func lower(to bound: Int) { proved = max(1, bound) }

    /// Whether it is time to try more.
    func isDue(at now: Double) -> Bool { now >= growsAt }

    private var wasRefused: Bool { pause > 4 }

    /// The larger number to try now. `nil` if it stays the same.
    mutating func grow(inFlight: Int, slots: Int, latency: Double, now: Double) -> Int? {
        guard isDue(at: now), inFlight >= slots - 1 else { return nil }
        proved = max(proved, slots)
        growsAt = now + max(wasRefused ? pause : 0.5, 1.2 * latency)
        return wasRefused ? slots + max(1, slots / 4) : 2 * slots
    }

    mutating func refuse(latency: Double, at now: Double) {
        pause *= 2
        growsAt = now + max(pause, 4 * latency)
    }
}
