import Crypto
import ExportCore
import ExportHTTP
import ExportStore
import Foundation
import Logging
import NIOCore
import NIOHTTP1

/// An object with its content.
struct StoredObject: Sendable {
    let content: Data
    /// The time since it was written, by the store's own clock. `nil` if the store does not say.
    let age: Duration?
    /// SHA-256 as recorded when the object was written. `nil` for an object written by another program, or in a store that does not keep
    /// metadata.
    let sha256: String?
}

/// The properties of an object that are known without reading it.
struct ObjectHead: Sendable, Equatable {
    let size: Int
    let etag: String
    /// SHA-256 as recorded when the object was written. `nil` for an object written by another program.
    let sha256: String?
}

extension StoreClient {
    /// The metadata header with the SHA-256 of an object.
    static let hashHeader = "x-amz-meta-sha256"

    enum WriteOutcome: Sendable, Equatable {
        case stored
        /// An object already exists. `attempts`: the number of attempts, an earlier one of which may have written it.
        case conditionFailed(attempts: Int)
        /// The store does not support conditional writes.
        case notImplemented
    }

    /// The number of attempts for a write that the store confirms although the object does not appear.
    static let maximumWrites = 3

    /// Writes an object, and verifies that it exists.
    /// - Parameters:
    ///   - sha256: SHA-256 of the body, in hexadecimal digits. If `nil`, it is computed.
    ///   - onlyIfAbsent: Whether an existing object is left unchanged.
    /// - Throws: `StoreError.objectStore`, also if the stored object is not the written one; `CancellationError`.
    func put(
        _ key: String, _ body: [UInt8], sha256: String? = nil, type: String = "application/json",
        onlyIfAbsent: Bool = false
    ) async throws -> WriteOutcome {
        let hash = sha256 ?? SHA256.hash(data: body).hexadecimal
        var attempts = 0
        while true {
            let outcome = try await send(Self.write(key, body, hash, type, onlyIfAbsent: onlyIfAbsent))
            attempts += outcome.attempts
            switch outcome.kind {
            case .done:
                let found = try await head(key)
                if found?.size == body.count, found?.sha256 == hash { return .stored }
                // If an object exists, a conditional write would be refused.
                let isAgain = attempts < Self.maximumWrites && (found == nil || !onlyIfAbsent)
                guard isAgain else { throw try await notWritten(outcome, key: key, bytes: body.count, found: found) }
                try await pauseForWrite(key, attempts)
            case .conditionFailed: return .conditionFailed(attempts: attempts)
            case .notImplemented where onlyIfAbsent: return .notImplemented
            default: throw unexpected(outcome)
            }
        }
    }

    /// Writes an object if none exists, without verifying it: for the lock, whose holder looks up its last number in any case.
    func putIfAbsent(_ key: String, _ body: [UInt8]) async throws -> WriteOutcome {
        let hash = SHA256.hash(data: body).hexadecimal
        let outcome = try await send(Self.write(key, body, hash, "application/json", onlyIfAbsent: true))
        switch outcome.kind {
        case .done: return .stored
        case .conditionFailed: return .conditionFailed(attempts: outcome.attempts)
        case .notImplemented: return .notImplemented
        default: throw unexpected(outcome)
        }
    }

    private static func write(
        _ key: String, _ body: [UInt8], _ hash: String, _ type: String, onlyIfAbsent: Bool
    ) -> StoreRequest {
        var request = StoreRequest(method: .PUT, key: key, body: ByteBuffer(bytes: body), payloadHash: hash)
        request.headers = [(name: "Content-Type", value: type), (name: hashHeader, value: hash)]
        request.checksum = checksum(hash)
        if onlyIfAbsent { request.headers.append((name: "If-None-Match", value: "*")) }
        return request
    }

    /// The error for a write after which the store has no object, or another one.
    /// - Throws: `lockLost` if another run has taken over, and may have written its own object.
    func notWritten(_ outcome: Outcome, key: String, bytes: Int, found: ObjectHead?) async throws -> StoreError {
        try await beforeRepeat?()
        return page(outcome) ?? fault(.notWritten(key: key, bytes: bytes, found: found?.size))
    }

    /// Waits before repeating a write that was confirmed but does not appear.
    func pauseForWrite(_ key: String, _ attempts: Int) async throws {
        logger.info("repeating a write: the store confirmed the object but does not have it", metadata: ["key": "\(key.shown())"])
        try await wait(retry.policy.pause(afterFailures: attempts, jitter: 0.5) ?? .zero)
        try await beforeRepeat?()
    }

    /// The headers with a checksum, which the store verifies and keeps.
    static func checksum(_ sha256: String) -> [(name: String, value: String)] {
        [
            (name: "x-amz-sdk-checksum-algorithm", value: "SHA256"),
            (name: "x-amz-checksum-sha256", value: base64(sha256)),
        ]
    }

    /// Converts hexadecimal digits to Base64.
    static func base64(_ hexadecimal: String) -> String {
        var digits = hexadecimal[...]
        var bytes = Data()
        while !digits.isEmpty {
            bytes.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
            digits = digits.dropFirst(2)
        }
        return bytes.base64EncodedString()
    }

    /// Reads an object. `nil` if it does not exist.
    /// - Throws: `StoreError.objectStore`, `CancellationError`.
    func get(_ key: String) async throws -> StoredObject? {
        let outcome = try await send(StoreRequest(method: .GET, key: key, limit: StoreRequest.stateLimit))
        switch outcome.kind {
        case .notFound: return nil
        case .done where outcome.response.head.status == 200:
            let response = outcome.response
            let times = ["Date", "Last-Modified"].map { response.head.header($0).flatMap(RetryAfter.httpDate) }
            return StoredObject(
                content: Data(response.body.readableBytesView),
                age: times[0].flatMap { now in times[1].map { now.duration(since: $0) } },
                sha256: response.head.header(Self.hashHeader))
        default: throw unexpected(outcome)
        }
    }

    /// Reads a part of an object, which must not have changed since its `etag`.
    func get(_ key: String, _ range: Range<Int>, etag: String) async throws -> [UInt8] {
        var request = StoreRequest(method: .GET, key: key, limit: range.count)
        request.headers = [
            (name: "If-Match", value: etag), (name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)"),
        ]
        let outcome = try await send(request)
        guard outcome.kind == .done, outcome.response.body.readableBytes == range.count else { throw unexpected(outcome) }
        return Array(outcome.response.body.readableBytesView)
    }

    /// The properties of an object. `nil` if it does not exist.
    func head(_ key: String) async throws -> ObjectHead? {
        let outcome = try await send(StoreRequest(method: .HEAD, key: key))
        switch outcome.kind {
        case .notFound: return nil
        case .done:
            let response = outcome.response.head
            guard let size = response.header("Content-Length").flatMap(Int.init), size >= 0 else { throw unreadable(outcome) }
            return ObjectHead(size: size, etag: response.header("ETag") ?? "", sha256: response.header(Self.hashHeader))
        default: throw unexpected(outcome)
        }
    }

    /// Removes an object, if it exists.
    func delete(_ key: String) async throws {
        try checkRemoval(try await send(StoreRequest(method: .DELETE, key: key)))
    }

    /// Checks that a response confirms a removal. A store's confirmation has no body, so a response with one, such as the page of a proxy,
    /// confirms nothing.
    func checkRemoval(_ outcome: Outcome) throws {
        switch outcome.kind {
        case .done where outcome.response.body.readableBytes == 0, .notFound, .noUpload: return
        case .done: throw unreadable(outcome)
        default: throw unexpected(outcome)
        }
    }
}
