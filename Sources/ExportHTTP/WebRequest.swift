package import NIOCore
package import NIOHTTP1

/// One request, as it goes over the wire.
package struct WebRequest: Sendable {
    /// The absolute URL.
    package var url: String
    /// The method. Default: GET.
    package var method: HTTPMethod = .GET
    /// All headers but those that the client itself adds, such as `Host`.
    package var headers: HTTPHeaders = [:]
    /// The body. Default: none.
    package var body = ByteBuffer()
    /// How much of the response's body is read.
    package var reading: BodyReading
    /// From sending to the last byte: a body that drips is as bad as one that never comes.
    package var timeout: Duration
    /// The peer that is asked, as messages name it.
    package var peer: Peer

    /// Creates a GET; method, headers and body can be set afterwards.
    package init(url: String, reading: BodyReading, timeout: Duration, peer: Peer) {
        self.url = url
        self.reading = reading
        self.timeout = timeout
        self.peer = peer
    }

    /// The name of a peer in messages.
    package struct Peer: Sendable {
        /// `service`, `store`.
        package let noun: String
        /// Where it is; nil where that is not to be shown.
        package let place: String?

        /// Creates the name of a peer.
        package init(_ noun: String, at place: String?) {
            self.noun = noun
            self.place = place
        }
    }
}

/// How much of the body of an answer is read.
package enum BodyReading: Sendable {
    /// All of it. A larger one of an answer with a status from 200 to 299 fails with `ResponseTooLarge`.
    case whole(limit: Int)
    /// Its beginning, whatever its status; what has come of it counts, however the answer ends.
    case beginning(limit: Int)

    /// Bytes that are read of an error's body, whatever is read of others: what stands beyond them says nothing more.
    package static let errorLimit = 64 << 10

    var readsOnlyBeginning: Bool { if case .beginning = self { true } else { false } }
}

/// The body of an answer has more bytes than it may have.
package struct ResponseTooLarge: Error {
    /// The bytes that were allowed.
    package let limit: Int
}
