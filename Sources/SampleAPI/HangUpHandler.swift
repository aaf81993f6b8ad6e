import NIOCore

/// Closes a connection whose other side has closed its half: a client that gave up on an answer wants it no more.
///
/// Without this the imitation would go on counting a request that nobody waits for.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
