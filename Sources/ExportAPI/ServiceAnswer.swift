public import NIOCore

/// The body of an answer with status 200, as it came over the wire.
public struct ServiceAnswer: Sendable {
    public let body: ByteBuffer
    public let coding: Coding

    /// `Content-Encoding`.
    public enum Coding: Sendable, Hashable {
        case identity, gzip, deflate
    }
}
