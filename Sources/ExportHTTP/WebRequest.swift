package import NIOCore
package import NIOHTTP1

/// An HTTP request.
package struct WebRequest: Sendable {
    /// The absolute URL.
    package var url: String
    /// The method. Default: GET.
    package var method: HTTPMethod = .GET
    /// All headers except those that the client itself adds, such as `Host`.
    package var headers: HTTPHeaders = [:]
    /// The body. Default: none.
    package var body = ByteBuffer()
    /// How much of the response's body is read.
    package var reading: BodyReading
    /// The timeout from sending to the last byte, so that a slow body fails like a missing one.
    package var timeout: Duration
    /// The name of the peer in messages.
    package var peer: Peer

    /// Creates a GET request. Method, headers and body can be set afterwards.
    package init(url: String, reading: BodyReading, timeout: Duration, peer: Peer) {
        self.url = url
        self.reading = reading
        self.timeout = timeout
        self.peer = peer
    }

    /// The name of a peer in messages.
    package struct Peer: Sendable {
        /// The kind of peer: `service`, `store`.
        package let noun: String
        /// The address of the peer. `nil` if it is not displayed.
        package let place: String?

        /// Creates the name of a peer.
        package init(_ noun: String, at place: String?) {
            self.noun = noun
            self.place = place
        }
    }
}

/// How much of a response's body is read.
package enum BodyReading: Sendable {
    /// The whole body. A larger one fails with `ResponseTooLarge` if the status is from 200 to 299.
    case whole(limit: Int)
    /// The beginning of the body, whatever the status. The part that arrived is used, however the response ends.
    case beginning(limit: Int)

    /// The maximum number of bytes read from an error's body, which suffices for its message.
    package static let errorLimit = 64 << 10

    var readsOnlyBeginning: Bool { if case .beginning = self { true } else { false } }
}

/// The error of a response whose body is larger than allowed.
package struct ResponseTooLarge: Error {
    /// The maximum size in bytes.
    package let limit: Int
}
