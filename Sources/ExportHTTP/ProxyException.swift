import ExportCore

/// An entry of `NO_PROXY`: hosts that are accessed without a proxy.
///
/// `*` matches every host; `example.com` and `.example.com` match a domain with its subdomains; an address matches itself, and `10.0.0.0/8`
/// a network. Each may end in `:port`.
struct ProxyException: Sendable, Hashable {
    private enum Hosts: Sendable, Hashable {
        case all
        /// A domain in lower case, without a leading dot.
        case domain(String)
        case network(IPAddress, bits: Int)
    }

    private let hosts: Hosts
    private let port: Int?

    /// Reads the entries of a list, separated by commas or white space.
    static func list(_ text: String) -> [ProxyException] {
        text.unicodeScalars.split { $0 == "," || $0.properties.isWhitespace }.map { ProxyException(String($0).lowercased()) }
    }

    private init(_ entry: String) {
        if let hosts = Self.network(entry) {
            (self.hosts, port) = (hosts, nil)
            return
        }
        // The text after the last colon is a port if the rest is a host.
        let colon = entry.unicodeScalars.lastIndex(of: ":")
        let port = colon.flatMap { Int(String(entry.unicodeScalars[$0...].dropFirst())) }
        let host = port == nil ? entry : String(entry[..<(colon ?? entry.endIndex)])
        self.port = port
        if host == "*" {
            hosts = .all
        } else if let network = Self.network(host) {
            hosts = network
        } else {
            hosts = .domain(String(host.tail(afterExactly: "*.") ?? host.tail(afterExactly: ".") ?? host[...]))
        }
    }

    private static func network(_ text: String) -> Hosts? {
        let parts = text.splitExactly(at: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else { return .network(address, bits: address.bitWidth) }
        return Int(parts[1]).flatMap { (0...address.bitWidth).contains($0) ? .network(address, bits: $0) : nil }
    }

    /// Whether the entry matches a host.
    /// - Parameter host: The host's name or address in lower case.
    func matches(host: String, port: Int) -> Bool {
        guard self.port == nil || self.port == port else { return false }
        switch hosts {
        case .all: return true
        case .domain(let domain): return host == domain || host.endsExactly(with: "." + domain)
        case .network(let network, let bits): return IPAddress(host)?.shares(bits, with: network) ?? false
        }
    }
}
