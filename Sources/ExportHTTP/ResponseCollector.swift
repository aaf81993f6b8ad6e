import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Collects the parts of a response as they arrive, on the thread of its connection, up to the limit.
///
/// The head is reported immediately, before the body has arrived, because its pauses apply to every other request of the key.
final class ResponseCollector: HTTPClientResponseDelegate {
    private let method: HTTPMethod
    private let reading: BodyReading
    private let noteHead: @Sendable (ResponseHead) -> Void
    private let parts = Mutex(Parts())

    private struct Parts {
        var head: ResponseHead?
        /// The maximum number of bytes read from the body.
        var limit = 0
        var body = ByteBuffer()
    }

    /// The error that ends a request early, because enough of its response was read.
    struct ReadEnough: Error {}

    /// Creates a collector for one response.
    /// - Parameter noteHead: Called once, on the thread of the connection.
    init(_ method: HTTPMethod, _ reading: BodyReading, noteHead: @escaping @Sendable (ResponseHead) -> Void) {
        self.method = method
        self.reading = reading
        self.noteHead = noteHead
    }

    /// The response so far. `nil` if its head has not arrived.
    var response: WebResponse? {
        parts.withLock { parts in parts.head.map { WebResponse(head: $0, body: parts.body) } }
    }

    func didReceiveHead(task: HTTPClient.Task<WebResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let head = ResponseHead(status: Int(head.status.code), headers: head.headers)
        noteHead(head)
        // A response to HEAD has the length of a body that is not sent.
        let announced = method == .HEAD ? 0 : head.header("Content-Length").flatMap(Int.init) ?? 0
        let limit = limit(of: head)
        parts.withLock { parts in
            parts.head = head
            parts.limit = limit
            // A single allocation for the whole body avoids copies while it grows.
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

    /// Whether the response is accepted without the part of its body beyond the limit.
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
