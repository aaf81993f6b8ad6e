import ExportCore
import Foundation

/// A proxy named by an environment variable.
package struct Proxy: Sendable, Hashable {
    /// The protocol that the proxy speaks.
    package enum Kind: Sendable, Hashable {
        /// An HTTP proxy, used with CONNECT (RFC 9110, 9.3.6).
        case http
        case socks
    }

    /// The protocol that the proxy speaks.
    package let kind: Kind
    /// The name or address of the proxy's host.
    package let host: String
    /// The port. Default: 80 for HTTP, 1080 for SOCKS.
    package let port: Int
    /// The environment variable that names the proxy.
    package let variable: String
    /// The credentials, which are never displayed.
    let credentials: Credentials?

    struct Credentials: Sendable, Hashable {
        let user: String
        let password: String
    }

    /// Reads `http://proxy.example.com:3128`, with or without the scheme, `http://user:password@…` and `socks5://…`.
    ///
    /// The default port is 80, or 1080 for SOCKS.
    /// - Throws: `NetworkFault`, which does not contain the text, since that may hold a password.
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
