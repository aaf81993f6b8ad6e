/// Decides when the next request of a key may be sent. Every request of every window passes it.
///
/// A value without a clock: `reserve` gives a time to wait for, and `mayStart` says, once it has come, whether it still holds.
/// Until the service throttles, requests go out as fast as the ceiling allows. After a throttled answer the whole key waits, then goes
/// on at the rate that the service was seen to take, one request after the other; each answer raises the rate a little, each throttled
/// one lowers it by a quarter.
public struct Pacer: Sendable {
    public typealias Time = ContinuousClock.Instant

    /// Requests a second at most. Nil: no ceiling.
    public let ceiling: Double?
    /// Requests a second, once the service has throttled.
    public private(set) var adaptedRate: Double?
    /// No request is sent before this.
    public private(set) var blockedUntil: Time
    private var nextFree: Time
    private var cycleStart: Time
    private var answersInCycle = 0
    private var throttledInARow = 0

    /// Waits where the service asks for a pause without saying for how long: doubled each time, from one second.
    private static let longestOwnPause = Duration.seconds(60)
    private static let slowestRate = 0.2

    public init(ceiling: Double?, now: Time) {
        self.ceiling = ceiling
        blockedUntil = now
        nextFree = now
        cycleStart = now
    }

    /// Requests a second that are allowed at the moment. Nil: as many as there are slots.
    public var rate: Double? {
        if let ceiling, let adaptedRate { return min(ceiling, adaptedRate) }
        return ceiling ?? adaptedRate
    }

    /// Takes the next free place in the row.
    public mutating func reserve(now: Time) -> Time {
        let place = max(now, nextFree, blockedUntil)
        nextFree = place + (rate.map { .seconds(1 / $0) } ?? .zero)
        return place
    }

    /// Whether a place still holds, or the key was told to wait since. Then a new one has to be reserved.
    public func mayStart(at place: Time) -> Bool {
        place >= blockedUntil
    }

    /// Takes note of an answer that was not throttled.
    public mutating func succeeded() {
        answersInCycle += 1
        throttledInARow = 0
        if let rate = adaptedRate {
            // About one request a second more for each second, or two of a hundred at high rates.
            adaptedRate = rate + max(1, rate * 0.02) / rate
        }
    }

    /// Takes note of a throttled answer.
    /// - Parameter pause: What the service asked for; nil where it gave nothing that can be understood.
    public mutating func throttled(pause: Duration?, now: Time) {
        // The same pause is told to all that are in flight: it counts once.
        let isSamePause = now < blockedUntil
        if !isSamePause { throttledInARow += 1 }
        let ownPause = Duration.seconds(1) * (1 << min(throttledInARow - 1, 6))
        block(until: now + max(pause ?? min(ownPause, Self.longestOwnPause), .milliseconds(1)))
        guard !isSamePause else { return }
        let cycle = (blockedUntil - cycleStart) / .seconds(1)
        let seen = 0.9 * Double(answersInCycle) / max(cycle, 0.001)
        adaptedRate = max(rate.map { max($0 * 0.75, min(seen, $0)) } ?? seen, Self.slowestRate)
        cycleStart = blockedUntil
        answersInCycle = 0
        nextFree = blockedUntil
    }

    /// Sends nothing before `time`, as where the service says that its allowance is used up.
    public mutating func block(until time: Time) {
        blockedUntil = max(blockedUntil, time)
    }
}
