/// The search for how many requests a service admits in flight.
struct FlightSearch: Sendable {
    /// As many were admitted.
    private(set) var proved = 0
    private var growsAt = 0.0
    /// Whether an earlier run found it.
    private(set) var isKnown = false
    /// Between tries for more. Longer, once one was refused.
    private var pause = 4.0

    init() {}

    init(_ proved: Int, growsAt: Double) {
        self.proved = proved
        self.growsAt = growsAt
    }

    /// Goes on from what an earlier run found out.
    init(_ proved: Int, isKnown: Bool) {
        self.proved = proved
        self.isKnown = isKnown
        pause = 16
        growsAt = 16
    }

    /// Takes note that fewer are admitted than an earlier run found.
    mutating func lower(to bound: Int) { proved = max(1, bound) }

    private var wasRefused: Bool { pause > 4 }

    /// How many are tried now. Nil: no more than before.
    mutating func grow(inFlight: Int, slots: Int, latency: Double, now: Double) -> Int? {
        guard now >= growsAt, inFlight >= slots - 1 else { return nil }
        proved = max(proved, slots)
        growsAt = now + max(wasRefused ? pause : 0.5, 1.2 * latency)
        return wasRefused ? slots + max(1, slots / 4) : 2 * slots
    }

    mutating func refuse(latency: Double, at now: Double) {
        pause *= 2
        growsAt = now + max(pause, 4 * latency)
    }
}
