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
        case waits
        case wakes(Pacer.Reservation)
        case arrives(Pacer.Sent)
        case answered(Pacer.Sent, isRefused: Bool)
    }

    /// - Parameters:
    ///   - limits: Requests a second: the first one for the first half of the requests, the last one for the rest.
    ///   - before: What another run with the same key was admitted a moment ago.
    init(limits: [Int], ceiling: Double?, concurrency: Int, requests: Int, before: Int = 0) {
        self.requests = requests
        let start = ContinuousClock.now
        var pacer = Pacer(ceiling: ceiling, now: start)
        var events: [(time: Pacer.Time, event: Event)] = (0..<concurrency).map { _ in (start, .waits) }
        var idle = 0
        var admitted = Array(repeating: start, count: before)
        var (answered, ideal, last) = (0, 0.0, start)
        while answered < requests, let index = events.indices.min(by: { events[$0].time < events[$1].time }) {
            let (now, event) = events.remove(at: index)
            let limit = admitted.count - before < requests / 2 ? limits[0] : limits[limits.count - 1]
            switch event {
            case .waits:
                if pacer.blockedUntil > now {
                    events.append((pacer.blockedUntil, .waits))
                } else if let place = pacer.reserve(now: now) {
                    events.append((place.time, .wakes(place)))
                } else {
                    idle += 1
                }
            case .wakes(let place):
                guard let sent = pacer.start(place) else {
                    events.append((max(now, pacer.blockedUntil), .waits))
                    continue
                }
                let late = Self.lateness * Double((admitted.count * 7 + throttled) % 11) / 11
                events.append((now + Self.way + late, .arrives(sent)))
            case .arrives(let sent):
                let inSecond = admitted.reversed().prefix { $0 > now - .seconds(1) }
                let isRefused = inSecond.count >= limit
                if !isRefused { admitted.append(now) }
                events.append((now + Self.way, .answered(sent, isRefused: isRefused)))
            case .answered(let sent, let isRefused):
                if isRefused {
                    throttled += 1
                    pacer.throttled(sent, pause: .seconds(1), now: now)
                } else {
                    answered += 1
                    ideal += 1 / Double(answered <= requests / 2 ? limits[0] : limits[limits.count - 1])
                    last = now
                    pacer.succeeded(sent, now: now)
                }
                pacer.end(sent)
                events += (0...idle).map { _ in (now, .waits) }
                idle = 0
            }
        }
        use = ideal / ((last - start) / .seconds(1))
    }
}
