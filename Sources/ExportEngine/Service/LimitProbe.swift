public import ExportAPI
import ExportCore
import Synchronization

/// Finds out how the service limits requests, by asking for as little as possible as fast as it is allowed, for a short time.
///
/// Each request asks for one lean row. The pauses that the service asks for are kept, and the probe ends as soon as it knows the limit: at the
/// latest after `Bounds.requests` requests, `Bounds.throttled` refusals or `Bounds.time`.
public struct LimitProbe: Sendable {
    private let client: ServiceClient
    private let concurrency: Int
    private let bounds: Bounds

    /// How much a probe asks of the service at most.
    public struct Bounds: Sendable {
        /// Requests, refused ones included.
        public var requests = 600
        /// Refused requests, for each of those that are sent at once.
        public var throttled = 2
        /// The time that it takes; a pause that the service asks for may be longer.
        public var time = Duration.seconds(60)
        /// A limit that nothing has changed for so long counts as found.
        public var settled = Duration.seconds(15)

        /// Creates the bounds that `probe --limits` has.
        public init() {}
    }

    /// The result of the probe.
    public struct Report: Sendable, Encodable {
        /// The limit, in words. Nil where none has shown.
        public var limit: String?
        /// Requests a second that the service admits. Nil where it limits something else, or none has shown.
        public var perSecond: Double?
        /// Requests that it admits at once, beyond that rate.
        public var burst: Double?
        /// Requests that it admits in a window of `windowSeconds`.
        public var windowRequests: Int?
        /// The length of the window.
        public var windowSeconds: Double?
        /// Requests that it admits in flight.
        public var inFlight: Int?
        /// Whether the limit held long enough to be relied upon.
        public var isSettled: Bool
        /// Requests that the probe sent.
        public var requests: Int
        /// Those of them that were refused.
        public var throttled: Int
        /// How long it took, in seconds.
        public var seconds: Double
        /// The most requests that were in flight.
        public var concurrency: Int

        enum CodingKeys: String, CodingKey {
            case limit
            case perSecond = "per_second"
            case burst
            case windowRequests = "window_requests"
            case windowSeconds = "window_seconds"
            case inFlight = "in_flight"
            case isSettled = "settled"
            case requests, throttled, seconds, concurrency
        }
    }

    /// - Parameter concurrency: Requests in flight at most.
    public init(_ client: ServiceClient, concurrency: Int, bounds: Bounds = Bounds()) {
        self.client = client
        self.concurrency = concurrency
        self.bounds = bounds
    }

    /// - Throws: `ServiceError`, `CancellationError`.
    public func run() async throws -> Report {
        let (start, before) = (ContinuousClock.now, client.counts)
        let watch = SharedWatch(LimitWatch(bounds: bounds, concurrency: concurrency, sent: before, start: start))
        let request = ServiceRequest(
            path: "/api/conversations/", parameters: [.init(name: "page_size", value: "1"), .init(name: "full", value: "false")])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<concurrency {
                group.addTask { [client] in
                    while watch.state.withLock({ $0.goesOn(at: .now, sent: client.counts, limit: client.knownLimit) }) {
                        _ = try await client.get(request) { $0.size }
                    }
                }
            }
            try await group.waitForAll()
        }
        let (counts, limit) = (client.counts, client.knownLimit)
        var report = Report(
            limit: limit.map { "\($0)" }, isSettled: watch.state.withLock(\.isSettled), requests: counts.requests - before.requests,
            throttled: counts.throttled - before.throttled,
            seconds: ((ContinuousClock.now - start) / .milliseconds(1)).rounded() / 1000,
            concurrency: concurrency)
        switch limit {
        case .rate(let rate, let burst): (report.perSecond, report.burst) = (rate, burst)
        case .window(let requests, let seconds): (report.windowRequests, report.windowSeconds) = (requests, seconds)
        case .inFlight(let bound): report.inFlight = bound
        case nil: break
        }
        return report
    }
}

/// Decides whether a probe for limits sends another request, and whether the limit is found. It has no clock of its own.
struct LimitWatch: Sendable {
    private let bounds: LimitProbe.Bounds
    private let requestsAtMost: Int
    private let throttledAtMost: Int
    private let start: ContinuousClock.Instant
    private var limit: KnownLimit?
    private var changedAt: ContinuousClock.Instant
    /// Whether the limit has stayed the same for long enough.
    private(set) var isSettled = false

    /// - Parameters:
    ///   - concurrency: Requests in flight at most.
    ///   - sent: What the client had sent before.
    init(bounds: LimitProbe.Bounds, concurrency: Int, sent: RequestCounts = RequestCounts(), start: ContinuousClock.Instant) {
        self.bounds = bounds
        // Each of those that are in flight may be followed by one more.
        requestsAtMost = sent.requests + bounds.requests - 2 * concurrency
        throttledAtMost = sent.throttled + bounds.throttled * concurrency
        (self.start, changedAt) = (start, start)
    }

    /// Whether another request is worth sending.
    mutating func goesOn(at now: ContinuousClock.Instant, sent: RequestCounts, limit found: KnownLimit?) -> Bool {
        if let found, limit?.isNear(found) != true { (limit, changedAt) = (found, now) }
        isSettled = limit != nil && now - changedAt >= bounds.settled
        return !isSettled && now - start < bounds.time && sent.requests < requestsAtMost && sent.throttled < throttledAtMost
    }
}

/// The watch of a probe, for all tasks that send its requests.
private final class SharedWatch: Sendable {
    let state: Mutex<LimitWatch>

    init(_ watch: LimitWatch) { state = Mutex(watch) }
}
