import Crypto
import ExportStore
import NIOCore
import NIOHTTP1

/// A request to a store, before it is signed.
struct StoreRequest: Sendable {
    var method: HTTPMethod
    /// The key in the bucket. Empty for the bucket itself.
    var key = ""
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    /// Headers with a checksum of the body, omitted for stores that do not support them.
    var checksum: [(name: String, value: String)] = []
    var body = ByteBuffer()
    /// The SHA-256 of the body, if it is already known, which saves copying a large body.
    var payloadHash: String?
    /// The maximum size of the response's body in bytes.
    var limit = Self.wordsLimit

    /// The size limit of a response that is neither a list nor an object.
    static let wordsLimit = 64 << 10
    /// The size limit of a page of a list: 1,000 keys of 1,024 bytes, three times as long when encoded, with their XML.
    static let listLimit = 8 << 20
    /// The size limit of an object that is read whole: a manifest, the columns, a record of a run or of a lock.
    static let stateLimit = 64 << 20

    /// The timeout of one attempt, to the last byte.
    var timeout: Duration {
        // Long enough for a part of a file on a slow connection.
        body.readableBytes > 1 << 16 || headers.contains { $0.name == "Range" } ? .seconds(300) : .seconds(60)
    }

    var hash: String { payloadHash ?? SHA256.hash(data: Array(body.readableBytesView)).hexadecimal }
}
