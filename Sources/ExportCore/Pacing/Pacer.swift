/// Decides when the next request of a key may be sent. Every request of every window passes it.
///
/// A value without a clock: `reserve` gives a time to wait for, and `mayStart` says, once it has come, whether it still holds.
/// Until the service throttles, requests go out as fast as the ceiling allows. After a throttled answer the whole key waits, then goes
/// on, one request after the other, a little below what the service was seen to admit; after two minutes without a throttled answer
/// it tries a little more with each. Where too few were admitted to tell, as behind another run that used the allowance up, it is
/// quick to try more.
public struct Pacer: Sendable {
    /// A time of the clock that pauses are measured by.
    public typealias Time = ContinuousClock.Instant

    /// Requests a second at most. Nil: no ceiling.
    public let ceiling: Double?
    /// Requests a second, once the service has throttled.
    public private(set) var adaptedRate: Double?
    /// No request is sent before this.
    public private(set) var blockedUntil: Time
    private var nextFree: Time
    private var throttledInARow = 0
    /// What was sent since the last pause.
    private var cycle: Cycle
    private var throttling: Throttling?
    /// Until then the adapted rate is left as it is.
    private var steadyUntil: Time
    /// Whether too few requests were admitted to tell what the service takes.
    private var isGuess = false

    private struct Cycle: Sendable {
        let start: Time
        var sent = 0
        /// When the last requests were sent, those of some seconds at the least.
        var recent: [Time] = []

        mutating func add(_ time: Time) {
            sent += 1
            recent.append(time)
            let middle = recent.count / 2
            if recent[middle] < time - .seconds(5) { recent.removeSubrange(..<middle) }
        }
    }

    /// The throttled answers of one pause, and what had been sent before it.
    private struct Throttling: Sendable {
        let cycle: Cycle
        let began: Time
        let rateBefore: Double?
        /// When the first request that was throttled had been sent.
        let sent: Time
        var until: Time
        var answers = 0
    }

    /// The part of an allowance that is used: what is sent evenly arrives less so, and one request too many costs a whole pause.
    private static let share = 0.985
    /// Services count by the second or by the minute. A longer pause than this is not one of those that count by the second.
    private static let maximumPauseOfSeconds = Duration.seconds(1.5)
    private static let second = Duration.seconds(1)
    private static let steadyTime = Duration.seconds(120)
    /// Waits where the service asks for a pause without saying for how long: doubled each time, from one second.
    private static let maximumOwnPause = Duration.seconds(60)
    private static let slowestRate = 0.2
    /// The number of admitted requests below which nothing is concluded about the service's limit.
    private static let fewestThatTell = 5

    /// Creates a pacer.
    /// - Parameter ceiling: Requests a second at most. Nil: no limit is known.
    public init(ceiling: Double?, now: Time) {
        self.ceiling = ceiling
        blockedUntil = now
        nextFree = now
        steadyUntil = now
        cycle = Cycle(start: now)
    }

    /// Requests a second that are sent at the moment. Nil: as many as there are slots.
    public var rate: Double? {
        let ceiling = ceiling.map { $0 * Self.share }
        if let ceiling, let adaptedRate { return min(ceiling, adaptedRate) }
        return ceiling ?? adaptedRate
    }

    /// Takes the next free place in the row.
    ///
    /// Best asked for once no pause is left: how long it lasts, and at which rate the row goes on, is known at its end.
    public mutating func reserve(now: Time) -> Time {
        let place = max(now, nextFree, blockedUntil)
        nextFree = place + (rate.map { .seconds(1 / $0) } ?? .zero)
        // With each place, not with each answer: those who wait have taken theirs long before. Nearly three times as many a second.
        if isGuess, let rate = adaptedRate { adaptedRate = rate + 1 }
        return place
    }

    /// Whether a place still holds, or the key was told to wait since. Then a new one has to be reserved.
    public func mayStart(at place: Time) -> Bool {
        place >= blockedUntil
    }

    /// Takes note of a request that is being sent.
    public mutating func sent(at place: Time) {
        cycle.add(place)
    }

    /// Takes note of an answer that was not throttled.
    public mutating func succeeded(now: Time) {
        throttledInARow = 0
        // About a hundredth more for each second.
        if let rate = adaptedRate, now >= steadyUntil, !isGuess { adaptedRate = rate + 0.01 }
    }

    /// Takes note of a throttled answer.
    /// - Parameters:
    ///   - pause: What the service asked for; nil where it gave nothing that can be understood.
    ///   - place: When the request was sent.
    public mutating func throttled(pause: Duration?, sentAt place: Time, now: Time) {
        // The same pause is told to all that are in flight: it counts once.
        if now >= throttling?.until ?? now {
            throttledInARow += 1
            throttling = Throttling(cycle: cycle, began: now, rateBefore: rate, sent: place, until: now)
            // The places that are taken hold no more.
            nextFree = now
        }
        let ownPause = Duration.seconds(1) * (1 << min(throttledInARow - 1, 6))
        block(until: now + max(pause ?? min(ownPause, Self.maximumOwnPause), .milliseconds(1)))
        throttling?.answers += 1
        throttling?.until = blockedUntil
        isGuess = admitted.count < Self.fewestThatTell
        adaptedRate = admittedRate
        cycle = Cycle(start: blockedUntil)
        nextFree = max(nextFree, blockedUntil)
        steadyUntil = blockedUntil + Self.steadyTime
    }

    /// Sends nothing before `time`, as where the service says that its allowance is used up.
    public mutating func block(until time: Time) {
        blockedUntil = max(blockedUntil, time)
    }

    /// Requests that the service admitted before it throttled: in the last second, or in all the time from pause to pause.
    private var admitted: (count: Int, seconds: Double) {
        guard let throttling else { return (0, 1) }
        if blockedUntil - throttling.began > Self.maximumPauseOfSeconds {
            return (throttling.cycle.sent - throttling.answers, (blockedUntil - throttling.cycle.start) / Self.second)
        }
        let recent = throttling.cycle.recent.count { $0 > throttling.sent - Self.second }
        return (recent - throttling.answers, 1)
    }

    /// The rate to go on at: never less than half of what it was, since a service may also throttle for reasons of its own.
    private var admittedRate: Double {
        let (count, seconds) = admitted
        let seen = Self.share * Double(count) / max(seconds, 0.001)
        guard let before = throttling?.rateBefore else { return max(seen, Self.slowestRate) }
        return max(min(seen, before * Self.share), before / 2, Self.slowestRate)
    }
}
