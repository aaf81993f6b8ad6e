/// The search for the highest pace that a service admits: what held, what was refused, and when more is tried.
struct PaceSearch: Sendable {
    /// The pace that held. Nil: none yet.
    private(set) var good: Double?
    /// The lowest pace that was refused.
    private(set) var bad = Double.infinity
    /// When the first request was sent at this pace.
    var since = 0.0
    /// How many had been admitted before, since the last pause.
    var admittedBefore = 0
    private var nextTry = 0.0
    private var pause = 5.0
    /// Between tries for more, once the pace is found. Longer after each that was refused.
    private var longPause = 60.0
    /// Whether the limit was seen to change.
    private var hasChanged = false
    /// Whether the pace was refused once, after it had held for long.
    private var isForgiven = false
    private var isFound = false
    private var isRising = false
    private var hasRisen = false

    /// Whether the first pace is what an earlier run found.
    let isKnown: Bool

    private static let firstLongPause = 5.0
    private static let step = 1.4
    /// Seconds after which a refusal is likelier to be chance than the pace.
    private static let long = 10.0
    /// Nothing better is to be found between two paces as near as this.
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

    /// Takes note that a pace is sent from now on.
    mutating func restart(at now: Double, admitted: Int) { (since, admittedBefore) = (now, admitted) }

    /// Takes note that a pace is certain, as where the service counts by the second.
    mutating func find(at now: Double) {
        isFound = true
        nextTry = now + longPause
        pause = longPause
    }

    /// Takes note that the limit has changed: more is tried sooner.
    mutating func limitChanged() { (longPause, pause) = (Self.firstLongPause, 4) }

    /// Takes note that a pace above the good one was refused. Returns what held before, which holds again.
    mutating func refuse(_ pace: Double, at now: Double) -> Double? {
        bad = min(bad, pace)
        guard let held = good, pace > held else { return nil }
        since = now
        // A refusal this close to the pace makes it doubtful.
        let good = pace > held * 1.02 ? held : 0.985 * held
        self.good = good
        let isFar = bad > Self.near * good && !isRising
        longPause = hasRisen ? Self.firstLongPause : min(longPause * (hasChanged ? 2 : 4), 600)
        (isRising, hasRisen, isFound) = (false, false, !isFar)
        pause = isFar ? min(pause * 2, 120) : longPause
        nextTry = now + pause
        return good
    }

    /// The pace to go on with where one that held for long is not given up for one refusal; nil where it is. A little less, where it was
    /// refused before.
    mutating func forgives(_ cycle: EndedCycle, refused: Double, at now: Double) -> Double? {
        guard let good, cycle.active > Self.long else { return nil }
        since = now
        if isForgiven { self.good = 0.985 * good }
        isForgiven = true
        return self.good
    }

    /// Takes note that the pace that held does so no more.
    mutating func loseGood(refused: Double, at now: Double) {
        (good, bad, isRising, longPause, since) = (nil, refused, false, Self.firstLongPause, now)
        hasChanged = true
    }

    mutating func hold(_ pace: Double) {
        if pace > good ?? 0 { (good, isForgiven) = (pace, false) }
    }

    /// A higher pace that is worth a try now. Nil: none.
    mutating func next(above pace: Double, now: Double, rowEnds: Double) -> Double? {
        // A higher one that is being tried is held or refused first.
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

    /// Whether a pace above the one that held is tried.
    var isClimbing: Bool { isRising }

    /// Whether the pace is found, or one has held.
    var isReliable: Bool { isFound || good != nil }
}
