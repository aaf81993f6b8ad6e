import NIOCore

/// Closes a connection whose other side has closed its half: a client that gave up on an answer wants it no more. And all of them
/// when the imitation ends.
///
/// Without this the imitation would go on counting a request that nobody waits for.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed, is ChannelShouldQuiesceEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}
