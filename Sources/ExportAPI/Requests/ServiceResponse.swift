import NIOCore

/// The body of a response with status 200, as received.
public struct ServiceResponse: Sendable {
    /// The body as it was sent, still encoded.
    private let body: ByteBuffer
    /// The `Content-Encoding` of the body.
    public let coding: Coding
    /// The maximum size of the body in bytes, also after decompression.
    public let limit: Int
    /// The error for a larger response.
    public let excess: ServiceError

    /// `Content-Encoding`.
    public enum Coding: Sendable, Hashable {
        case identity, gzip, deflate
    }

    init(body: ByteBuffer, coding: Coding, limit: Int, excess: ServiceError) {
        self.body = body
        self.coding = coding
        self.limit = limit
        self.excess = excess
    }

    /// The size of the body as it was sent, in bytes.
    public var size: Int { body.readableBytes }

    /// Calls `read` with the body as it was sent.
    public func withBody<Value>(_ read: (Span<UInt8>) throws -> Value) rethrows -> Value {
        try read(body.readableBytesUInt8Span)
    }
}
