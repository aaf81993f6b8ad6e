/// Decides when the next request of a key may be sent. Every request of every window passes through it.
///
/// A value without a clock: `reserve` returns a place with the time to wait for, and `start` then says whether the place is still valid.
/// Until the service throttles, requests are sent as fast as the ceiling allows. After a throttled response the whole key waits; when the
/// pause is over, `LimiterModel` decides how to continue.
public struct Pacer: Sendable {
    /// A time of the clock that measures pauses.
    public typealias Time = ContinuousClock.Instant

    /// A place in the queue of a key's requests.
    public struct Reservation: Sendable, Hashable {
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
        /// The number of requests in flight at that time, including this one.
        let inFlight: Int
    }

    /// The maximum number of requests per second. `nil` if there is no ceiling.
    public let ceiling: Double?
    /// No request is sent before this.
    public private(set) var blockedUntil: Time
    private let began: Time
    private var nextFree: Time
    /// The initial burst, which is sent at once in the beginning if an earlier run found that it is admitted.
    private var credit: Duration
    /// Reserved places, and requests in flight.
    private var taken = 0
    private var inFlight = 0
    private var cycle: PacedCycle
    /// The number of pauses.
    private var pauses = 0
    private var pausesInARow = 0
    private var ownPauseEnds: Time
    private var model: LimiterModel

    /// Pauses for a service that throttles without saying for how long: each is twice as long as the one before.
    private static let ownPauses = (first: Duration.milliseconds(250), longest: Duration.seconds(60))

    /// Creates a pacer.
    /// - Parameters:
    ///   - ceiling: The maximum number of requests per second. `nil` if no limit is known.
    ///   - known: The limit that an earlier run found: a hint, which responses correct.
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

    /// The current pace in requests per second. `nil` if only the slots limit it.
    public var rate: Double? {
        let ceiling = ceiling.map { $0 * LimiterModel.share }
        guard let pace = model.pace else { return ceiling }
        return min(pace, ceiling ?? .infinity)
    }

    /// The service's limit. `nil` if none is known, or none was observed.
    public var known: KnownLimit? { model.known }

    /// Continues with the limit that an earlier run found: a hint, which responses correct.
    ///
    /// Does nothing if this pacer has met the limit already, or the hint is implausible.
    public mutating func expect(_ limit: KnownLimit, now: Time) {
        guard limit.isPlausible, pauses == 0, cycle.firstRefused == nil, model.known == nil else { return }
        model = LimiterModel(limit)
        credit = model.credit
        nextFree = max(nextFree, now) - credit
    }

    /// Reserves the next free place. `withdraw`, or `start` followed by `end`, gives it back.
    ///
    /// Best called after any pause is over, since its length and the rate that follows are known only then.
    /// - Returns: `nil` if as many requests are in flight as the service admits. Try again when one has ended.
    public mutating func reserve(now: Time) -> Reservation? {
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
        return Reservation(time: time, cycle: pauses)
    }

    /// Whether as many requests are in flight, or have a place, as the service admits.
    public var isFull: Bool { model.inFlightLimit.map { taken >= $0 } ?? false }

    /// Gives a place back that is not used.
    public mutating func withdraw(_ place: Reservation) {
        taken -= 1
    }

    /// Records that a request is being sent.
    /// - Returns: `nil` if its place is no longer valid, because the service throttled the key meanwhile. The place is then given back, and
    ///   a new one has to be reserved.
    public mutating func start(_ place: Reservation) -> Sent? {
        guard place.time >= blockedUntil, place.cycle == pauses else {
            withdraw(place)
            return nil
        }
        inFlight += 1
        cycle.sent(at: seconds(place.time))
        return Sent(time: place.time, cycle: pauses, inFlight: inFlight)
    }

    /// Records that a request is no longer in flight, whether or not there was a response.
    public mutating func end(_ sent: Sent) {
        inFlight -= 1
        taken -= 1
    }

    /// Records a response that was not throttled.
    public mutating func succeeded(_ sent: Sent, now: Time) {
        pausesInARow = 0
        model.succeeded(sentAt: seconds(sent.time), now: seconds(now))
        if sent.cycle == cycle.number { cycle.admitted(at: seconds(sent.time), withInFlight: sent.inFlight) }
    }

    /// Records a throttled response.
    /// - Parameter pause: The pause that the service requested. `nil` if it named none, or an invalid one.
    public mutating func throttled(_ sent: Sent, pause: Duration?, now: Time) {
        model.throttled(inFlight: sent.inFlight)
        if sent.cycle == cycle.number {
            if cycle.firstRefused == nil {
                // Reserved places become invalid.
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
            // All requests in flight get the same pause, which counts once.
            let longer = max(Self.ownPauses.first, now - sent.time) * (1 << min(max(pausesInARow, 1) - 1, 8))
            ownPauseEnds = now + min(longer, Self.ownPauses.longest)
            block(until: ownPauseEnds)
        }
    }

    /// Blocks requests until `time`, for example because the service says that its allowance is used up.
    public mutating func block(until time: Time) {
        blockedUntil = max(blockedUntil, time)
    }

    private func seconds(_ time: Time) -> Double { (time - began) / .seconds(1) }
}
