/// What a pacer believes about the limiter of a service, and how it goes on after a pause. Times are seconds since the pacer began.
///
/// At first nothing is known, and as much is sent as there are slots. The first pause shows how much was admitted, and in which time. If
/// that is less than were in flight, a bound on requests in flight is tried: fewer slots, no slower rate. If it is refused as well,
/// a rate is searched for between the bounds that each pause narrows, quickly while little is known. Pauses of several seconds after
/// the same number of requests show a window, and pauses that come whatever the pace is show chance, at which a pace does not help.
struct LimiterModel: Sendable {
    private enum Kind {
        case unknown, inFlight, rate, window, chance
    }

    private var kind = Kind.unknown
    /// Requests a second. Nil: as many as there are slots.
    private(set) var pace: Double?
    /// How many may be in flight. Nil: as many as there are slots.
    private var slots: Int?
    private var window: LimitWindow?
    private var bounds = RateBounds()
    private var search = PaceSearch()
    private var flight = FlightSearch()
    /// The last ones.
    private var cycles: [EndedCycle] = []
    /// Whether the service was seen to count by the second.
    private var countsBySecond = false
    /// How often a pace was refused that is far below one that held.
    private var contradictions = 0
    private var latency = 0.0
    private var answers = (admitted: 0, refused: 0)
    private var mostInFlight = 0

    static let slowestPace = 0.2
    /// Longer pauses than this are not those of a limit by the second, whose `Retry-After` is 1 or, rounded up, 2.
    private static let longestPauseOfSecond = 1.8
    /// The part of an allowance that is used: what is sent evenly arrives less so, and one request too many costs a whole pause.
    private static let share = 0.985
    private static let shareOfSecond = 0.99

    init(_ known: KnownLimit?) {
        guard let known, known.isPlausible else { return }
        switch known {
        case .inFlight(let bound):
            kind = .inFlight
            slots = bound
            flight = FlightSearch(bound, isKnown: true)
        case .window(let requests, let seconds):
            kind = .window
            window = LimitWindow(requests: requests, seconds: seconds, isUnconfirmed: true)
        case .rate(let rate, let burst):
            kind = .rate
            pace = rate
            bounds = RateBounds(rate: rate / Self.share, burst: burst)
            search = PaceSearch(isKnown: true)
        }
    }

    /// What goes out at once in the beginning, as the time that it takes at the pace.
    var credit: Duration {
        guard let pace, bounds.burst > 1 else { return .zero }
        return .seconds((bounds.burst - 1) / pace)
    }

    var known: KnownLimit? {
        switch kind {
        case .unknown, .chance: return nil
        case .inFlight: return .inFlight(flight.proved)
        case .window: return window.map { .window(requests: $0.requests, seconds: $0.seconds) }
        case .rate:
            let reliable = search.isReliable ? min(search.good ?? .infinity, pace ?? .infinity) : Self.share * bounds.low
            return .rate(perSecond: max(reliable, Self.slowestPace), burst: countsBySecond ? 0 : 0.8 * bounds.burst)
        }
    }

    var inFlightLimit: Int? { window?.isAsking == true ? 1 : slots }

    /// Takes note of an answer that was not throttled.
    mutating func succeeded(sentAt time: Double, now: Double) {
        answers.admitted += 1
        window?.succeeded(sentAt: time)
        latency = latency == 0 ? now - time : latency + (now - time - latency) / 8
    }

    /// Takes note of a throttled answer.
    mutating func throttled(inFlight: Int) { answers.refused += 1 }

    /// When a request may be sent, where a window says so.
    mutating func place(notBefore earliest: Double) -> Double? { window?.place(notBefore: earliest) }
}

// MARK: Between pauses

extension LimiterModel {
    /// Tries more, if nothing was refused for long enough.
    /// - Parameters:
    ///   - isRowFull: Whether requests wait for their places: else the pace bounds nothing, and nothing is learnt of it.
    ///   - rowEnds: The next place.
    mutating func advance(_ cycle: PacedCycle, inFlight: Int, isRowFull: Bool, rowEnds: Double, now: Double) {
        mostInFlight = max(mostInFlight, inFlight + 1)
        guard cycle.firstRefused == nil else { return }
        switch kind {
        case .rate: climb(cycle, isRowFull: isRowFull, rowEnds: rowEnds, now: now)
        case .inFlight:
            guard let grown = flight.grow(inFlight: inFlight, slots: slots ?? 0, latency: latency, now: now) else { return }
            admitInFlight(grown)
        case .unknown, .window, .chance: break
        }
    }

    private mutating func climb(_ cycle: PacedCycle, isRowFull: Bool, rowEnds: Double, now: Double) {
        guard let pace else { return }
        bounds.add(admitted: cycle.admitted, in: cycle.lastAdmitted - cycle.start, at: pace)
        guard isRowFull else { return }
        // If the service counts by the second, what was admitted at first is all: that is tried before more is.
        let ofSecond = Self.shareOfSecond * bounds.admittedInFirstSecond
        // Held for so long that what had been saved up does not explain it.
        if cycle.lastAdmitted - max(search.since, cycle.start) > max(2, bounds.burst / (0.1 * pace)) {
            if search.good == nil, pace == ofSecond {
                countsBySecond = true
                search.find(at: now)
            }
            search.hold(pace)
        }
        if search.good != nil {
            guard let more = search.next(above: pace, now: now, rowEnds: rowEnds) else { return }
            self.pace = more
            bounds.allow(1.05 * more)
        } else if !search.isReliable, bounds.high > 1.08 * bounds.low {
            let more = max(pace, min((bounds.low * bounds.high).squareRoot(), 4 * bounds.low))
            self.pace = pace <= ofSecond ? min(more, ofSecond) : more
        }
    }

    /// Sends at most so many at once, and evenly, lest the answers of a burst make the next one.
    private mutating func admitInFlight(_ bound: Int) {
        slots = bound
        if latency > 0 { pace = 1.2 * Double(bound) / latency }
    }
}

// MARK: After a pause

extension LimiterModel {
    /// Learns from a cycle whose pause is over.
    mutating func conclude(_ cycle: PacedCycle, firstRefused: Double, at now: Double) {
        defer { search.pauseEnded(at: now) }
        let ended = EndedCycle(cycle, firstRefused: firstRefused, now: now)
        let perSecond = allowanceOfSecond(ended)
        cycles = cycles.suffix(3) + [ended]
        if kind != .window, kind != .chance, let found = windowOfCycles {
            kind = .window
            (pace, slots) = (nil, nil)
            window = LimitWindow(requests: found.requests, seconds: found.seconds, log: cycle.recent)
            return
        }
        switch kind {
        case .unknown:
            bounds.add(ended)
            if isLikeChance(cycle), !isRegular { return }
            guard ended.admitted >= 1, Int(ended.admitted) < cycle.inFlightAtRefusal else {
                return searchRate(ended, cycle, perSecond, at: now)
            }
            kind = .inFlight
            flight = FlightSearch(Int(ended.admitted), growsAt: now + max(1, 1.2 * latency))
            admitInFlight(flight.proved)
        case .inFlight:
            bounds.add(ended)
            guard cycle.leastRefusedInFlight > flight.proved else { return searchRate(ended, cycle, perSecond, at: now) }
            flight.refuse(latency: latency, at: now)
            admitInFlight(flight.proved)
        case .rate:
            concludeRate(ended, cycle, perSecond, at: now)
        case .window:
            window?.pauseEnded(at: now)
            guard let refusals = window?.refusals, refusals >= 3 else { return }
            cycles = []
            startAnew(ended, cycle, at: now)
        case .chance:
            guard isRegular else { return }
            contradictions = 0
            startAnew(ended, cycle, at: now)
        }
    }

    private mutating func startAnew(_ ended: EndedCycle, _ cycle: PacedCycle, at now: Double) {
        bounds.reset()
        bounds.add(ended)
        searchRate(ended, cycle, nil, at: now)
    }

    private mutating func concludeRate(_ ended: EndedCycle, _ cycle: PacedCycle, _ perSecond: Double?, at now: Double) {
        guard let refused = pace else { return }
        let isFewer = cycles.dropLast().last.map { ended.admitted < 0.5 * $0.admitted - 2 } ?? false
        if refused < 0.75 * bounds.held || isFewer {
            contradictions += 1
            bounds.held = min(bounds.held, refused)
        }
        if contradictions >= 3, !isRegular {
            kind = .chance
            pace = nil
            return
        }
        if refused <= bounds.low * 1.02 {
            bounds.reset()
            search.limitChanged()
        }
        bounds.add(ended)
        bounds.refuse(refused)
        if let held = search.refuse(refused, at: now) {
            pace = held
        } else if search.forgives(ended, refused: refused, at: now) {
            pace = refused
        } else if search.good != nil {
            search.loseGood(refused: refused, at: now)
            let next = perSecond.map { $0 < Self.share * refused ? $0 : 0.85 * refused } ?? 0.85 * refused
            pace = max(Self.share * (ended.admitted - 2 - bounds.burst) / ended.active, next, Self.slowestPace)
        } else {
            searchRate(ended, cycle, perSecond, refused: refused, at: now)
        }
    }

    /// - Parameters:
    ///   - perSecond: The rate, where the service counts by the second.
    ///   - refused: The pace that was refused.
    private mutating func searchRate(
        _ ended: EndedCycle, _ cycle: PacedCycle, _ perSecond: Double?, refused: Double? = nil, at now: Double
    ) {
        kind = .rate
        (slots, window) = (nil, nil)
        let low = max(bounds.low, Self.slowestPace), safe = Self.share * bounds.low
        var next: Double
        if let perSecond {
            next = max(perSecond, safe)
            search.find(at: now)
        } else if bounds.high <= 1.08 * bounds.low {
            next = safe
        } else if mayTry {
            next = min((low * bounds.high).squareRoot(), 4 * low)
        } else {
            next = max(safe, 0.8 * (refused ?? 0))
        }
        if let refused {
            // A limit by the second had refused sooner: so the pace is a little too high at most, or a burst is used up.
            let lower = (cycle.lastAdmitted - cycle.start > 1.1 ? 0.97 : 0.6) * refused
            next = min(max(next, min(lower, perSecond ?? .infinity)), (perSecond == nil ? 0.95 : Self.share) * refused)
        }
        pace = max(next, Self.slowestPace)
        search.since = now
    }

    /// Whether so few were refused so far that another refusal is worth what it shows.
    private var mayTry: Bool {
        Double(answers.refused + mostInFlight / 2) <= 2 * Double(mostInFlight) + 0.004 * Double(answers.admitted)
    }

    /// The rate of a service that counts by the second: it admits as many in less than a second, whatever the pace is.
    private mutating func allowanceOfSecond(_ ended: EndedCycle) -> Double? {
        guard ended.active <= 1.02, ended.pause < Self.longestPauseOfSecond + latency, ended.admitted > 0.3 * bounds.held else {
            return nil
        }
        let admitted = ended.admitted
        let same = cycles.filter { before in
            let (more, longer) = (admitted - before.admitted, abs(ended.active - before.active))
            return abs(more) <= 2 + 0.04 * admitted && longer > 0.15 && more < 0.35 * admitted * longer + 2
        }
        let alike = cycles.count { abs(admitted - $0.admitted) <= 1 && abs(ended.active - $0.active) > 0.03 }
        if !same.isEmpty || alike >= 2 && admitted >= 15 { countsBySecond = true }
        return countsBySecond ? Self.shareOfSecond * same.reduce(admitted) { max($0, $1.admitted) } : nil
    }

    /// The window of several seconds that the last pauses show: each time as many were admitted.
    private var windowOfCycles: (requests: Int, seconds: Double)? {
        let last = cycles.suffix(3)
        guard last.count == 3, let ended = last.last, ended.whole >= 5, ended.pause > Self.longestPauseOfSecond + latency,
            let least = last.map(\.admitted).min(), let most = last.map(\.admitted).max(), least >= 1, most <= 1.1 * least + 1
        else { return nil }
        return (Int(least), last.suffix(2).map(\.whole).min() ?? ended.whole)
    }

    /// Whether most of what was sent after the first refused request was admitted, as no limiter does.
    private func isLikeChance(_ cycle: PacedCycle) -> Bool {
        let after = cycle.after.admitted + cycle.after.refused
        return after >= 3 && Double(cycle.after.admitted) >= 0.8 * Double(after)
    }

    /// Whether each pause had about as many admitted before it, as with a limit, and unlike chance.
    private var isRegular: Bool {
        guard cycles.count >= 4, let least = cycles.map(\.admitted).min(), let most = cycles.map(\.admitted).max() else {
            return false
        }
        return most <= 1.4 * least + 2
    }
}
