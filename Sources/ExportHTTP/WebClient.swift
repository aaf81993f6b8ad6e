import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The HTTP client for the service, stores and webhooks: the only place that configures connections.
///
/// Redirects are not followed, since that would send a key to another host. Bodies are not decoded, requests are not repeated, and TLS is
/// at least version 1.2.
package struct WebClient: Sendable {
    private let network: NetworkSettings
    private let direct: HTTPClient
    /// The clients for each proxy.
    private let proxied: [Proxy: HTTPClient]

    /// Runs `body` with a client whose connections end with it.
    /// - Parameter width: The maximum number of connections to a host. `nil` for the library's default.
    package static func with<Result: Sendable>(
        _ network: NetworkSettings, width: Int? = nil, _ body: (WebClient) async throws -> Result
    ) async throws -> Result {
        let client = WebClient(network, width: width)
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            // The first error is reported, not this one.
            try? await client.shutdown()
            throw error
        }
    }

    private init(_ network: NetworkSettings, width: Int?) {
        self.network = network
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: network.tls, redirectConfiguration: .disallow, decompression: .disabled)
        configuration.timeout.connect = .seconds(10)
        // The caller repeats requests, so the library must not.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let width { configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = width }
        direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        proxied = Dictionary(
            uniqueKeysWithValues: network.allProxies.map { proxy in
                configuration.proxy = proxy.configuration
                return (proxy, HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
            })
    }

    private func shutdown() async throws {
        for client in proxied.values { try await client.shutdown() }
        try await direct.shutdown()
    }

    /// Sends a request once.
    /// - Parameters:
    ///   - isUncancelled: Whether it is sent and completed even if the task is cancelled.
    ///   - noteHead: Called when the head has arrived, on the thread of the connection.
    /// - Returns: The response, whatever its status. The body of an error is truncated (`BodyReading.errorLimit`).
    /// - Throws: `ConnectionFailure`, `ResponseTooLarge`, `CancellationError`.
    package func send(
        _ request: WebRequest, isUncancelled: Bool = false, noteHead: @escaping @Sendable (ResponseHead) -> Void = { _ in }
    ) async throws -> WebResponse {
        if !isUncancelled { try Task.checkCancellation() }
        let proxy = network.proxy(for: request.url)
        let http = proxy.flatMap { proxied[$0] } ?? direct
        let collector = ResponseCollector(request.method, request.reading, noteHead: noteHead)
        do {
            var headers = request.headers
            // async-http-client (1.37.0) crashes if a peer responds before it has read a body and closes a connection that should be
            // reused. So a connection that carried a body is not reused.
            if request.body.readableBytes > 0 { headers.replaceOrAdd(name: "Connection", value: "close") }
            let message = try HTTPClient.Request(
                url: request.url, method: request.method, headers: headers,
                body: request.body.readableBytes == 0 ? nil : .byteBuffer(request.body))
            let task = http.execute(request: message, delegate: collector, deadline: .now() + TimeAmount(request.timeout))
            guard !isUncancelled else { return try await task.get() }
            return try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
        } catch let error as ResponseTooLarge {
            throw error
        } catch {
            if error is ResponseCollector.ReadEnough || request.reading.readsOnlyBeginning, let response = collector.response {
                return response
            }
            if !isUncancelled { try Task.checkCancellation() }
            throw ConnectionFailure(error, of: request, through: proxy)
        }
    }

    /// Sleeps for a pause, even if the task is cancelled.
    package func wait(_ pause: Duration) async throws {
        try await direct.eventLoopGroup.any().scheduleTask(in: TimeAmount(pause)) {}.futureResult.get()
    }
}

extension Proxy {
    fileprivate var configuration: HTTPClient.Configuration.Proxy {
        switch kind {
        case .http:
            .server(host: host, port: port, authorization: credentials.map { .basic(username: $0.user, password: $0.password) })
        case .socks: .socksServer(host: host, port: port)
        }
    }
}
