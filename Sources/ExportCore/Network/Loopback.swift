/// Names and addresses of this machine, which nothing that is sent to them leaves.
public enum Loopback {
    /// Whether a host is `localhost` (RFC 6761), or an address in 127.0.0.0/8 or `::1`, with or without the brackets of a URL.
    public static func contains(host: some StringProtocol) -> Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
    }
}
