import ExportCore

/// The one place that every request of a key passes: it lets them out at the pacer's rate, and counts.
public actor RequestGate {
    private var pacer: Pacer
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Pacer.Time
    /// Whether the service has ever answered: until then, a wrong host is likelier than a passing fault.
    private(set) var hasAnswered = false
    public private(set) var counts = RequestCounts()

    /// - Parameter ceiling: Requests a second at most. Nil: no ceiling.
    public init(ceiling: Double?) {
        let clock = ContinuousClock()
        self.init(ceiling: ceiling, clock: clock, now: { clock.now })
    }

    init(ceiling: Double?, clock: any Clock<Duration>, now: @escaping @Sendable () -> Pacer.Time) {
        pacer = Pacer(ceiling: ceiling, now: now())
        self.clock = clock
        self.now = now
    }

    /// Returns when a request may be sent.
    /// - Throws: `CancellationError`.
    func enter() async throws {
        var place = pacer.reserve(now: now())
        while true {
            let wait = place - now()
            if wait > .zero { try await clock.sleep(for: wait) } else { try Task.checkCancellation() }
            if pacer.mayStart(at: place) { break }
            place = pacer.reserve(now: now())
        }
        counts.requests += 1
    }

    /// An answer came, whatever it says.
    func answered(bytes: Int) {
        hasAnswered = true
        counts.bytes += bytes
    }

    func succeeded() {
        pacer.succeeded()
    }

    func throttled(pause: Duration?) {
        counts.throttled += 1
        pacer.throttled(pause: pause, now: now())
    }

    /// The service's allowance is used up for this long, or it is overloaded and says for how long.
    func pause(for pause: Duration) {
        pacer.block(until: now() + pause)
    }

    func willRetry() {
        counts.retries += 1
    }

    func wait(_ pause: Duration) async throws {
        try await clock.sleep(for: pause)
    }
}

/// What a run has asked of the service.
public struct RequestCounts: Sendable, Hashable {
    /// Sent, repeats included.
    public var requests = 0
    /// Sent again after a failure.
    public var retries = 0
    /// Answered with 429.
    public var throttled = 0
    /// Of bodies, as they came.
    public var bytes = 0
}
