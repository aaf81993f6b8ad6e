import Crypto
import ExportStore
import NIOCore
import NIOHTTP1

/// One question to a store, before it is signed.
struct StoreRequest: Sendable {
    var method: HTTPMethod
    /// From the bucket on; empty for the bucket itself.
    var key = ""
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body = ByteBuffer()
    /// Of the body, where it is known already: of a large one, so that it is not copied once more.
    var payloadHash: String?
    /// Bytes of the answer's body at most.
    var limit = 64 << 20

    /// How long one try may take, to the last byte.
    var timeout: Duration {
        // A part of a file on a slow line.
        body.readableBytes > 1 << 16 || limit > 64 << 20 ? .seconds(300) : .seconds(60)
    }

    var hash: String { payloadHash ?? SHA256.hash(data: Array(body.readableBytesView)).hexadecimal }
}

/// Head and body of an answer that is the end of a request.
struct StoreAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: ByteBuffer

    func header(_ name: String) -> String? { headers.first(name: name) }
}
