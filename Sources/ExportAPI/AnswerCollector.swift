import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Takes the parts of one answer as they arrive, on the thread of its connection.
///
/// The head is told at once, before the body has come: what it says of waiting concerns every other request of the key.
final class AnswerCollector: HTTPClientResponseDelegate {
    private let limit: Int
    private let noteHead: @Sendable (AnswerHead) -> Void
    private let parts = Mutex(Parts())

    private struct Parts {
        var head: AnswerHead?
        var body = ByteBuffer()
    }

    /// The body has more bytes than it may have.
    struct TooLarge: Error {}

    /// - Parameters:
    ///   - limit: Bytes of a body at most; of a larger one nothing more is read.
    ///   - noteHead: Called once, on the thread of the connection.
    init(limit: Int, noteHead: @escaping @Sendable (AnswerHead) -> Void) {
        self.limit = limit
        self.noteHead = noteHead
    }

    func didReceiveHead(task: HTTPClient.Task<RawAnswer>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let head = AnswerHead(status: Int(head.status.code), headers: head.headers)
        noteHead(head)
        let announced = head.headers.first(name: "Content-Length").flatMap(Int.init) ?? 0
        guard announced <= limit else { return task.eventLoop.makeFailedFuture(TooLarge()) }
        parts.withLock { parts in
            parts.head = head
            // One allocation for the whole body, and no copy when it grows.
            parts.body.reserveCapacity(announced)
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<RawAnswer>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let isTooLarge = parts.withLock { parts in
            guard parts.body.readableBytes + buffer.readableBytes <= limit else { return true }
            parts.body.writeImmutableBuffer(buffer)
            return false
        }
        return isTooLarge ? task.eventLoop.makeFailedFuture(TooLarge()) : task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<RawAnswer>) throws -> RawAnswer {
        try parts.withLock { parts in
            guard let head = parts.head else { throw HTTPClientError.remoteConnectionClosed }
            return RawAnswer(head: head, body: parts.body)
        }
    }
}
