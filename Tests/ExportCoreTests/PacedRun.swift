import ExportCore

/// A run of paced requests against a service that admits so many in any second, on a clock of its own.
struct PacedRun {
    /// Admitted.
    let requests: Int
    private(set) var throttled = 0
    /// The part of what the service would have admitted in the time the run took.
    private(set) var use = 0.0

    /// On the way to the service, and from there.
    private static let way = Duration.milliseconds(10)
    /// Arrivals are late by up to so much, some more than others.
    private static let lateness = Duration.milliseconds(5)

    private enum Event {
        case waits, wakes, arrives, answered, refused
    }

    /// - Parameters:
    ///   - limits: Requests a second: the first one for the first half of the requests, the last one for the rest.
    ///   - before: What another run with the same key was admitted a moment ago.
    init(limits: [Int], ceiling: Double?, concurrency: Int, requests: Int, before: Int = 0) {
        self.requests = requests
        let start = ContinuousClock.now
        var pacer = Pacer(ceiling: ceiling, now: start)
        var events: [(time: Pacer.Time, place: Pacer.Time, event: Event)] = []
        for _ in 0..<concurrency { events.append((start, start, .waits)) }
        var admitted = Array(repeating: start, count: before)
        var (answered, ideal, last) = (0, 0.0, start)
        while answered < requests, let index = events.indices.min(by: { events[$0].time < events[$1].time }) {
            let (now, place, event) = events.remove(at: index)
            let limit = admitted.count - before < requests / 2 ? limits[0] : limits[limits.count - 1]
            switch event {
            case .waits:
                let place = pacer.reserve(now: now)
                events.append((place, place, .wakes))
            case .wakes where pacer.mayStart(at: place):
                pacer.sent(at: place)
                let late = Self.lateness * Double((admitted.count * 7 + throttled) % 11) / 11
                events.append((now + Self.way + late, place, .arrives))
            case .wakes:
                events.append((max(now, pacer.blockedUntil), place, .waits))
            case .arrives:
                let inSecond = admitted.reversed().prefix { $0 > now - .seconds(1) }
                if inSecond.count < limit {
                    admitted.append(now)
                    events.append((now + Self.way, place, .answered))
                } else {
                    throttled += 1
                    events.append((now + Self.way, place, .refused))
                }
            case .answered:
                answered += 1
                ideal += 1 / Double(answered <= requests / 2 ? limits[0] : limits[limits.count - 1])
                last = now
                pacer.succeeded(now: now)
                events.append((max(now, pacer.blockedUntil), place, .waits))
            case .refused:
                pacer.throttled(pause: .seconds(1), sentAt: place, now: now)
                events.append((pacer.blockedUntil, place, .waits))
            }
        }
        use = ideal / ((last - start) / .seconds(1))
    }
}
