/// Decides when the next request of a key may be sent. Every request of every window passes it.
///
/// A value without a clock: `reserve` gives a place with a time to wait for, and `start` says, once it has come, whether the place still
/// holds. Until the service throttles, requests go out as fast as the ceiling allows. After a throttled answer the whole key waits;
/// when the pause is over, `LimiterModel` says how to go on.
public struct Pacer: Sendable {
    /// A time of the clock that pauses are measured by.
    public typealias Time = ContinuousClock.Instant

    /// A turn in the row of a key.
    public struct Place: Sendable, Hashable {
        /// When the request may be sent.
        public let time: Time
        fileprivate let cycle: Int
    }

    /// A request that was sent.
    public struct Sent: Sendable, Hashable {
        /// When it was sent.
        public let time: Time
        /// The number of pauses before it.
        let cycle: Int
        /// How many were in flight then, with this one.
        let inFlight: Int
    }

    /// Requests a second at most. Nil: no ceiling.
    public let ceiling: Double?
    /// No request is sent before this.
    public private(set) var blockedUntil: Time
    private let began: Time
    private var nextFree: Time
    /// As many as were saved up go out at once in the beginning, where an earlier run found out that they are admitted.
    private var credit: Duration
    /// Places that are taken, and requests that have no answer yet.
    private var taken = 0
    private var inFlight = 0
    private var cycle: PacedCycle
    /// The number of pauses.
    private var pauses = 0
    private var pausesInARow = 0
    private var ownPauseEnds: Time
    private var model: LimiterModel

    /// The part of a ceiling that is used: what is sent evenly arrives less so, and one request too many costs a whole pause.
    private static let share = 0.985
    /// Waits where the service asks for a pause without saying for how long: doubled each time.
    private static let ownPauses = (first: Duration.milliseconds(250), longest: Duration.seconds(60))

    /// Creates a pacer.
    /// - Parameters:
    ///   - ceiling: Requests a second at most. Nil: no limit is known.
    ///   - known: What an earlier run found out about the limit: a hint, which answers correct.
    public init(ceiling: Double?, known: KnownLimit? = nil, now: Time) {
        self.ceiling = ceiling
        began = now
        blockedUntil = now
        nextFree = now
        ownPauseEnds = now
        cycle = PacedCycle(number: 0, start: 0)
        model = LimiterModel(known)
        credit = model.credit
        nextFree = now - credit
    }

    /// Requests a second that are sent at the moment. Nil: as many as there are slots.
    public var rate: Double? {
        let ceiling = ceiling.map { $0 * Self.share }
        guard let pace = model.pace else { return ceiling }
        return min(pace, ceiling ?? .infinity)
    }

    /// The service's limit. Nil if nothing is known, or no limit has shown.
    public var known: KnownLimit? { model.known }

    /// Goes on with what an earlier run found out about the limit: a hint, which answers correct.
    ///
    /// Nothing is done where this one has met the limit already, or the hint makes no sense.
    public mutating func expect(_ limit: KnownLimit, now: Time) {
        guard limit.isPlausible, pauses == 0, cycle.firstRefused == nil, model.known == nil else { return }
        model = LimiterModel(limit)
        credit = model.credit
        nextFree = max(nextFree, now) - credit
    }

    /// Takes the next free place in the row; `withdraw`, or `start` and then `end`, give it back.
    ///
    /// Best asked for once no pause is left: how long it lasts, and at which rate the row goes on, is known at its end.
    /// - Returns: Nil where as many requests are in flight as the service admits: ask again when one has ended.
    public mutating func reserve(now: Time) -> Place? {
        if let first = cycle.firstRefused, now >= blockedUntil {
            model.conclude(cycle, firstRefused: first, at: seconds(now))
            cycle = PacedCycle(number: pauses, start: seconds(now))
        }
        if isFull { return nil }
        let isRowFull = nextFree > now && rate == model.pace
        model.advance(cycle, inFlight: inFlight, isRowFull: isRowFull, rowEnds: seconds(nextFree), now: seconds(now))
        let earliest = max(now, nextFree, blockedUntil)
        let time = model.place(notBefore: seconds(earliest)).map { max(earliest, began + .seconds($0)) } ?? earliest
        nextFree = credit > .zero ? max(nextFree, now - credit) : time
        if let rate { nextFree += .seconds(1 / rate) }
        taken += 1
        return Place(time: time, cycle: pauses)
    }

    /// Whether as many requests are in flight, or have a place, as the service admits.
    public var isFull: Bool { model.inFlightLimit.map { taken >= $0 } ?? false }

    /// Gives a place back that is not used.
    public mutating func withdraw(_ place: Place) {
        taken -= 1
    }

    /// Takes note of a request that is being sent.
    /// - Returns: Nil where its place does not hold any more, since the key was told to wait. Then the place is given back, and a new one has
    ///   to be reserved.
    public mutating func start(_ place: Place) -> Sent? {
        guard place.time >= blockedUntil, place.cycle == pauses else {
            withdraw(place)
            return nil
        }
        inFlight += 1
        cycle.sent(at: seconds(place.time))
        return Sent(time: place.time, cycle: pauses, inFlight: inFlight)
    }

    /// Takes note that a request is not in flight any more, whether it was answered or not.
    public mutating func end(_ sent: Sent) {
        inFlight -= 1
        taken -= 1
    }

    /// Takes note of an answer that was not throttled.
    public mutating func succeeded(_ sent: Sent, now: Time) {
        pausesInARow = 0
        model.succeeded(sentAt: seconds(sent.time), now: seconds(now))
        if sent.cycle == cycle.number { cycle.admitted(at: seconds(sent.time), withInFlight: sent.inFlight) }
    }

    /// Takes note of a throttled answer.
    /// - Parameter pause: What the service asked for; nil where it gave nothing that can be understood.
    public mutating func throttled(_ sent: Sent, pause: Duration?, now: Time) {
        model.throttled(inFlight: sent.inFlight)
        if sent.cycle == cycle.number {
            if cycle.firstRefused == nil {
                // The places that are taken hold no more.
                pauses += 1
                pausesInARow += 1
                nextFree = now
                credit = .zero
            }
            cycle.refused(
                at: seconds(sent.time), pause: pause.map { $0 / .seconds(1) }, withInFlight: sent.inFlight, stillInFlight: inFlight)
        }
        if let pause {
            block(until: now + max(pause, .milliseconds(1)))
        } else if now >= ownPauseEnds {
            // The same pause is told to all that are in flight: it counts once.
            let longer = max(Self.ownPauses.first, now - sent.time) * (1 << min(max(pausesInARow, 1) - 1, 8))
            ownPauseEnds = now + min(longer, Self.ownPauses.longest)
            block(until: ownPauseEnds)
        }
    }

    /// Sends nothing before `time`, as where the service says that its allowance is used up.
    public mutating func block(until time: Time) {
        blockedUntil = max(blockedUntil, time)
    }

    private func seconds(_ time: Time) -> Double { (time - began) / .seconds(1) }
}
