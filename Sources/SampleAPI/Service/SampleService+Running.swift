import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves a dataset on 127.0.0.1 while `body` runs.
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
    let server = service.server { continuation.yield($0) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { continuation.finish() }
            try await server.run()
        }
        for await port in ports {
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body("http://127.0.0.1:\(port)", service)) } catch { outcome = .failure(error) }
            await waitForEarlierConnections(port)
            // Not cancelled: a connection that had just been accepted would be lost in a way that NIO ends the process for.
            await server.triggerGracefulShutdown()
            // How the server ended is nothing to those whom it served.
            try? await group.waitForAll()
            return try outcome.get()
        }
        try await group.waitForAll()
        throw CancellationError()
    }
}

/// Waits until the server has accepted the connections that were made before now: NIO ends the process for one that is being accepted
/// when the server ends. They are accepted in their order, so one more shows it, which the server closes since it says nothing.
private func waitForEarlierConnections(_ port: Int) async {
    let last = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    guard let channel = try? await last.connect(host: "127.0.0.1", port: port).get() else { return }
    let limit = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    try? await channel.close(mode: .output).get()
    try? await channel.closeFuture.get()
    limit.cancel()
}

extension SampleService {
    /// - Parameter onListening: called once, with the port that was bound, when connections are accepted.
    fileprivate func server(onListening: @escaping @Sendable (_ port: Int) -> Void) -> ServiceGroup {
        let logger = Logger(label: "sample-api") { _ in SwiftLogNoOpLogHandler() }
        let application = Application(
            responder: SampleResponder(service: self),
            server: .http1(configuration: .init(additionalChannelHandlers: [HangUpHandler()])),
            configuration: .init(address: .hostname("127.0.0.1", port: configuration.port)),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        var group = ServiceGroupConfiguration(services: [application], logger: logger)
        // For a connection that came too late to be told.
        group.maximumGracefulShutdownDuration = .seconds(5)
        return ServiceGroup(configuration: group)
    }
}
