/// The search for the highest pace that a service admits: which pace held, which was refused, and when a higher one is tried.
struct PaceSearch: Sendable {
    /// The pace that held. `nil` if none has.
    private(set) var good: Double?
    /// The highest pace that held at least for a moment.
    private(set) var proved = 0.0
    /// The lowest pace that was refused.
    private(set) var bad = Double.infinity
    /// When the first request was sent at the current pace.
    var since = 0.0
    /// The number of requests admitted since the last pause at an earlier pace.
    var admittedBefore = 0
    private var nextTry = 0.0
    private var pause = 5.0
    /// Seconds between attempts at a higher pace, once the pace is found. Longer after each refusal.
    private var longPause = 60.0
    /// Whether a change of the limit was observed.
    private var hasChanged = false
    /// Whether the pace was already refused once after it had held for long.
    private var isForgiven = false
    private var isFound = false
    private var isRising = false
    private var hasRisen = false

    /// Whether the first pace is from an earlier run.
    let isKnown: Bool

    private static let firstLongPause = 5.0
    static let step = 1.4
    /// Seconds after which a refusal is more likely to be random than caused by the pace.
    private static let long = 10.0
    /// The ratio of two paces below which searching between them gains nothing.
    private static let near = 1.05

    init(since: Double = 0, isKnown: Bool = false) {
        self.since = since
        self.isKnown = isKnown
        guard isKnown else { return }
        longPause = 80
        pause = 20
        nextTry = 20
    }

    mutating func pauseEnded(at now: Double) {
        nextTry = max(nextTry, now + pause)
        admittedBefore = 0
    }

    /// Records that a new pace is used from now on.
    mutating func restart(at now: Double, admitted: Int) { (since, admittedBefore) = (now, admitted) }

    /// Records that a pace is certain, for example because the service counts per second.
    mutating func find(at now: Double) {
        isFound = true
        nextTry = now + longPause
        pause = longPause
    }

    /// Records that the limit has changed, so that a higher pace is tried sooner.
    mutating func limitChanged() { (longPause, pause) = (Self.firstLongPause, 4) }

    /// Records that a pace above the good one was refused. Returns the earlier good pace, to which the pacer returns.
    mutating func refuse(_ pace: Double, at now: Double) -> Double? {
        bad = min(bad, pace)
        guard let held = good, pace > held else { return nil }
        since = now
        // A refusal this close to the pace makes it doubtful.
        let good = pace > held * 1.02 ? held : LimiterModel.share * held
        self.good = good
        let isFar = bad > Self.near * good && !isRising
        longPause = hasRisen ? Self.firstLongPause : min(longPause * (hasChanged ? 2 : 4), 600)
        (isRising, hasRisen, isFound) = (false, false, !isFar)
        pause = isFar ? min(pause * 2, 120) : longPause
        nextTry = now + pause
        return good
    }

    /// Records that a pace was refused where requests must be apart. If it had held, jitter may be the reason, and a tenth less is next.
    mutating func miss(_ pace: Double) {
        bad = min(bad, pace)
        good = nil
        if pace < 1.01 * proved { proved = 0.9 * pace }
    }

    /// Records that a pace held for a moment.
    mutating func prove(_ pace: Double) { proved = max(proved, pace) }

    /// The pace to continue with if one refusal does not invalidate a pace that held for long; slightly lower if it was refused before.
    /// `nil` if the pace is given up.
    mutating func forgives(_ cycle: EndedCycle, refused: Double, at now: Double) -> Double? {
        guard let good, cycle.active > Self.long else { return nil }
        since = now
        if isForgiven { self.good = LimiterModel.share * good }
        isForgiven = true
        return self.good
    }

    /// Records that the good pace no longer holds.
    mutating func loseGood(refused: Double, at now: Double) {
        (good, proved, bad, isRising, longPause, since) = (nil, 0, refused, false, Self.firstLongPause, now)
        hasChanged = true
    }

    mutating func hold(_ pace: Double) {
        prove(pace)
        if pace > good ?? 0 { (good, isForgiven) = (pace, false) }
    }

    /// A higher pace worth trying now. `nil` if there is none.
    mutating func next(above pace: Double, now: Double, rowEnds: Double) -> Double? {
        // A higher pace that is being tried has to hold or be refused first.
        guard let good, pace <= good else { return nil }
        if isRising {
            hasRisen = true
        } else if !isFound, !isRising, bad < Self.near * good {
            isFound = true
            nextTry = now + longPause
            return nil
        } else if now < nextTry {
            return nil
        }
        if isFound || bad < Self.near * good { (bad, isRising) = (.infinity, true) }
        isFound = false
        since = max(now, rowEnds)
        nextTry = now + pause
        return min(Self.step * good, bad == .infinity ? .infinity : (good + bad) / 2)
    }

    /// Whether a pace above the good one is being tried.
    var isClimbing: Bool { isRising }
}
