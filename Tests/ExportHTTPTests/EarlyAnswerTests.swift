import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import ExportHTTP

/// Servers that answer before they have read a request's body.
@Suite struct EarlyAnswerTests {
    enum Server: CaseIterable {
        /// Answers once it is connected to.
        case onConnection, onConnectionThenCloses
        /// Answers the head, and closes with the body unread.
        case onHead, onHeadThenCloses
    }

    @Test(
        "a server that answers before it has read the body is one whose answer counts, or a failed connection",
        arguments: Server.allCases)
    func answers(server: Server) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(EarlyAnswer(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        let answered = try await WebClient.with(NetworkSettings()) { http in
            await withTaskGroup(of: Int.self) { group in
                for size in [10, 100_000, 1_000_000] {
                    var request = WebRequest(
                        url: "http://127.0.0.1:\(port)/x", reading: .whole(limit: 1 << 20), timeout: .seconds(2),
                        peer: .init("store", at: nil))
                    request.method = .PUT
                    request.body = ByteBuffer(repeating: 0x20, count: size)
                    group.addTask { [request] in await countAnswers(to: request, by: http) }
                }
                return await group.reduce(0, +)
            }
        }
        // One that is answered before it is sent has no answer.
        if server == .onHead { #expect(answered > 0) }
        try await channel.close()
    }
}

/// How many of a hundred requests were answered. The others failed as a connection does, and nothing worse came of them.
private func countAnswers(to request: WebRequest, by http: WebClient) async -> Int {
    var answered = 0
    for _ in 0..<100 {
        do {
            let response = try await http.send(request)
            #expect(response.head.status == 200)
            answered += 1
        } catch {
            #expect(error is ConnectionFailure)
        }
    }
    return answered
}

private final class EarlyAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: EarlyAnswerTests.Server

    init(_ server: EarlyAnswerTests.Server) { self.server = server }

    func channelActive(context: ChannelHandlerContext) {
        if server == .onConnection || server == .onConnectionThenCloses { answer(context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if server == .onHead || server == .onHeadThenCloses { answer(context) }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let text = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        context.writeAndFlush(wrapOutboundOut(text), promise: nil)
        if server == .onConnectionThenCloses || server == .onHeadThenCloses { context.close(promise: nil) }
    }
}
