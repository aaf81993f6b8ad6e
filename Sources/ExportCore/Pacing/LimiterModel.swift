/// A pacer's model of the service's limiter, which decides how it continues after a pause. Times are seconds since the pacer began.
///
/// At first nothing is known, and requests use all slots. The first pause shows how many were admitted, and in what time. If that is fewer
/// than were in flight, and latency is low, the model tries a bound on requests in flight: fewer slots, but no slower rate. Otherwise it
/// searches for the rate limits that explain all pauses (`RateFits`) and sets the pace accordingly. A pause of several seconds indicates a
/// window. If hardly any of the first requests are admitted, requests must be apart: paces are then tried in quick succession. If most
/// requests that were sent between a refused one and its response were admitted, or pauses come at any pace, the refusals are random, and no
/// pace is kept.
struct LimiterModel: Sendable {
    private enum Kind {
        case unknown, inFlight, rate, window, chance
    }

    private var kind = Kind.unknown
    /// The pace in requests per second. If `nil`, only the slots limit it.
    private(set) var pace: Double?
    /// The bound on requests in flight. If `nil`, it is the number of slots.
    private var slots: Int?
    private var window: LimitWindow?
    /// The fit that explains the pauses so far.
    private var fit: RateFit?
    private var search = PaceSearch()
    private var flight = FlightSearch()
    /// The burst of the bucket that last explained several pauses.
    private var lastBurst: Double?
    /// The burst, if the first pause showed that requests must be apart. `nil` otherwise.
    private var tinyBurst: Double?
    /// The latest cycles that a single limit explains.
    private var cycles: [AdmittedCycle] = []
    /// The number of requests admitted in each of the latest cycles, to recognize random refusals.
    private var admitted: [Double] = []
    /// The outcomes of requests that were sent after a refused one and before its response.
    private var afterRefusals = (admitted: 0, refused: 0)
    /// The number of cycles that contradict the earlier ones: less than three quarters of the rate that had held was refused, or fewer than
    /// half as many requests were admitted as in the cycle before. Reset when a pace has held for a minute.
    private var contradictions = 0
    private var latency = 0.0
    private var latencySpread = 0.0
    private var answers = (admitted: 0, refused: 0)
    private var mostInFlight = 0
    /// The highest rate known to have held for more than a second, in requests per second.
    private var held = 0.0

    static let slowestPace = 0.2
    /// The longest pause of a limit per second, in seconds: its `Retry-After` is 1 or, rounded up, 2.
    private static let longestPauseOfSecond = 1.9
    /// The fraction of an allowance that is used, to allow for network jitter: a single excess request costs a whole pause.
    static let share = 0.985
    private static let shareOfSecond = 0.99
    /// The longest latency, in seconds, at which a bound on requests in flight is tried.
    private static let longLatency = 0.25
    /// The largest burst with which requests must be apart: `RateFits`, which allows for an error of one request, does not find the rate.
    private static let mostTiny = 3
    /// Seconds for which places are given in advance while paces are tried: they keep the pace at which they were given.
    private static let placesAhead = 0.25
    private static let settling = 8.0
    private static let mostCycles = 6

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
            fit = RateFit(kind: .bucket, low: rate, rate: rate, high: 1.05 * rate, burst: burst + 1)
            lastBurst = burst + 1
            search = PaceSearch(isKnown: true)
        }
    }

    private var burst: Double { fit.map { $0.kind == .bucket ? max(0, $0.burst - 1) : 0 } ?? 0 }

    /// The initial burst, as a duration at the current pace.
    var credit: Duration {
        guard let pace, burst > 1 else { return .zero }
        return .seconds((burst - 1) / pace)
    }

    var known: KnownLimit? {
        switch kind {
        case .unknown, .chance: return nil
        case .inFlight: return .inFlight(flight.proved)
        case .window: return window.map { .window(requests: $0.requests, seconds: $0.seconds) }
        case .rate:
            guard let fit, let pace else { return nil }
            if tinyBurst != nil {
                return .rate(perSecond: max(search.proved > 0 ? min(search.proved, pace) : pace, Self.slowestPace), burst: 0)
            }
            let reliable =
                search.good.map { min($0, pace) } ?? (fit.isTight && fit.kind == .bucket ? min(pace, Self.share * fit.rate) : pace)
            return .rate(perSecond: max(reliable, Self.slowestPace), burst: fit.kind == .second ? 0 : 0.8 * burst)
        }
    }

    var inFlightLimit: Int? {
        if kind == .rate, tinyBurst != nil, search.good == nil, let pace { return Int(pace * (2 * latency + Self.placesAhead)) + 2 }
        return window?.isAsking == true ? 1 : slots
    }

    /// The maximum difference in transit time between two requests, in seconds.
    private var jitter: Double { max(4 * latencySpread, 0.1 * latency) }

    private var fits: RateFits { RateFits(jitter: min(0.25, jitter / 2)) }

    /// Records a response that was not throttled.
    mutating func succeeded(sentAt time: Double, now: Double) {
        answers.admitted += 1
        window?.succeeded(sentAt: time)
        let took = now - time
        if latency == 0 {
            latency = took
        } else {
            latencySpread += (abs(took - latency) - latencySpread) / 8
            latency += (took - latency) / 8
        }
    }

    /// Records a throttled response.
    mutating func throttled(inFlight: Int) {
        answers.refused += 1
        mostInFlight = max(mostInFlight, inFlight)
    }

    /// When a request may be sent according to the window. `nil` if there is none.
    mutating func place(notBefore earliest: Double) -> Double? { window?.place(notBefore: earliest) }
}

// MARK: Between pauses

extension LimiterModel {
    /// Tries a higher pace if nothing was refused for long enough.
    /// - Parameters:
    ///   - isRowFull: Whether requests are waiting for their places. Otherwise the pace is not the bottleneck, and nothing can be learnt
    ///     about it.
    ///   - rowEnds: The time of the next free place.
    mutating func advance(_ cycle: PacedCycle, inFlight: Int, isRowFull: Bool, rowEnds: Double, now: Double) {
        mostInFlight = max(mostInFlight, inFlight + 1)
        guard cycle.firstRefused == nil else { return }
        switch kind {
        case .rate: climb(cycle, isRowFull: isRowFull, rowEnds: rowEnds, now: now)
        case .inFlight where tinyBurst != nil: doubtBound(cycle, rowEnds: rowEnds, now: now)
        case .inFlight:
            if pace == nil, let slots { admitInFlight(slots) }
            guard let grown = flight.grow(inFlight: inFlight, slots: slots ?? 0, latency: latency, now: now) else { return }
            admitInFlight(grown)
        case .unknown, .window, .chance: break
        }
    }

    private mutating func climb(_ cycle: PacedCycle, isRowFull: Bool, rowEnds: Double, now: Double) {
        guard let pace, isRowFull else { return }
        let start = max(search.since, cycle.start)
        // Otherwise there are too few slots for the pace, and nothing can be learnt about it.
        guard Double(cycle.admitted - search.admittedBefore) > 0.8 * pace * (cycle.lastAdmitted - start) - 2 else { return }
        // The pace has held for longer than the accumulated burst explains.
        if cycle.lastAdmitted - start > min(max(2, (burst + 1) / ((search.isClimbing ? 0.3 : 0.03) * pace)), 10) {
            search.hold(pace)
        }
        if cycle.lastAdmitted - start > 60 { contradictions = 0 }
        if search.good != nil {
            guard let more = search.next(above: pace, now: now, rowEnds: rowEnds) else { return }
            self.pace = more
            search.admittedBefore = cycle.admitted
        } else if let fit, !fit.isTight, cycle.lastAdmitted - start > max(moment, 2 * latency) {
            // Little is known yet, so a pace that holds for a moment is soon raised.
            search.prove(pace)
            if tinyBurst != nil {
                guard highest > PaceSearch.step * pace else { return }
                self.pace = min((pace * highest).squareRoot(), PaceSearch.step * pace)
                return search.restart(at: max(now, rowEnds), admitted: cycle.admitted)
            }
            if let better = fits.bucket(cycles + [AdmittedCycle(cycle, isRefused: false)], burst: lastBurst), better.rate > fit.rate
            {
                self.fit = better
            }
            let more = min((pace * ceiling).squareRoot(), 1.5 * pace)
            guard more > 1.02 * pace else { return }
            self.pace = more
            search.restart(at: max(now, rowEnds), admitted: cycle.admitted)
        }
    }

    /// Seconds after which a pace has held, if little is known. If requests must be apart, that is when the burst would be used up if the
    /// limit were the pace that held before, and at least four requests, because of jitter.
    private var moment: Double {
        guard let pace, let tinyBurst else { return 1.5 }
        return max(4 / pace, (tinyBurst + 1) / max(1e-9, pace - search.proved))
    }

    /// The pace that was refused, or that the slots cannot exceed.
    private var highest: Double { min(search.bad, Double(mostInFlight) / max(latency, 1e-3)) }

    /// Tries one more request in flight at a slightly higher pace: if it holds, there is no bound in flight, or evenly sent requests do not
    /// reach it, and a rate is searched for.
    private mutating func doubtBound(_ cycle: PacedCycle, rowEnds: Double, now: Double) {
        guard let pace, let slots, latency > 0 else { return }
        if slots > flight.proved {
            guard cycle.lastAdmitted - search.since > max(moment, 2 * latency) else { return }
            kind = .rate
            self.slots = nil
            fit = fitIfApart(pace)
        } else if flight.isDue(at: now) {
            let held = Double(flight.proved) / latency
            search.prove(held)
            self.slots = slots + 1
            self.pace = min(PaceSearch.step * held, (held * search.bad).squareRoot())
            search.restart(at: max(now, rowEnds), admitted: cycle.admitted)
        }
    }

    private func fitIfApart(_ pace: Double) -> RateFit {
        RateFit(kind: .bucket, low: search.proved, rate: pace, high: .infinity, burst: tinyBurst ?? 1)
    }

    /// Bounds the requests in flight, and sends them evenly, because the responses to a burst would trigger the next burst.
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
        admitted = admitted.suffix(3) + [ended.admitted]
        cycles = cycles.suffix(Self.mostCycles - 1) + [AdmittedCycle(cycle, isRefused: true)]
        noticeTinyBurst()
        afterRefusals.admitted += cycle.after.admitted
        afterRefusals.refused += cycle.after.refused
        if afterRefusals.admitted + afterRefusals.refused > 400 {
            // Older outcomes count less.
            afterRefusals = (afterRefusals.admitted / 2, afterRefusals.refused / 2)
        }
        switch kind {
        case .unknown:
            concludeUnknown(ended, cycle, at: now)
        case .inFlight:
            if cycle.longestPause > Self.longestPauseOfSecond { return beginWindow(ended, cycle, at: now) }
            if flight.isKnown, cycle.number == 0, cycle.inFlightAtRefusal <= flight.proved,
                ended.admitted > 0.7 * Double(flight.proved)
            {
                // The bound was found with evenly sent requests, some of which were still on their way.
                flight.lower(to: min(Int(ended.admitted), flight.proved - 1))
                return admitInFlight(flight.proved)
            }
            if flight.isKnown, cycle.number == 0 {
                // There is no bound in flight, or it has changed.
                (kind, slots, pace) = (.unknown, nil, nil)
                return concludeUnknown(ended, cycle, at: now)
            }
            guard cycle.leastRefusedInFlight > flight.proved else {
                return searchRate(refused: tinyBurst == nil ? nil : pace, at: now)
            }
            flight.refuse(latency: latency, at: now)
            if tinyBurst != nil, let pace { search.miss(pace) }
            // A rate may explain the number in flight, and allow more.
            if let rate = explanations.first(where: { $0.kind == .bucket && $0.isTight })?.rate, latency > 0,
                Self.share * rate * latency > 1.1 * Double(flight.proved)
            {
                return searchRate(at: now)
            }
            admitInFlight(flight.proved)
        case .rate:
            if cycle.longestPause > Self.longestPauseOfSecond { return beginWindow(ended, cycle, at: now) }
            concludeRate(ended, cycle, at: now)
        case .window:
            concludeWindow(ended, cycle, at: now)
        case .chance:
            guard isRegular, !isLikeChance else { return }
            (contradictions, held) = (0, 0)
            searchRate(at: now)
        }
    }

    private mutating func concludeUnknown(_ ended: EndedCycle, _ cycle: PacedCycle, at now: Double) {
        // A bound in flight refuses only requests that exceed it.
        let isBound = isRegular && cycle.mostAdmittedInFlight < cycle.leastRefusedInFlight
        if isLikeChance, !isBound { return }
        if cycle.longestPause > Self.longestPauseOfSecond { return beginWindow(ended, cycle, at: now) }
        // The other requests in flight were admitted.
        var bound = cycle.inFlightAtRefusal - cycle.refused
        if bound < 1, Int(ended.admitted) < cycle.inFlightAtRefusal { bound = Int(ended.admitted) }
        guard bound >= 1, cycle.mostAdmittedInFlight <= bound else { return searchRate(at: now) }
        if latency == 0 || latency > Self.longLatency {
            // At this latency, a rate limit and a bound in flight look alike at the first pause. In both cases a pace follows, which begins
            // with as many requests per second as were admitted.
            searchRate(at: now)
            pace = max(pace ?? 0, Double(bound))
            return
        }
        kind = .inFlight
        flight = FlightSearch(bound, growsAt: now + (tinyBurst == nil ? max(1, 1.2 * latency) : 4 * latency))
        admitInFlight(flight.proved)
    }

    private mutating func concludeRate(_ ended: EndedCycle, _ cycle: PacedCycle, at now: Double) {
        guard let refused = pace else { return }
        let isFewer = admitted.dropLast().last.map { ended.admitted < 0.5 * $0 - 2 } ?? false
        if refused < 0.75 * held || isFewer {
            contradictions += 1
            held = min(held, refused)
        }
        if ended.active > 1, ended.admitted > 30 { held = max(held, (ended.admitted - 2 - burst) / ended.active) }
        if contradictions >= 3, !isRegular, afterRefusals.admitted >= 4 * afterRefusals.refused {
            kind = .chance
            (pace, fit) = (nil, nil)
            return
        }
        if let held = search.refuse(refused, at: now) {
            pace = held
            // The refused requests show that the limit lies between both.
            if cycles.count > 1, let found = explanations.first(where: \.isTight), case let rate = pace(at: found),
                rate < 0.99 * refused
            {
                if found.kind == .bucket {
                    fit = found
                    pace = max(held, rate)
                }
                search.find(at: now)
            } else if fit?.isTight == true {
                // The limit is known precisely, so the pace is final.
                search.find(at: now)
            }
        } else if let forgiven = search.forgives(ended, refused: refused, at: now) {
            pace = forgiven
        } else {
            let isHint = search.isKnown && search.good == nil
            if search.good != nil, tinyBurst == nil {
                // The earlier limit does not explain the new cycle.
                search.loseGood(refused: refused, at: now)
                cycles = cycles.suffix(1)
            }
            searchRate(refused: refused, lasted: ended.active, at: now)
            if let pace, isHint, pace < 0.6 * refused {
                // The pace of an earlier run is far above what is admitted now.
                search = PaceSearch(since: now)
            }
        }
    }

    /// Chooses a pace by the limits that explain the latest cycles.
    /// - Parameters:
    ///   - refused: The pace that was refused.
    ///   - seconds: How long it had held.
    private mutating func searchRate(refused: Double? = nil, lasted seconds: Double = 0, at now: Double) {
        kind = .rate
        (slots, window) = (nil, nil)
        search.restart(at: now, admitted: 0)
        if tinyBurst != nil {
            if !isSecond(refused) { return searchApart(refused: refused, at: now) }
            tinyBurst = nil
        }
        var found = explanations
        while found.isEmpty, cycles.count > 1 {
            cycles.removeFirst()
            found = explanations
            // The pauses of the first seconds are too short to indicate a change.
            if now > Self.settling { search.limitChanged() }
        }
        let paces = found.map(pace(at:))
        // A certain limit is tried at once: if it is wrong, requests are refused soon.
        let isBold = mayTry || found.allSatisfy(\.isTight)
        let sum = cycles.reduce(0) { $0 + Double($1.admitted.count) }
        let whole = max(1, now - (cycles.first?.start ?? now))
        guard let place = paces.indices.max(by: { isBold ? paces[$0] < paces[$1] : paces[$0] > paces[$1] }) else {
            pace = max(0.6 * (refused ?? 0), 0.9 * sum / whole, Self.slowestPace)
            return
        }
        fit = found[place]
        if found[place].kind == .bucket, found[place].isTight, found[place].burst < 4 * found[place].rate {
            lastBurst = found[place].burst
        }
        var next = paces[place]
        let isSoon = found[place].burst > 0.3 * Double(cycles.last?.admitted.count ?? 0)
        if let refused, seconds > (isSoon ? 2 : 0.9) { next = min(next, Self.share * refused) }
        if let refused, found[place].kind == .second, abs(next - refused) < 0.02 * refused { next = 0.96 * refused }
        // The rate that was sustained, including pauses.
        let sustained = (cycles.count > 1 ? sum - burst : sum) / whole
        next = max(next, 0.9 * sustained)
        if cycles.count == 1, mayTry { next = max(next, min((sustained * ceiling).squareRoot(), 4 * sustained)) }
        pace = max(next, Self.slowestPace)
        if found[place].isTight, seconds > 1 { search.find(at: now) }
    }

    /// Chooses a pace between the highest one that held and the lowest one that was refused.
    private mutating func searchApart(refused: Double?, at now: Double) {
        if let refused { search.miss(refused) }
        let sum = cycles.reduce(0) { $0 + Double($1.admitted.count) }
        let sustained = sum / max(1, now - (cycles.first?.start ?? now))
        let low = max(search.proved, 0.9 * sustained, Self.slowestPace)
        // If the refused pace is only a step above the one that held, another refusal would cost more than it shows.
        let next = mayTry && highest > PaceSearch.step * low ? (low * highest).squareRoot() : low
        pace = next
        fit = fitIfApart(next)
    }

    /// Notices whether requests must be apart: at the first pause, or, if a single request was refused, at the second one.
    private mutating func noticeTinyBurst() {
        guard cycles.count <= 2, answers.refused > 1, let first = cycles.first, first.start == 0,
            first.admitted.count <= Self.mostTiny
        else { return }
        tinyBurst = max(1, Double(first.admitted.count))
    }

    /// Whether the latest cycles show a limit per second, which only others had used up at the first pause.
    private func isSecond(_ refused: Double?) -> Bool {
        guard let refused, cycles.count > 2, let second = fits.second(Array(cycles.suffix(2))) else { return false }
        return second.isTight && second.rate < 0.9 * refused
    }

    /// The limits that explain the latest cycles.
    private var explanations: [RateFit] {
        if tinyBurst != nil { return [] }
        let bucket = [1.0, 2, 4].lazy.compactMap { slack in
            slack == 1 || lastBurst != nil ? fits.bucket(cycles, burst: lastBurst, slack: slack) : nil
        }.first
        let lasted = cycles.last.map { ($0.refused ?? $0.start) - $0.start } ?? 0
        // Without a burst, a pace is refused at once or, if it is only slightly above the rate, after a long time.
        let isBurstMissing = cycles.count > 1 && lasted < 1 && cycles.last.map { $0.admitted.count >= 10 } ?? false
        let possible = bucket.flatMap { isBurstMissing && $0.burst < 2 ? nil : $0 }
        return [possible, cycles.count > 1 || lasted > 0.9 ? fits.second(cycles) : nil].compactMap(\.self)
    }

    /// The rate, in requests per second, that no rate limit admits which explains the latest cycles.
    private var ceiling: Double {
        cycles.compactMap { cycle in cycle.refused.map { (Double(cycle.admitted.count) + 2) / max($0 - cycle.start, 1e-3) } }.min()
            ?? .infinity
    }

    private func pace(at fit: RateFit) -> Double {
        switch fit.kind {
        case .second: (Self.shareOfSecond - min(0.05, jitter / 2)) * fit.rate
        case .bucket where fit.isTight || !mayTry: Self.share * (fit.isTight ? fit.rate : fit.low)
        case .bucket: min(fit.rate, 4 * fit.low)
        }
    }

    /// Whether so few requests were refused so far that another refusal is worth what it shows.
    private var mayTry: Bool {
        Double(answers.refused + mostInFlight / 2) <= 2 * Double(mostInFlight) + 0.004 * Double(answers.admitted)
    }

    private mutating func beginWindow(_ ended: EndedCycle, _ cycle: PacedCycle, at now: Double) {
        kind = .window
        (pace, slots, fit) = (nil, nil, nil)
        let first = cycle.recent.first ?? cycle.start
        let seconds = LimitWindow.usual(atLeast: max(2, cycle.longestPause - 1), atMost: now - first + 0.3)
        let admitted = max(1, Int(ended.admitted))
        var window = LimitWindow(
            requests: admitted, seconds: seconds, log: Array(cycle.recent.prefix(admitted)), isGuess: true)
        window.pauseEnded(at: now, margin: jitter)
        self.window = window
    }

    private mutating func concludeWindow(_ ended: EndedCycle, _ cycle: PacedCycle, at now: Double) {
        guard var window else { return }
        let jitter = jitter
        if window.isGuess {
            guard window.confirm(ended, admitted: cycle.recent.prefix(Int(ended.admitted)), latency: latency) else {
                // It was not a window: a single long pause may have other reasons.
                kind = .unknown
                self.window = nil
                return
            }
            window.pauseEnded(at: now, margin: jitter)
        } else if window.isUnconfirmed {
            window.pauseEnded(at: now, margin: jitter)
        } else if ended.admitted < 0.6 * Double(window.requests), ended.whole < 1.5 * window.seconds {
            window.misfits += 1
        } else if ended.admitted < 0.97 * Double(window.requests) - 1, ended.whole < 1.25 * window.seconds {
            // The first ones were admitted in two windows.
            window.learn(requests: Int(ended.admitted))
        } else if ended.admitted <= 1.02 * Double(window.requests) + 1, ended.whole > 1.25 * window.seconds,
            cycle.longestPause > 0.2 * window.seconds + 1
        {
            // A counter's length is the time from one pause to the next.
            window.learn(seconds: LimitWindow.usual(atLeast: ended.whole - 1 - latency, atMost: ended.whole + 0.3))
        } else if cycle.longestPause > 0.2 * window.seconds + 1 || cycle.number == 0 {
            window.pauseEnded(at: now, margin: jitter)
        } else {
            window.margin += max(0.005 * window.seconds, jitter)
        }
        self.window = window
        guard window.misfits >= 2 else { return }
        cycles = cycles.suffix(1)
        searchRate(at: now)
    }

    /// Whether most requests that were sent between a refused one and its answer were admitted.
    private var isLikeChance: Bool { isAdmittedAfterRefusals(0.8, of: 3) && (!isRegular || isAdmittedAfterRefusals(0.97, of: 100)) }

    private func isAdmittedAfterRefusals(_ part: Double, of least: Int) -> Bool {
        let sum = afterRefusals.admitted + afterRefusals.refused
        return sum >= least && Double(afterRefusals.admitted) >= part * Double(sum)
    }

    /// Whether about the same number of requests was admitted before each pause, as with a limit and unlike random refusals.
    private var isRegular: Bool {
        guard admitted.count >= 4, let least = admitted.min(), let most = admitted.max() else { return false }
        return most <= 1.4 * least + 2
    }
}
