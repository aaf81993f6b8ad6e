/// The requests from one pause to the next, in the form that fits read. Times are seconds since the pacer began.
struct AdmittedCycle: Sendable {
    let start: Double
    /// When those that were admitted were sent. Requests that are sent together arrive in any order: the first ones count as admitted.
    let admitted: ArraySlice<Double>
    /// When the first one was sent that was one too many. Nil: none was.
    let refused: Double?

    /// As many of the last requests are looked at.
    private static let most = 1500

    init(_ cycle: PacedCycle, isRefused: Bool) {
        let times = cycle.recent.sorted()
        let count = isRefused ? max(0, cycle.sent - cycle.refused) : times.count
        // Where some are not remembered, those that are refused are the last ones.
        let place = min(times.count - 1, max(0, times.count - (cycle.sent - count)))
        start = cycle.start
        admitted = times[max(0, place - Self.most)..<max(0, isRefused ? place : times.count)]
        refused = isRefused && !times.isEmpty ? times[place] : nil
    }
}
