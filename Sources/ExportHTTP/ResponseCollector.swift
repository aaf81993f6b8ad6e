import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Takes the parts of one answer as they arrive, on the thread of its connection, and no more of them than it may.
///
/// The head is told at once, before the body has come: what it says of waiting concerns every other request of the key.
final class ResponseCollector: HTTPClientResponseDelegate {
    private let method: HTTPMethod
    private let reading: BodyReading
    private let noteHead: @Sendable (ResponseHead) -> Void
    private let parts = Mutex(Parts())

    private struct Parts {
        var head: ResponseHead?
        /// Bytes of the body that are read at most.
        var limit = 0
        var body = ByteBuffer()
    }

    /// Ends a request early: enough of its answer was read.
    struct ReadEnough: Error {}

    /// - Parameter noteHead: Called once, on the thread of the connection.
    init(_ method: HTTPMethod, _ reading: BodyReading, noteHead: @escaping @Sendable (ResponseHead) -> Void) {
        self.method = method
        self.reading = reading
        self.noteHead = noteHead
    }

    /// The response so far. Nil: not even its head has arrived.
    var response: WebResponse? {
        parts.withLock { parts in parts.head.map { WebResponse(head: $0, body: parts.body) } }
    }

    func didReceiveHead(task: HTTPClient.Task<WebResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let head = ResponseHead(status: Int(head.status.code), headers: head.headers)
        noteHead(head)
        // A HEAD's answer has the length of a body that does not come.
        let announced = method == .HEAD ? 0 : head.header("Content-Length").flatMap(Int.init) ?? 0
        let limit = limit(of: head)
        parts.withLock { parts in
            parts.head = head
            parts.limit = limit
            // One allocation for the whole body, and no copy when it grows.
            parts.body.reserveCapacity(min(max(0, announced), parts.limit))
        }
        return announced <= limit || isCut(head)
            ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(ResponseTooLarge(limit: limit))
    }

    func didReceiveBodyPart(task: HTTPClient.Task<WebResponse>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let excess: (any Error)? = parts.withLock { parts in
            let room = parts.limit - parts.body.readableBytes
            guard buffer.readableBytes > room else {
                parts.body.writeImmutableBuffer(buffer)
                return nil
            }
            guard let head = parts.head, isCut(head) else { return ResponseTooLarge(limit: parts.limit) }
            parts.body.writeBytes(buffer.readableBytesView.prefix(room))
            return ReadEnough()
        }
        return excess.map(task.eventLoop.makeFailedFuture) ?? task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<WebResponse>) throws -> WebResponse {
        guard let response else { throw HTTPClientError.remoteConnectionClosed }
        return response
    }

    /// Whether what is beyond the limit is left unread, and the answer taken without it.
    private func isCut(_ head: ResponseHead) -> Bool {
        if case .beginning = reading { return true }
        return !(200..<300).contains(head.status)
    }

    private func limit(of head: ResponseHead) -> Int {
        switch reading {
        case .beginning(let limit): limit
        case .whole(let limit): isCut(head) ? BodyReading.errorLimit : limit
        }
    }
}
