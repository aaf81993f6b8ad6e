public import ExportCore
package import ExportHTTP
package import Logging
import NIOCore
import NIOHTTP1

/// The HTTP client of the service. It sends a request when the gate admits it, and repeats it after transient failures.
///
/// ```swift
/// let request = ServiceRequest(list: query, filters: plan.filters, detail: plan.source.detail)
/// let bytes = try await client.get(request) { response in response.size }
/// ```
///
/// A request is repeated while its failures are transient, at most `fetch.retries` times. Other failures throw `ServiceError`, and a
/// cancelled task throws `CancellationError`.
public struct ServiceClient: Sendable {
    private let http: WebClient
    private let endpoint: String
    private let key: APIKey
    private let gate: RequestGate
    private let retry: RetryPolicy
    private let timeout: Duration
    private let asksForGzip: Bool
    private let userAgent: String
    private let logger: Logger
    /// The slots shared with the clients of other keys. `nil` if there are none.
    private let slots: FairSemaphore?
    /// The number of the client as an owner of slots.
    private let number: Int

    /// The size beyond which bodies are not read.
    private let largestBody: Int
    /// The memory for all response bodies in progress, and the minimum and maximum for one of them.
    private static let memoryBudget = 128 << 20
    private static let bodyLimits = (least: 8 << 20, most: 64 << 20)
    /// The longest pause that is waited for. With a longer one the run ends, and can be repeated later.
    static let maximumPause = Duration.seconds(15 * 60)

    /// The requests that a run has sent so far.
    public var counts: RequestCounts { gate.counts }

    /// The counts, the allowed rate, and the latest pause that the service requested.
    public var serviceStatus: ServiceStatus { gate.serviceStatus }

    /// The identifier of the key and the endpoint in stored limits.
    package var account: String { key.account(at: endpoint) }

    /// The service's limit. `nil` if none is known, or none was observed.
    public var knownLimit: KnownLimit? { gate.knownLimit }

    /// Continues with the limit that an earlier run found, unless this run has already met the limit.
    package func expect(_ limit: KnownLimit) { gate.expect(limit) }

    /// The service's clock according to its responses. `nil` if no response has shown it yet.
    package var clockReading: ClockReading? { gate.clockReading }

    /// Sends a request and reads the response.
    /// - Parameter read: Reads the body. If it throws `UnusableBody`, the request is repeated. If it throws that each time for the same
    ///   reason, the failure counts as permanent.
    /// - Returns: The result of `read`, and the number of requests it took.
    /// - Throws: `ServiceError`, `CancellationError`, and other errors of `read`.
    public func get<Value: Sendable>(
        _ request: ServiceRequest, read: @Sendable (ServiceResponse) throws -> Value
    ) async throws -> (value: Value, requests: Int) {
        var (failures, throttles) = (0, 0)
        var reasons: Set<ServiceError.Failure> = []
        while true {
            switch try await attempt(request, read: read) {
            case .value(let value):
                return (value, failures + throttles + 1)
            case .throttled(let pause):
                throttles += 1
                let isTooLong = pause.map { $0 > Self.maximumPause } ?? false
                guard throttles <= retry.throttleLimit, !isTooLong else {
                    throw ServiceError.throttled(pause: pause, attempts: throttles)
                }
                logger.info("throttled", metadata: ["path": "\(request.path)", "pause": "\(pause.map { "\($0)" } ?? "not said")"])
            case .failed(let failure):
                failures += 1
                reasons.insert(failure)
                guard let pause = pause(afterFailures: failures, of: request) else {
                    // A single attempt does not show that the next one would fail in the same way.
                    if case .malformed(let reason) = failure, reasons.count == 1, failures > 1 {
                        throw ServiceError.unusable(reason: reason, attempts: failures)
                    }
                    throw ServiceError.unavailable(last: failure, attempts: failures)
                }
                logger.info(
                    "trying again",
                    metadata: ["path": "\(request.path)", "failure": "\(failure)", "in": "\(pause)", "try": "\(failures + 1)"])
                gate.willRetry(after: failure)
                try await gate.wait(pause)
            }
        }
    }

    /// Sends one request to read the service's clock, unless a response has shown it already. Its status and body do not matter.
    /// - Throws: `CancellationError`.
    package func readClock() async throws {
        if clockReading == nil { _ = try? await attempt(.me) { _ in } }
        try Task.checkCancellation()
    }

    /// Sends an optional request, without repeats. `nil` if there was no usable response.
    /// - Throws: `CancellationError`.
    package func once<Value: Sendable>(
        _ request: ServiceRequest, read: @Sendable (ServiceResponse) throws -> Value
    ) async throws -> Value? {
        let answer = try? await attempt(request, read: read)
        try Task.checkCancellation()
        if case .value(let value) = answer { return value }
        return nil
    }

    private func pause(afterFailures failures: Int, of request: ServiceRequest) -> Duration? {
        var retry = retry
        if let most = request.mostRetries { retry.limit = min(retry.limit, most) }
        if !gate.hasAnswered { retry.limit = min(retry.limit, 2) }
        return retry.pause(afterFailures: failures, jitter: Double.random(in: 0...1))
    }

    private enum Attempt<Value> {
        case value(Value)
        case throttled(Duration?)
        case failed(ServiceError.Failure)
    }

    /// Makes one attempt, when the gate admits it.
    /// - Throws: Permanent errors.
    private func attempt<Value: Sendable>(
        _ request: ServiceRequest, read: @Sendable (ServiceResponse) throws -> Value
    ) async throws -> Attempt<Value> {
        let limit = request.limit(page: largestBody)
        let response: WebResponse
        do {
            response = try await send(request, limit.bytes)
        } catch is ResponseTooLarge {
            throw limit.excess
        } catch let failure as ConnectionFailure {
            return .failed(.init(failure))
        } catch let stored as CachedResponse {
            return .failed(.stored(age: stored.age))
        }
        // Released only after the body was read.
        defer { slots?.release(number) }
        switch ResponseKind(response, page: request.page, now: .now, Redaction { [key] in key.redacted(in: $0) }) {
        case .usable(let coding):
            do {
                return .value(
                    try read(ServiceResponse(body: response.body, coding: coding, limit: limit.bytes, excess: limit.excess)))
            } catch let error as UnusableBody {
                return .failed(error.isHTML || response.isHTMLPage ? .page(status: 200) : .malformed(reason: error.reason))
            }
        case .throttled(let pause): return .throttled(pause)
        case .transient(let failure): return .failed(failure)
        case .final(let error): throw error
        }
    }

    /// Sends a request. The caller then owns its slot.
    private func send(_ request: ServiceRequest, _ limit: Int) async throws -> WebResponse {
        var message = WebRequest(
            url: endpoint + request.target, reading: .whole(limit: limit), timeout: timeout, peer: .init("service", at: endpoint))
        message.headers = [
            "Authorization": key.authorization, "Accept": "application/json",
            "Accept-Encoding": asksForGzip ? "gzip" : "identity", "User-Agent": userAgent,
            // A stored answer proves nothing.
            "Cache-Control": "no-cache", "Pragma": "no-cache",
        ]
        while true {
            let place = try await gate.waitForPlace()
            // A key that has to wait holds no slot.
            do {
                try await slots?.acquire(number)
            } catch {
                gate.withdraw(place)
                throw error
            }
            // Nothing may come between this check and the sending.
            guard let sent = gate.pass(at: place) else {
                slots?.release(number)
                continue
            }
            defer { gate.end(sent) }
            do {
                let response = try await http.send(message) { [gate] head in gate.note(head, to: sent, wallClock: .now) }
                gate.received(bytes: response.body.readableBytes, sentAt: sent.time)
                if let stored = gate.noteDate(of: response.head, sentAt: sent.time, wallClock: .now) { throw stored }
                return response
            } catch {
                slots?.release(number)
                throw error
            }
        }
    }
}

extension ServiceClient {
    /// A key and its endpoint.
    public struct Account: Sendable {
        /// Scheme, host and port.
        public let endpoint: String
        /// Whether the endpoint is on the loopback, where `transfer: auto` does not use compression.
        public let isLoopback: Bool
        /// The key that is sent with each request.
        public let key: APIKey

        /// Creates an account of a service.
        public init(endpoint: String, isLoopback: Bool, key: APIKey) {
            self.endpoint = endpoint
            self.isLoopback = isLoopback
            self.key = key
        }
    }

    /// Runs `body` with a client for each account, whose connections end with it. Together they have at most as many requests in flight as
    /// `fetch` allows.
    package static func withClients<Result: Sendable>(
        of accounts: [Account], over network: NetworkSettings = NetworkSettings(), fetch: FetchSettings, userAgent: String,
        logger: Logger,
        _ body: ([ServiceClient]) async throws -> Result
    ) async throws -> Result {
        let slots = accounts.count > 1 ? FairSemaphore(fetch.concurrency) : nil
        return try await WebClient.with(network, width: fetch.concurrency) { http in
            let clients = accounts.enumerated().map { number, account in
                let asksForGzip =
                    switch fetch.transfer {
                    case .auto: !account.isLoopback
                    case .gzip: true
                    case .identity: false
                    }
                return ServiceClient(
                    http: http, endpoint: account.endpoint, key: account.key, gate: RequestGate(ceiling: fetch.requestsPerSecond),
                    retry: RetryPolicy(limit: fetch.retries), timeout: fetch.timeout, asksForGzip: asksForGzip,
                    userAgent: userAgent, logger: logger, slots: slots, number: number,
                    largestBody: fetch.pageLimit
                        ?? min(max(memoryBudget / fetch.concurrency, bodyLimits.least), bodyLimits.most))
            }
            return try await body(clients)
        }
    }
}
