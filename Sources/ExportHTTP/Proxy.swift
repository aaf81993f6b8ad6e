import ExportCore
import Foundation

/// A proxy that connections are made through, as an environment variable names it.
package struct Proxy: Sendable, Hashable {
    /// The protocol that the proxy speaks.
    package enum Kind: Sendable, Hashable {
        /// Asked to CONNECT (RFC 9110, 9.3.6).
        case http
        case socks
    }

    /// The protocol that the proxy speaks.
    package let kind: Kind
    /// A host's name or address.
    package let host: String
    /// Default: 80 for HTTP, 1080 for SOCKS.
    package let port: Int
    /// The environment variable that names it.
    package let variable: String
    /// Shown to nobody.
    let credentials: Credentials?

    struct Credentials: Sendable, Hashable {
        let user: String
        let password: String
    }

    /// Reads `http://proxy.example.com:3128`, with or without the scheme, `http://user:password@…` and `socks5://…`.
    ///
    /// Without a port it is 80, of SOCKS 1080.
    /// - Throws: `NetworkFault`, which does not show the text: it may hold a password.
    init(_ text: String, variable: String) throws(NetworkFault) {
        let text = text.containsExactly("://") ? text : "http://\(text)"
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            throw .notAProxy(variable: variable)
        }
        switch parts.scheme?.lowercased() {
        case "http": (kind, port) = (.http, parts.port ?? 80)
        case "socks5", "socks5h", "socks": (kind, port) = (.socks, parts.port ?? 1080)
        default: throw .unknownProxyScheme(variable: variable)
        }
        guard (1...65535).contains(port) else { throw .notAProxy(variable: variable) }
        self.host = host
        self.variable = variable
        credentials = parts.user.map { Credentials(user: $0, password: parts.password ?? "") }
        guard kind == .http || credentials == nil else { throw .credentialsForSOCKS(variable: variable) }
    }
}

extension Proxy: CustomStringConvertible {
    /// `http://proxy.example.com:3128`, without user and password.
    package var description: String { "\(kind == .http ? "http" : "socks5")://\(host):\(port)" }
}
