/// The service, the key and the stream that are read.
public struct Source: Sendable, Hashable {
    /// Scheme, host and port, without a path: `https://api.agentsight.io`.
    public var endpoint: String
    /// Where the API key comes from. The key itself is never part of a plan.
    public var key: KeySource
    /// Which list is exported.
    public var stream: Stream
    /// Whether rows come with their transcripts.
    public var detail: Detail
    /// Hosts for which plain HTTP is allowed, in addition to the loopback.
    public var insecureHosts: [String]

    /// Where the key comes from. The key itself is never part of a plan.
    public enum KeySource: Sendable, Hashable {
        case environment(variable: String)
        case file(path: String)
    }

    /// A list of the service that can be exported.
    public enum Stream: String, Sendable, Hashable, CaseIterable {
        case conversations
    }

    /// The detail of rows. `full`: with transcripts. `lean`: with counts instead.
    public enum Detail: String, Sendable, Hashable, CaseIterable {
        case full, lean
    }

    /// Creates the source of a plan.
    public init(endpoint: String, key: KeySource, stream: Stream, detail: Detail, insecureHosts: [String]) {
        self.endpoint = endpoint
        self.key = key
        self.stream = stream
        self.detail = detail
        self.insecureHosts = insecureHosts
    }
}
