import Hummingbird
import Logging
import NIOCore

extension SampleService {
    /// Serves on 127.0.0.1 until the task is cancelled.
    ///
    /// - Parameter onListening: called once, with the port that was bound, when connections are accepted.
    /// - Throws: where the port cannot be bound. Cancellation is an orderly end and throws nothing.
    public func run(onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
        let application = Application(
            responder: SampleResponder(service: self),
            server: .http1(configuration: .init(additionalChannelHandlers: [HangUpHandler()])),
            configuration: .init(address: .hostname("127.0.0.1", port: configuration.port)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "sample-api") { _ in SwiftLogNoOpLogHandler() }
        )
        do {
            try await application.run()
        } catch {
            if !Task.isCancelled { throw error }
        }
    }
}

/// Serves a dataset while `body` runs.
///
/// - Parameters:
///   - body: gets the endpoint, `http://127.0.0.1:<port>`, and the service, whose rows it may change
/// - Throws: what `body` throws, or the reason why the port could not be bound.
public func withSampleService<Value>(
    _ configuration: SampleService.Configuration = .init(),
    dataset: SampleDataset = .standard,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (_ endpoint: String, _ service: SampleService) async throws -> Value
) async throws -> Value {
    let service = SampleService(configuration, dataset: dataset)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await service.run { port in continuation.yield(port) }
        }
        defer { group.cancelAll() }
        for await port in ports {
            return try await body("http://127.0.0.1:\(port)", service)
        }
        try await group.waitForAll()
        throw CancellationError()
    }
}
