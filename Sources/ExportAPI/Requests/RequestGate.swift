public import ExportCore
import ExportHTTP
import Synchronization

/// The one place that every request of a key passes: it lets them out at the pacer's rate, and counts.
///
/// A lock and not an actor: that the key has to wait is noted on the thread on which the answer's head arrives, and the last look
/// before a request is sent waits behind nothing.
final class RequestGate: Sendable {
    private struct State {
        var pacer: Pacer
        var hasAnswered = false
        var counts = RequestCounts()
        var lastFailure: ServiceError.Failure?
        var clock = ResponseClock()
    }

    private let state: Mutex<State>
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Pacer.Time

    /// - Parameter ceiling: Requests a second at most. Nil: no ceiling.
    convenience init(ceiling: Double?) {
        let clock = ContinuousClock()
        self.init(ceiling: ceiling, clock: clock, now: { clock.now })
    }

    init(ceiling: Double?, clock: any Clock<Duration>, now: @escaping @Sendable () -> Pacer.Time) {
        state = Mutex(State(pacer: Pacer(ceiling: ceiling, now: now())))
        self.clock = clock
        self.now = now
    }

    var counts: RequestCounts { state.withLock(\.counts) }

    var serviceStatus: ServiceStatus {
        state.withLock { state in
            let pause = state.pacer.blockedUntil - now()
            return ServiceStatus(
                counts: state.counts, allowedRate: state.pacer.rate, pause: pause > .zero ? pause : nil,
                lastFailure: state.lastFailure)
        }
    }

    /// Whether the service has ever answered: until then, a wrong host is likelier than a passing fault.
    var hasAnswered: Bool { state.withLock(\.hasAnswered) }

    /// Takes a place in the row, and returns when its time has come.
    /// - Throws: `CancellationError`; `ServiceError.throttled` where the key has been told to wait for longer than is worth waiting.
    func waitForPlace() async throws -> Pacer.Time {
        while case let pause = state.withLock({ $0.pacer.blockedUntil }) - now(), pause > .zero {
            guard pause <= ServiceClient.maximumPause else { throw ServiceError.throttled(pause: pause, attempts: 1) }
            try await wait(pause)
        }
        let place = state.withLock { $0.pacer.reserve(now: now()) }
        try await wait(place - now())
        return place
    }

    /// The last look before a request is sent, which must follow at once: whether the key was told to wait since the place was taken.
    func pass(at place: Pacer.Time) -> Bool {
        state.withLock { state in
            guard state.pacer.mayStart(at: place) else { return false }
            state.pacer.sent(at: place)
            state.counts.requests += 1
            return true
        }
    }

    /// Takes note of what an answer's head says of waiting.
    /// - Parameters:
    ///   - place: When its request was sent.
    ///   - wallClock: For pauses that are given as a date.
    func note(_ head: ResponseHead, sentAt place: Pacer.Time, wallClock: Instant) {
        let pause = head.retryAfter(now: wallClock)
        state.withLock { state in
            state.hasAnswered = true
            switch head.status {
            case 429:
                state.counts.throttled += 1
                let before = max(state.pacer.blockedUntil, now())
                state.pacer.throttled(pause: pause, sentAt: place, now: now())
                state.counts.throttledTime += state.pacer.blockedUntil - before
            case 408, 500..<600:
                if let pause { state.pacer.block(until: now() + min(pause, ServiceClient.maximumPause)) }
            default:
                state.pacer.succeeded(now: now())
                // The service's allowance is used up.
                if let pause = head.exhaustedFor { state.pacer.block(until: now() + pause) }
            }
        }
    }

    /// Takes note of a whole answer to a request that was sent at `place`.
    func received(bytes: Int, sentAt place: Pacer.Time) {
        state.withLock { state in
            state.counts.bytes += bytes
            state.counts.latencies.add(now() - place)
        }
    }

    /// What the service's clock says, by its answers.
    var clockReading: ClockReading? { state.withLock(\.clock.reading) }

    /// Takes note of an answer's date.
    /// - Returns: That a usable answer was made before its request was sent. Nil where nothing shows it.
    func noteDate(of head: ResponseHead, sentAt place: Pacer.Time, wallClock: Instant) -> CachedResponse? {
        state.withLock { $0.clock.note(head, sentAt: place, receivedAt: now(), wallClock: wallClock) }
    }

    func willRetry(after failure: ServiceError.Failure) {
        state.withLock { state in
            state.counts.retries += 1
            state.lastFailure = failure
        }
    }

    /// - Throws: `CancellationError`.
    func wait(_ pause: Duration) async throws {
        if pause > .zero { try await clock.sleep(for: pause) } else { try Task.checkCancellation() }
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
    /// How long they asked all to wait; what two of them asked for at the same time counts once.
    public var throttledTime = Duration.zero
    /// Bytes of bodies, as they came.
    public var bytes = 0
    /// How long requests took, from sending to the last byte.
    public var latencies = LatencyHistogram()

    /// Creates counts of nothing.
    public init() {}

    /// Adds what was asked with another key.
    public mutating func add(_ other: RequestCounts) {
        requests += other.requests
        retries += other.retries
        throttled += other.throttled
        throttledTime += other.throttledTime
        bytes += other.bytes
        latencies.add(other.latencies)
    }
}

/// How a run stands with the service, for those who watch it.
public struct ServiceStatus: Sendable {
    /// Requests, repeats and bytes up to now.
    public let counts: RequestCounts
    /// Requests a second that may be sent. Nil: as many as are answered.
    public let allowedRate: Double?
    /// Until the next request may be sent, where the service asked for a pause.
    public let pause: Duration?
    /// Why a request was sent again last.
    public let lastFailure: ServiceError.Failure?
}

extension ServiceStatus {
    /// The standing of several keys together. They wait where each of them waits.
    public init(of statuses: [ServiceStatus]) {
        var counts = RequestCounts()
        for serviceStatus in statuses { counts.add(serviceStatus.counts) }
        let rates = statuses.compactMap(\.allowedRate), pauses = statuses.compactMap(\.pause)
        self.init(
            counts: counts, allowedRate: rates.count == statuses.count ? rates.reduce(0, +) : nil,
            pause: pauses.count == statuses.count ? pauses.min() : nil,
            lastFailure: statuses.lazy.compactMap(\.lastFailure).first)
    }
}
