/// The search for the highest pace that a service admits: what held, what was refused, and when more is tried.
struct PaceSearch: Sendable {
    /// The pace that held. Nil: none yet.
    private(set) var good: Double?
    /// The lowest pace that was refused.
    private(set) var bad = Double.infinity
    /// When the first request was sent at this pace.
    var since = 0.0
    private var nextTry = 0.0
    private var pause = 5.0
    /// Between tries for more, once the pace is found.
    private var longPause = 120.0
    private var isFound = false
    private var isRising = false
    private var hasRisen = false

    private static let step = 1.4
    /// Seconds after which a refusal is likelier to be chance than the pace.
    private static let long = 10.0
    /// Nothing better is to be found between two paces as near as this.
    private static let near = 1.03

    init(since: Double = 0, isKnown: Bool = false) {
        self.since = since
        guard isKnown else { return }
        pause = 20
        nextTry = 20
    }

    mutating func pauseEnded(at now: Double) { nextTry = max(nextTry, now + pause) }

    /// Takes note that a pace is certain, as where the service counts by the second.
    mutating func find(at now: Double) {
        isFound = true
        nextTry = now + longPause
        pause = longPause
    }

    /// Takes note that the limit has changed: more is tried sooner.
    mutating func limitChanged() { (longPause, pause) = (30, 5) }

    /// Takes note that a pace above the good one was refused. Returns what held before, which holds again.
    mutating func refuse(_ pace: Double, at now: Double) -> Double? {
        bad = min(bad, pace)
        guard let held = good, pace > held else { return nil }
        since = now
        // What is refused so near to it makes it doubtful.
        let good = pace > held * 1.02 ? held : 0.985 * held
        self.good = good
        let isFar = bad > Self.near * good && !isRising
        if !isFar { longPause = hasRisen ? 30 : min(longPause * 4, 600) }
        (isRising, hasRisen, isFound) = (false, false, !isFar)
        pause = isFar ? min(pause * 2, 120) : longPause
        nextTry = now + pause
        return good
    }

    /// Whether a pace that held for long is not given up for one refusal.
    mutating func forgives(_ cycle: EndedCycle, refused: Double, at now: Double) -> Bool {
        guard good != nil, cycle.active > Self.long else { return false }
        since = now
        return true
    }

    /// Takes note that the pace that held does so no more.
    mutating func loseGood(refused: Double, at now: Double) {
        (good, bad, isRising, longPause, since) = (nil, refused, false, 30, now)
    }

    mutating func hold(_ pace: Double) { good = max(good ?? 0, pace) }

    /// A higher pace that is worth a try now. Nil: none.
    mutating func next(above pace: Double, now: Double, rowEnds: Double) -> Double? {
        guard let good else { return nil }
        if isRising, good == pace {
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

    /// Whether the pace is found, or one has held.
    var isReliable: Bool { isFound || good != nil }
}
