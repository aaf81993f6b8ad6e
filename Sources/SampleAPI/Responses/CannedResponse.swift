/// An answer made by hand, for what no service should send.
public struct CannedResponse: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// Headers by name; `Content-Length` follows the body.
    public var headers: [String: String]
    /// The body, as it is sent.
    public var body: [UInt8]
    /// How often the body is sent, one after the other: an endless one takes no memory here. Above 1 it comes without a length.
    public var repeats: Int

    /// Creates a response.
    public init(
        status: Int = 200, headers: [String: String] = ["Content-Type": "application/json"], body: [UInt8], repeats: Int = 1
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.repeats = repeats
    }
}
