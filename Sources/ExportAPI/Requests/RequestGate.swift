public import ExportCore
import ExportHTTP
import Synchronization

/// The one place that every request of a key passes: it lets them out at the pacer's rate, and counts.
///
/// A lock and not an actor: that the key has to wait is noted on the thread on which the answer's head arrives, and the last look
/// before a request is sent waits behind nothing.
final class RequestGate: Sendable {
    fileprivate struct State {
        var pacer: Pacer
        /// Requests for which there is a place only when one in flight has ended.
        var waiting: [Waiter] = []
        /// Cancelled before they had begun to wait.
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

    /// Some limiters answer with 503 in the place of 429. A longer pause is that of a service that is down.
    private static let longestPauseOfLimit = Duration.seconds(60)

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

    /// How many wait for a request in flight to end.
    var waiting: Int { state.withLock(\.waiting.count) }

    /// The service's limit as far as it is known.
    var knownLimit: KnownLimit? { state.withLock(\.pacer.known) }

    /// Goes on with what an earlier run found out about the limit.
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

    /// Whether the service has ever answered: until then, a wrong host is likelier than a passing fault.
    var hasAnswered: Bool { state.withLock(\.hasAnswered) }

    /// Takes a place in the row, and returns when its time has come. The place is given to `pass`, and if it holds, what that returns to `end`.
    /// - Throws: `CancellationError`; `ServiceError.throttled` where the key has been told to wait for longer than is worth waiting.
    func waitForPlace() async throws -> Pacer.Place {
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
    func withdraw(_ place: Pacer.Place) {
        resume(
            state.withLock { state in
                state.pacer.withdraw(place)
                return state.takeWaiting()
            })
    }

    /// The last look before a request is sent, which must follow at once.
    /// - Returns: Nil where the key was told to wait since the place was taken: then a new one is needed.
    func pass(at place: Pacer.Place) -> Pacer.Sent? {
        let (sent, waiting) = state.withLock { state -> (Pacer.Sent?, [Waiter]) in
            guard let sent = state.pacer.start(place) else { return (nil, state.takeWaiting()) }
            state.counts.requests += 1
            return (sent, [])
        }
        resume(waiting)
        return sent
    }

    /// Takes note that a request is not in flight any more, whether it was answered or not.
    func end(_ sent: Pacer.Sent) {
        resume(
            state.withLock { state in
                state.pacer.end(sent)
                return state.takeWaiting()
            })
    }

    /// Returns when a request has ended, or a place was given back.
    private func waitForEnd() async throws {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // One may have ended meanwhile.
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

    /// Takes note of what an answer's head says of waiting.
    /// - Parameters:
    ///   - sent: Its request.
    ///   - wallClock: For pauses that are given as a date.
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

    /// Takes note of a whole answer to a request that was sent at `place`.
    func received(bytes: Int, sentAt place: Pacer.Time) {
        state.withLock { state in
            state.counts.bytes += bytes
            state.counts.latencies.add(now() - place)
        }
    }

    /// The service's clock according to its responses.
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

extension RequestGate.State {
    /// Those who wait: each asks again.
    fileprivate mutating func takeWaiting() -> [RequestGate.Waiter] {
        guard !pacer.isFull else { return [] }
        defer { waiting = [] }
        return waiting
    }
}

/// The requests that a run has sent to the service.
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
    /// The service's limit. Nil if nothing is known, or no limit has shown.
    public let limit: KnownLimit?
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
            lastFailure: statuses.lazy.compactMap(\.lastFailure).first,
            // Those of several keys have nothing to do with each other.
            limit: statuses.count == 1 ? statuses[0].limit : nil)
    }
}
