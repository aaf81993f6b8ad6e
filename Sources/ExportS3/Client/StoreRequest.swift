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
    /// Headers with a checksum of the body, which a store that does not take them is asked without.
    var checksum: [(name: String, value: String)] = []
    var body = ByteBuffer()
    /// The SHA-256 of the body, where it is known already: of a large one, so that it is not copied once more.
    var payloadHash: String?
    /// Bytes of the answer's body at most.
    var limit = Self.wordsLimit

    /// The size limit of a response that is neither a list nor an object.
    static let wordsLimit = 64 << 10
    /// A page of a list: 1,000 keys of 1,024 bytes, each three times as long where it is encoded, with what stands around them.
    static let listLimit = 8 << 20
    /// An object that is read whole: a manifest, the columns, a record of a run or of a lock.
    static let stateLimit = 64 << 20

    /// How long one try may take, to the last byte.
    var timeout: Duration {
        // A part of a file on a slow line.
        body.readableBytes > 1 << 16 || headers.contains { $0.name == "Range" } ? .seconds(300) : .seconds(60)
    }

    var hash: String { payloadHash ?? SHA256.hash(data: Array(body.readableBytesView)).hexadecimal }
}
