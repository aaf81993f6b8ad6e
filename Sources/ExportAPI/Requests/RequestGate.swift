public import ExportCore
import ExportHTTP
import Synchronization

/// The gate that every request of a key passes. It admits requests at the pacer's rate, and counts them.
///
/// It uses a lock instead of an actor, so that a pause takes effect on the thread on which the response's head arrives, and the last check
/// before a request is sent does not wait.
final class RequestGate: Sendable {
    fileprivate struct State {
        var pacer: Pacer
        /// Requests that wait until one in flight has ended.
        var waiting: [Waiter] = []
        /// Waiters that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
        var lastWaiter = 0
        var hasAnswered = false
        var counts = RequestCounts()
        var lastFailure: ServiceError.Failure?
        var clock = ResponseClock()
    }

    fileprivate struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private let state: Mutex<State>
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Pacer.Time

    /// The longest pause with which status 503 counts as throttling, since some limiters send it instead of 429. A longer pause indicates
    /// that the service is down.
    private static let longestPauseOfLimit = Duration.seconds(60)

    /// Creates a gate that uses the continuous clock.
    /// - Parameter ceiling: The maximum number of requests per second. `nil` if there is no ceiling.
    convenience init(ceiling: Double?) {
        let clock = ContinuousClock()
        self.init(ceiling: ceiling, clock: clock, now: { clock.now })
    }

    init(ceiling: Double?, clock: any Clock<Duration>, now: @escaping @Sendable () -> Pacer.Time) {
        state = Mutex(State(pacer: Pacer(ceiling: ceiling, now: now())))
        self.clock = clock
        self.now = now
    }

    /// The number of tasks that wait for a request in flight to end.
    var waiting: Int { state.withLock(\.waiting.count) }

    /// The service's limit, as far as known.
    var knownLimit: KnownLimit? { state.withLock(\.pacer.known) }

    /// Continues with the limit that an earlier run found.
    func expect(_ limit: KnownLimit) { state.withLock { $0.pacer.expect(limit, now: now()) } }

    var counts: RequestCounts { state.withLock(\.counts) }

    var serviceStatus: ServiceStatus {
        state.withLock { state in
            let pause = state.pacer.blockedUntil - now()
            return ServiceStatus(
                counts: state.counts, allowedRate: state.pacer.rate, pause: pause > .zero ? pause : nil,
                lastFailure: state.lastFailure, limit: state.pacer.known)
        }
    }

    /// Whether the service has ever responded. Until then, a wrong host is more likely than a transient failure.
    var hasAnswered: Bool { state.withLock(\.hasAnswered) }

    /// Reserves a place, and returns when its time has come. The caller passes the place to `pass` and, if it is valid, the result of that
    /// to `end`.
    /// - Throws: `CancellationError`; `ServiceError.throttled` if the service requested a pause that is too long.
    func waitForPlace() async throws -> Pacer.Reservation {
        while true {
            while case let pause = state.withLock({ $0.pacer.blockedUntil }) - now(), pause > .zero {
                guard pause <= ServiceClient.maximumPause else { throw ServiceError.throttled(pause: pause, attempts: 1) }
                try await wait(pause)
            }
            guard let place = state.withLock({ $0.pacer.reserve(now: now()) }) else {
                try await waitForEnd()
                continue
            }
            do {
                try await wait(place.time - now())
            } catch {
                withdraw(place)
                throw error
            }
            return place
        }
    }

    /// Gives back a place that is not used.
    func withdraw(_ place: Pacer.Reservation) {
        resume(
            state.withLock { state in
                state.pacer.withdraw(place)
                return state.takeWaiting()
            })
    }

    /// The last check before a request is sent, which must follow immediately.
    /// - Returns: `nil` if the service throttled the key since the place was reserved, so that a new one is needed.
    func pass(at place: Pacer.Reservation) -> Pacer.Sent? {
        let (sent, waiting) = state.withLock { state -> (Pacer.Sent?, [Waiter]) in
            guard let sent = state.pacer.start(place) else { return (nil, state.takeWaiting()) }
            state.counts.requests += 1
            return (sent, [])
        }
        resume(waiting)
        return sent
    }

    /// Records that a request is no longer in flight, whether or not there was a response.
    func end(_ sent: Pacer.Sent) {
        resume(
            state.withLock { state in
                state.pacer.end(sent)
                return state.takeWaiting()
            })
    }

    /// Waits until a request has ended, or a place was given back.
    private func waitForEnd() async throws {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A request may have ended meanwhile.
                    if state.cancelled.remove(id) != nil || !state.pacer.isFull { return true }
                    state.waiting.append(Waiter(id: id, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiting.remove(at: index)
            }
            waiter?.continuation.resume()
        }
        state.withLock { _ = $0.cancelled.remove(id) }
        try Task.checkCancellation()
    }

    private func resume(_ waiting: [Waiter]) {
        for waiter in waiting { waiter.continuation.resume() }
    }

    /// Records the pauses and limits in the head of a response.
    /// - Parameters:
    ///   - sent: The request.
    ///   - wallClock: The current time, for pauses that are given as a date.
    func note(_ head: ResponseHead, to sent: Pacer.Sent, wallClock: Instant) {
        let pause = head.retryAfter(now: wallClock)
        let said = RateLimitHeaders(head.headers)
        state.withLock { state in
            state.hasAnswered = true
            if let limit = said.policy { state.pacer.expect(limit, now: now()) }
            switch head.status {
            case 429:
                state.counts.throttled += 1
                let before = max(state.pacer.blockedUntil, now())
                state.pacer.throttled(sent, pause: pause, now: now())
                state.counts.throttledTime += state.pacer.blockedUntil - before
            case 503 where pause.map { $0 <= Self.longestPauseOfLimit } ?? false:
                state.pacer.throttled(sent, pause: pause, now: now())
            case 408, 500..<600:
                if let pause { state.pacer.block(until: now() + min(pause, ServiceClient.maximumPause)) }
            default:
                state.pacer.succeeded(sent, now: now())
                if let pause = said.exhaustedFor { state.pacer.block(until: now() + pause) }
            }
        }
    }

    /// Records a complete response to a request that was sent at `place`.
    func received(bytes: Int, sentAt place: Pacer.Time) {
        state.withLock { state in
            state.counts.bytes += bytes
            state.counts.latencies.add(now() - place)
        }
    }

    /// The service's clock according to its responses.
    var clockReading: ClockReading? { state.withLock(\.clock.reading) }

    /// Records the date of a response.
    /// - Returns: The evidence that a usable response is older than its request. `nil` if there is none.
    func noteDate(of head: ResponseHead, sentAt place: Pacer.Time, wallClock: Instant) -> CachedResponse? {
        state.withLock { $0.clock.note(head, sentAt: place, receivedAt: now(), wallClock: wallClock) }
    }

    func willRetry(after failure: ServiceError.Failure) {
        state.withLock { state in
            state.counts.retries += 1
            state.lastFailure = failure
        }
    }

    /// Sleeps for a pause.
    /// - Throws: `CancellationError`.
    func wait(_ pause: Duration) async throws {
        if pause > .zero { try await clock.sleep(for: pause) } else { try Task.checkCancellation() }
    }
}

extension RequestGate.State {
    /// Removes and returns all waiters, each of which tries again.
    fileprivate mutating func takeWaiting() -> [RequestGate.Waiter] {
        guard !pacer.isFull else { return [] }
        defer { waiting = [] }
        return waiting
    }
}

/// The requests that a run has sent to the service.
public struct RequestCounts: Sendable, Hashable {
    /// Requests that were sent, including repeats.
    public var requests = 0
    /// Requests that were repeats after a failure.
    public var retries = 0
    /// Responses with status 429.
    public var throttled = 0
    /// The total duration of the pauses that they requested. Overlapping pauses count once.
    public var throttledTime = Duration.zero
    /// The bytes of bodies as received, before decompression.
    public var bytes = 0
    /// The durations of requests, from sending to the last byte.
    public var latencies = LatencyHistogram()

    /// Creates counts of zero.
    public init() {}

    /// Adds the counts of another key.
    public mutating func add(_ other: RequestCounts) {
        requests += other.requests
        retries += other.retries
        throttled += other.throttled
        throttledTime += other.throttledTime
        bytes += other.bytes
        latencies.add(other.latencies)
    }
}

/// The state of a run's requests to the service, for progress reports.
public struct ServiceStatus: Sendable {
    /// The counts so far.
    public let counts: RequestCounts
    /// The allowed number of requests per second. `nil` if there is no limit.
    public let allowedRate: Double?
    /// The time until the next request may be sent, if the service requested a pause.
    public let pause: Duration?
    /// The failure that caused the latest repeat.
    public let lastFailure: ServiceError.Failure?
    /// The service's limit. `nil` if none is known, or none was observed.
    public let limit: KnownLimit?
}

extension ServiceStatus {
    /// Combines the states of several keys. They count as waiting if each of them waits.
    public init(of statuses: [ServiceStatus]) {
        var counts = RequestCounts()
        for serviceStatus in statuses { counts.add(serviceStatus.counts) }
        let rates = statuses.compactMap(\.allowedRate), pauses = statuses.compactMap(\.pause)
        self.init(
            counts: counts, allowedRate: rates.count == statuses.count ? rates.reduce(0, +) : nil,
            pause: pauses.count == statuses.count ? pauses.min() : nil,
            lastFailure: statuses.lazy.compactMap(\.lastFailure).first,
            // The limits of several keys are unrelated.
            limit: statuses.count == 1 ? statuses[0].limit : nil)
    }
}
