/// The requests between two pauses, and their responses. Times are seconds since the pacer began.
struct PacedCycle: Sendable {
    /// The number of pauses before it.
    let number: Int
    let start: Double
    private(set) var sent = 0
    private(set) var refused = 0
    private(set) var admitted = 0
    /// When the last admitted request was sent.
    private(set) var lastAdmitted = 0.0
    /// When the first refused request was sent.
    private(set) var firstRefused: Double?
    /// The number of requests in flight when the first refusal came, including the refused one.
    private(set) var inFlightAtRefusal = 0
    /// The largest number in flight when a request was sent that was admitted, as far as known before the first refusal.
    private(set) var mostAdmittedInFlight = 0
    /// The smallest number in flight when a request was sent that was refused.
    private(set) var leastRefusedInFlight = Int.max
    /// The longest pause that the service requested, in seconds. 0 if it requested none.
    private(set) var longestPause = 0.0
    /// The outcomes of requests that were sent after the first refused one.
    private(set) var after = (admitted: 0, refused: 0)
    /// When the latest requests were sent.
    private(set) var recent: [Double] = []

    /// The number of requests above which a window cannot be distinguished from a rate.
    private static let mostRecent = 16_384

    init(number: Int, start: Double) {
        self.number = number
        self.start = start
    }

    mutating func sent(at time: Double) {
        sent += 1
        recent.append(time)
        if recent.count > Self.mostRecent { recent.removeFirst(Self.mostRecent / 2) }
    }

    mutating func admitted(at time: Double, withInFlight inFlight: Int) {
        admitted += 1
        if firstRefused == nil { mostAdmittedInFlight = max(mostAdmittedInFlight, inFlight) }
        lastAdmitted = max(lastAdmitted, time)
        if let firstRefused, time >= firstRefused { after.admitted += 1 }
    }

    mutating func refused(at time: Double, pause: Double?, withInFlight inFlight: Int, stillInFlight: Int) {
        refused += 1
        longestPause = max(longestPause, pause ?? 0)
        leastRefusedInFlight = min(leastRefusedInFlight, inFlight)
        if let first = firstRefused {
            firstRefused = min(first, time)
            after.refused += 1
        } else {
            firstRefused = time
            inFlightAtRefusal = stillInFlight
        }
    }
}

/// A cycle whose pause is over, in numbers.
struct EndedCycle: Sendable {
    let admitted: Double
    /// Seconds from the end of the previous pause to the first refusal.
    let active: Double
    /// Seconds from the end of the previous pause to the end of this one.
    let whole: Double

    init(_ cycle: PacedCycle, firstRefused: Double, now: Double) {
        admitted = Double(cycle.sent - cycle.refused)
        active = max(firstRefused - cycle.start, 1e-6)
        whole = now - cycle.start
    }
}

/// The requests from one pause to the next, as input for `RateFits`. Times are seconds since the pacer began.
struct AdmittedCycle: Sendable {
    let start: Double
    /// When the admitted requests were sent. Requests that are sent together arrive in any order, so the first ones count as admitted.
    let admitted: ArraySlice<Double>
    /// When the first excess request was sent. `nil` if there was none.
    let refused: Double?

    /// The number of latest requests that are considered.
    private static let most = 1500

    init(_ cycle: PacedCycle, isRefused: Bool) {
        let times = cycle.recent.sorted()
        let count = isRefused ? max(0, cycle.sent - cycle.refused) : times.count
        // If the times of some requests are not remembered, the refused ones are taken to be the last.
        let place = min(times.count - 1, max(0, times.count - (cycle.sent - count)))
        start = cycle.start
        admitted = times[max(0, place - Self.most)..<max(0, isRefused ? place : times.count)]
        refused = isRefused && !times.isEmpty ? times[place] : nil
    }
}
