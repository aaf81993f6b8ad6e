import AsyncHTTPClient
import ExportCore
import ExportStore
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// A bucket over HTTP: signs each request, and sends it again where it failed in passing.
struct StoreClient: Sendable {
    let http: HTTPClient
    let address: StoreAddress
    let credentials: CredentialStore
    /// For errors: `s3://bucket/prefix`.
    let name: String
    let userAgent: String
    let logger: Logger
    var retry = StoreRetry()
    let contact = Contact()

    /// Whether a cancelled task's requests are sent all the same: what has become visible is brought to its end.
    private(set) var isUncancelled = false

    /// The same client for what a cancelled task still has to do.
    var uncancelled: StoreClient {
        var client = self
        client.isUncancelled = true
        return client
    }

    /// Asked before each repeat: what was right at the first try may not be at the second.
    private(set) var beforeRepeat: (@Sendable () async throws -> Void)?

    /// The same client for what must be done under a lock alone: a cancelled task's requests are sent all the same, and none is
    /// repeated once the lock is lost.
    func held(by lock: ObjectLock) -> StoreClient {
        var client = uncancelled
        client.beforeRepeat = { try await lock.ensure() }
        return client
    }

    /// Whether a store is there: it is asked less often before it has ever answered, and after it was given up.
    final class Contact: Sendable {
        private enum State {
            case none, answering, away
        }

        private let state = Mutex(State.none)

        var isAnswering: Bool { state.withLock { $0 == .answering } }

        func answered(isPassing: Bool) {
            state.withLock { if $0 == .none || !isPassing { $0 = .answering } }
        }

        func gaveUp() { state.withLock { $0 = .away } }
    }

    /// What came of a request.
    struct Outcome: Sendable {
        let kind: AnswerKind
        let answer: StoreAnswer
        /// How often it was sent: an answer to a repeat may speak of what an earlier try has done.
        let tries: Int
    }

    /// Sends a request until it is answered for good.
    /// - Returns: An outcome whose kind is neither passing nor final.
    /// - Throws: `StoreError.objectStore`, `CancellationError`; `StoreError.lockLost` of a client that is held by a lock.
    func send(_ request: StoreRequest) async throws -> Outcome {
        let hash = request.hash
        var failures = 0
        while true {
            let trouble: StoreTrouble
            switch try await attempt(request, hash) {
            case .failed(let found): trouble = found
            case .answered(let kind, let answer): return Outcome(kind: kind, answer: answer, tries: failures + 1)
            }
            failures += 1
            let isEnding = isUncancelled && Task.isCancelled
            let pause = retry.pause(
                after: trouble, failures: failures, isAnswering: contact.isAnswering, isEnding: isEnding,
                jitter: Double.random(in: 0...1))
            guard let pause else {
                contact.gaveUp()
                throw fault(.unavailable(last: trouble.description, tries: failures))
            }
            logger.info(
                "asking the store again",
                metadata: [
                    "method": "\(request.method)", "key": "\(request.key)", "failure": "\(trouble)", "in": "\(pause)",
                    "try": "\(failures + 1)",
                ])
            try await wait(pause)
            try await beforeRepeat?()
        }
    }

    private enum Attempt {
        case answered(AnswerKind, StoreAnswer)
        case failed(StoreTrouble)
    }

    /// One try.
    /// - Throws: What is final.
    private func attempt(_ request: StoreRequest, _ hash: String) async throws -> Attempt {
        let keys = try await credentials.credentials(now: .now)
        let answer: StoreAnswer
        do {
            answer = try await exchange(signed(request, hash, keys), request)
        } catch let error as CancellationError {
            throw error
        } catch is ResponseAccumulator.ResponseTooBigError {
            throw fault(.garbled)
        } catch {
            if !isUncancelled { try Task.checkCancellation() }
            return .failed(StoreTrouble(error, timeout: request.timeout))
        }
        let isError = answer.status >= 300 || request.method == .POST
        let words = isError ? AnswerKind.Words(answer.body.readableBytesView) : nil
        let kind = AnswerKind(status: answer.status, region: answer.header("x-amz-bucket-region"), words: words)
        contact.answered(isPassing: kind.isPassing)
        switch kind {
        case .passing(let words):
            let pause = answer.header("Retry-After").flatMap { RetryAfter.pause($0, now: .now) }
            return .failed(StoreTrouble(ShownWords.shown(words, without: keys), pause: pause))
        case .final(.refused(let words)): throw fault(.refused(words: words.map { ShownWords.shown($0, without: keys) }))
        case .final(.unexpected(let status, let words)):
            throw fault(.unexpected(status: status, words: words.map { ShownWords.shown($0, without: keys) }))
        case .final(let found): throw fault(found)
        default: return .answered(kind, answer)
        }
    }

    /// A request as it goes over the wire, for the time of this try.
    private func signed(_ request: StoreRequest, _ hash: String, _ keys: AWSCredentials) throws -> HTTPClient.Request {
        let path = address.path(request.key)
        let headers = [(name: "Host", value: address.host)] + request.headers
        let signing = RequestSigner.Request(
            method: request.method.rawValue, path: path, query: request.query, headers: headers, payloadHash: hash)
        let signature = RequestSigner(credentials: keys, region: address.region).headers(for: signing, at: .now)
        let query = request.query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        let target = query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
        return try HTTPClient.Request(
            url: address.root + target, method: request.method,
            headers: HTTPHeaders((headers + signature + [(name: "User-Agent", value: userAgent)]).map { ($0.name, $0.value) }),
            body: request.body.readableBytes == 0 ? nil : .byteBuffer(request.body))
    }

    private func exchange(_ message: HTTPClient.Request, _ request: StoreRequest) async throws -> StoreAnswer {
        let collector = ResponseAccumulator(request: message, maxBodySize: request.limit)
        if !isUncancelled { try Task.checkCancellation() }
        let task = http.execute(request: message, delegate: collector, deadline: .now() + TimeAmount(request.timeout))
        let response =
            if isUncancelled {
                try await task.get()
            } else {
                try await withTaskCancellationHandler {
                    try await task.get()
                } onCancel: {
                    task.cancel()
                }
            }
        return StoreAnswer(
            status: Int(response.status.code), headers: response.headers, body: response.body ?? ByteBuffer())
    }

    private func wait(_ pause: Duration) async throws {
        guard isUncancelled else { return try await Task.sleep(for: pause) }
        try await http.eventLoopGroup.any().scheduleTask(in: TimeAmount(pause)) {}.futureResult.get()
    }

    func fault(_ fault: ObjectStoreFault) -> StoreError {
        .objectStore(fault, path: name)
    }

    /// What an answer means that is none of those that were expected.
    func unexpected(_ outcome: Outcome) -> StoreError {
        fault(.unexpected(status: outcome.answer.status, words: nil))
    }
}
