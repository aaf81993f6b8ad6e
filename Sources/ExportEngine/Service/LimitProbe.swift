public import ExportAPI
import ExportCore
import Synchronization

/// Determines how the service limits requests, by sending small requests as fast as allowed for a short time.
///
/// Each request is for one lean row. The probe respects the pauses that the service requests and ends as soon as it knows the limit, at the
/// latest after `Bounds.requests` requests, `Bounds.throttled` refusals or `Bounds.time`.
public struct LimitProbe: Sendable {
    private let client: ServiceClient
    private let concurrency: Int
    private let bounds: Bounds

    /// The limits of a probe.
    public struct Bounds: Sendable {
        /// The maximum number of requests, including refused ones.
        public var requests = 600
        /// The maximum number of refused requests, for each concurrent request.
        public var throttled = 2
        /// The maximum duration, unless a pause that the service requests is longer.
        public var time = Duration.seconds(60)
        /// The duration after which an unchanged limit counts as found.
        public var settled = Duration.seconds(15)

        /// Creates the bounds of `probe --limits`.
        public init() {}
    }

    /// The result of the probe.
    public struct Report: Sendable, Encodable {
        /// The limit, in words. `nil` if none was observed.
        public var limit: String?
        /// The number of requests per second that the service admits. `nil` if it limits something else, or no limit was observed.
        public var perSecond: Double?
        /// The number of requests that it admits at once, beyond that rate.
        public var burst: Double?
        /// The number of requests that it admits in a window of `windowSeconds`.
        public var windowRequests: Int?
        /// The length of the window in seconds.
        public var windowSeconds: Double?
        /// The number of requests in flight that it admits.
        public var inFlight: Int?
        /// Whether the limit held long enough to be reliable.
        public var isSettled: Bool
        /// The number of requests that the probe sent.
        public var requests: Int
        /// The number of refused requests among them.
        public var throttled: Int
        /// The duration of the probe, in seconds.
        public var seconds: Double
        /// The maximum number of requests in flight.
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

    /// Creates a probe of a client's service.
    /// - Parameter concurrency: The maximum number of requests in flight.
    public init(_ client: ServiceClient, concurrency: Int, bounds: Bounds = Bounds()) {
        self.client = client
        self.concurrency = concurrency
        self.bounds = bounds
    }

    /// Sends the requests of the probe and returns the limit that they show.
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

/// Decides whether a probe for limits sends another request, and whether the limit is found. A value without a clock.
struct LimitWatch: Sendable {
    private let bounds: LimitProbe.Bounds
    private let requestsAtMost: Int
    private let throttledAtMost: Int
    private let start: ContinuousClock.Instant
    private var limit: KnownLimit?
    private var changedAt: ContinuousClock.Instant
    /// Whether the limit has stayed the same for long enough.
    private(set) var isSettled = false

    /// Creates the watch of a probe that begins.
    /// - Parameters:
    ///   - concurrency: The maximum number of requests in flight.
    ///   - sent: The counts of requests that the client sent before.
    init(bounds: LimitProbe.Bounds, concurrency: Int, sent: RequestCounts = RequestCounts(), start: ContinuousClock.Instant) {
        self.bounds = bounds
        // Each task may still have a request in flight and send one more.
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

/// The watch of a probe, shared by the tasks that send its requests.
private final class SharedWatch: Sendable {
    let state: Mutex<LimitWatch>

    init(_ watch: LimitWatch) { state = Mutex(watch) }
}
