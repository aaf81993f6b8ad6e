import ExportCore
import ExportHTTP
import ExportStore
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// The HTTP client of a bucket. It signs each request, and repeats it after transient failures.
struct StoreClient: Sendable {
    let http: WebClient
    let address: StoreAddress
    let credentials: CredentialStore
    /// The name in errors: `s3://bucket/prefix`.
    let name: String
    let userAgent: String
    let logger: Logger
    var retry = StoreRetry()
    let sharedState = SharedState()

    /// Whether requests of a cancelled task are still sent, so that a commit that has become visible is completed.
    private(set) var isUncancelled = false

    /// The client for requests that a cancelled task still has to send.
    var uncancelled: StoreClient {
        var client = self
        client.isUncancelled = true
        return client
    }

    /// Called before each repeat, because the conditions of the first attempt may no longer hold.
    private(set) var beforeRepeat: (@Sendable () async throws -> Void)?

    /// Returns the client for requests that require a lock: those of a cancelled task are still sent, but none is repeated after the lock
    /// is lost.
    func held(by lock: ObjectLock) -> StoreClient {
        var client = uncancelled
        client.beforeRepeat = { try await lock.ensure() }
        return client
    }

    /// Whether the store responds. Requests are repeated less often before its first response, and after it was given up.
    final class SharedState: Sendable {
        private enum State {
            case none, answering, away
        }

        private let state = Mutex(State.none)
        private let checksums = Mutex(true)

        /// Whether the store supports checksums of written objects.
        var supportsChecksums: Bool { checksums.withLock(\.self) }

        /// Records that the store does not support checksums.
        /// - Returns: Whether this was not known before.
        func refusedChecksums() -> Bool {
            checksums.withLock { takes in
                defer { takes = false }
                return takes
            }
        }

        var isAnswering: Bool { state.withLock { $0 == .answering } }

        func answered(isTransient: Bool) {
            state.withLock { if $0 == .none || !isTransient { $0 = .answering } }
        }

        func gaveUp() { state.withLock { $0 = .away } }
    }

    /// The outcome of a request.
    struct Outcome: Sendable {
        let kind: ResponseKind
        let response: WebResponse
        /// The number of attempts. The response to a repeat may reflect the effect of an earlier attempt.
        let attempts: Int
    }

    /// Sends a request, repeating it after transient failures. If the store does not support checksums, it is repeated without one.
    /// - Returns: An outcome that is neither transient nor an error.
    /// - Throws: `StoreError.objectStore`, `CancellationError`; `StoreError.lockLost` for a client that is held by a lock.
    func send(_ request: StoreRequest) async throws -> Outcome {
        var plain = request
        plain.checksum = []
        guard !request.checksum.isEmpty, sharedState.supportsChecksums else { return try await deliver(plain) }
        let refused: Result<Outcome, any Error>
        do {
            let outcome = try await deliver(request)
            guard outcome.kind == .notImplemented else { return outcome }
            refused = .success(outcome)
        } catch let error as StoreError where Self.mayBeOfAChecksum(error) {
            refused = .failure(error)
        }
        // A store does not always say that it refuses the checksum. Repeating the request without it shows that.
        do {
            let outcome = try await deliver(plain)
            guard outcome.kind != .notImplemented else { return try refused.get() }
            if sharedState.refusedChecksums() {
                logger.warning(
                    """
                    the store does not support x-amz-checksum-sha256, so it does not check the content of uploads. Sizes and the \
                    SHA-256 in x-amz-meta-sha256 are still compared; `verify` reads the bytes
                    """)
            }
            return outcome
        } catch let error as StoreError where Self.mayBeOfAChecksum(error) {
            return try refused.get()
        }
    }

    private static func mayBeOfAChecksum(_ error: StoreError) -> Bool {
        if case .objectStore(.unexpected(status: 400, _), _) = error { true } else { false }
    }

    private func deliver(_ request: StoreRequest) async throws -> Outcome {
        let hash = request.hash
        var failures = 0
        while true {
            let trouble: TransientFailure
            switch try await attempt(request, hash) {
            case .failed(let found): trouble = found
            case .answered(let kind, let response): return Outcome(kind: kind, response: response, attempts: failures + 1)
            }
            failures += 1
            let isEnding = isUncancelled && Task.isCancelled
            let pause = retry.pause(
                after: trouble, failures: failures, isAnswering: sharedState.isAnswering, isEnding: isEnding,
                jitter: Double.random(in: 0...1))
            guard let pause else {
                sharedState.gaveUp()
                throw fault(.unavailable(last: trouble.description, attempts: failures))
            }
            logger.info(
                "retrying the request to the store",
                metadata: [
                    "method": "\(request.method)", "key": "\(request.key)", "failure": "\(trouble)", "in": "\(pause)",
                    "try": "\(failures + 1)",
                ])
            try await wait(pause)
            try await beforeRepeat?()
        }
    }

    private enum Attempt {
        case answered(ResponseKind, WebResponse)
        case failed(TransientFailure)
    }

    /// Makes one attempt.
    /// - Throws: Permanent errors.
    private func attempt(_ request: StoreRequest, _ hash: String) async throws -> Attempt {
        let keys = try await credentials.credentials(now: .now)
        let response: WebResponse
        do {
            response = try await http.send(signed(request, hash, keys), isUncancelled: isUncancelled)
        } catch let error as ResponseTooLarge {
            throw fault(.tooLarge(limit: error.limit))
        } catch let failure as ConnectionFailure {
            return .failed(TransientFailure("\(failure)"))
        }
        let kind = ResponseKind(response, to: request.method, Redaction(keys.redacted))
        sharedState.answered(isTransient: kind.isTransient)
        switch kind {
        case .transient(let words):
            let pause = response.head.header("Retry-After").flatMap { RetryAfter.pause($0, now: .now) }
            return .failed(TransientFailure(words, pause: pause))
        case .page(let status): return .failed(TransientFailure(page: status))
        case .final(let found): throw fault(found)
        default: return .answered(kind, response)
        }
    }

    /// The signed request, for the time of this attempt.
    private func signed(_ request: StoreRequest, _ hash: String, _ keys: AWSCredentials) -> WebRequest {
        let path = address.path(request.key)
        let headers = [(name: "Host", value: address.host)] + request.headers + request.checksum
        let signing = RequestSigner.Request(
            method: request.method.rawValue, path: path, query: request.query, headers: headers, payloadHash: hash)
        let signature = RequestSigner(credentials: keys, region: address.region).headers(for: signing, at: .now)
        let query = request.query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        let target = query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
        var message = WebRequest(
            url: address.root + target, reading: .whole(limit: request.limit), timeout: request.timeout,
            peer: .init("store", at: address.root))
        message.method = request.method
        message.headers = HTTPHeaders((headers + signature + [(name: "User-Agent", value: userAgent)]).map { ($0.name, $0.value) })
        message.body = request.body
        return message
    }

    /// A message of the store in a form that is safe to display.
    func redacted(_ words: String) async -> String {
        guard let keys = try? await credentials.credentials(now: .now) else { return Redaction { $0 }.redacted(words) }
        return Redaction(keys.redacted).redacted(words)
    }

    func wait(_ pause: Duration) async throws {
        guard isUncancelled else { return try await Task.sleep(for: pause) }
        try await http.wait(pause)
    }

    func fault(_ fault: ObjectStoreFault) -> StoreError {
        .objectStore(fault, path: name)
    }

    /// The error for a response that was not expected.
    func unexpected(_ outcome: Outcome) -> StoreError {
        page(outcome) ?? fault(.unexpected(status: outcome.response.head.status, words: nil))
    }

    /// The error for a response that cannot be read.
    func unreadable(_ outcome: Outcome) -> StoreError { page(outcome) ?? fault(.malformed) }

    /// The error for an HTML page instead of a response. `nil` if it is not one.
    func page(_ outcome: Outcome) -> StoreError? {
        guard outcome.response.isPage else { return nil }
        let trouble = TransientFailure(page: outcome.response.head.status)
        return fault(.unavailable(last: trouble.description, attempts: outcome.attempts))
    }
}
