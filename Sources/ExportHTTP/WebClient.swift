import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// The connections of a command to the service, to a store or to a hook: the one place where it is settled how they are made.
///
/// Redirects are not followed, since they would hand a key to another host; bodies stay as they came; whether a request is sent again
/// is for the caller to say; and TLS is of version 1.2 at the least.
package struct WebClient: Sendable {
    private let http: HTTPClient

    /// Runs `body` with connections that end with it.
    /// - Parameter width: Connections to a host at the same time. Nil: the library's default.
    package static func with<Result: Sendable>(
        width: Int? = nil, _ body: (WebClient) async throws -> Result
    ) async throws -> Result {
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(width: width))
        do {
            let result = try await body(WebClient(http: http))
            try await http.shutdown()
            return result
        } catch {
            // The first error is the one that counts.
            try? await http.shutdown()
            throw error
        }
    }

    private static func configuration(width: Int?) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        // Older versions are broken (RFC 8996).
        tls.minimumTLSVersion = .tlsv12
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, decompression: .disabled)
        configuration.timeout.connect = .seconds(10)
        // Tries are counted by the caller, and not again below.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let width { configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = width }
        return configuration
    }

    /// Sends a request once.
    /// - Parameters:
    ///   - isUncancelled: Whether it is sent, and waited for, though the task is cancelled.
    ///   - noteHead: Called once the head has come, on the thread of the connection.
    /// - Returns: The answer, whatever its status. Of an error's body the beginning (`BodyReading.errorLimit`).
    /// - Throws: `ConnectionFailure`, `AnswerTooLarge`, `CancellationError`.
    package func send(
        _ request: WebRequest, isUncancelled: Bool = false, noteHead: @escaping @Sendable (AnswerHead) -> Void = { _ in }
    ) async throws -> RawAnswer {
        if !isUncancelled { try Task.checkCancellation() }
        let collector = AnswerCollector(request.method, request.reading, noteHead: noteHead)
        do {
            let message = try HTTPClient.Request(
                url: request.url, method: request.method, headers: request.headers,
                body: request.body.readableBytes == 0 ? nil : .byteBuffer(request.body))
            let task = http.execute(request: message, delegate: collector, deadline: .now() + TimeAmount(request.timeout))
            guard !isUncancelled else { return try await task.get() }
            return try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
        } catch let error as AnswerTooLarge {
            throw error
        } catch {
            if error is AnswerCollector.Enough, let answer = collector.answer { return answer }
            if !isUncancelled { try Task.checkCancellation() }
            throw ConnectionFailure(error, of: request)
        }
    }

    /// Waits, though the task is cancelled.
    package func wait(_ pause: Duration) async throws {
        try await http.eventLoopGroup.any().scheduleTask(in: TimeAmount(pause)) {}.futureResult.get()
    }
}
