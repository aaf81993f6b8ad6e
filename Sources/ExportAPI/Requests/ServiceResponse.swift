public import NIOCore

/// The body of an answer with status 200, as it came over the wire.
public struct ServiceResponse: Sendable {
    /// The body as it was sent, still encoded.
    public let body: ByteBuffer
    /// The `Content-Encoding` of the body.
    public let coding: Coding
    /// Bytes that the body may have at most, inflated too.
    public let limit: Int
    /// What a larger one is.
    public let excess: ServiceError

    /// `Content-Encoding`.
    public enum Coding: Sendable, Hashable {
        case identity, gzip, deflate
    }
}
