/// The result of a pause that is over.
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
