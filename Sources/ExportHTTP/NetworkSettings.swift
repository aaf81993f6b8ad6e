import ExportCore
import Foundation
import NIOSSL

/// The settings of connections: proxies and trusted certificates.
///
/// They are read from the usual environment variables: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, each in lower case first,
/// `SSL_CERT_FILE` and `SSL_CERT_DIR`.
package struct NetworkSettings: Sendable {
    private var proxies: [String: Proxy] = [:]
    private var exceptions: [ProxyException] = []
    /// The files and folders of trusted certificates. `nil` for those of the system.
    private(set) var roots: [String]?
    /// The variables that name `roots`.
    package private(set) var rootsVariables: [String] = []

    /// The variables that are read, without those specific to a store.
    package static let variables: Set<String> = Set(
        ["http_proxy", "https_proxy", "all_proxy", "no_proxy"].flatMap { [$0, $0.uppercased()] } + [
            "SSL_CERT_FILE", "SSL_CERT_DIR",
        ])

    /// Creates settings without a proxy and with the system's certificates.
    package init() {}

    /// Reads settings from environment variables.
    /// - Parameters:
    ///   - environment: The variables. Empty ones count as not set.
    ///   - bundle: A variable that, if set, names the only file of trusted certificates: `AWS_CA_BUNDLE`.
    /// - Throws: `NetworkFault` if a variable has an invalid value.
    package init(environment: [String: String], bundle: String? = nil) throws(NetworkFault) {
        func value(_ name: String) -> String? {
            environment[name].map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        for scheme in ["http", "https"] {
            let names = ["\(scheme)_proxy", "\(scheme)_proxy".uppercased(), "all_proxy", "ALL_PROXY"]
            guard let name = names.first(where: { value($0) != nil }), let text = value(name) else { continue }
            proxies[scheme] = try Proxy(text, variable: name)
        }
        exceptions = ProxyException.list(value("no_proxy") ?? value("NO_PROXY") ?? "")
        if let bundle, let file = value(bundle) {
            try Self.checkFile(file, bundle)
            (roots, rootsVariables) = ([file], [bundle])
            return
        }
        let file = value("SSL_CERT_FILE"), folders = value("SSL_CERT_DIR")?.splitExactly(at: ":").map(String.init)
        if let file { try Self.checkFile(file, "SSL_CERT_FILE") }
        for folder in folders ?? [] { try Self.checkFolder(folder, "SSL_CERT_DIR") }
        guard file != nil || folders != nil else { return }
        // As in OpenSSL, each variable replaces only its own kind, so that a company's file does not remove the public authorities.
        roots = [file ?? Self.systemFile].compactMap(\.self) + (folders ?? [Self.systemFolder].compactMap(\.self))
        rootsVariables = [file.map { _ in "SSL_CERT_FILE" }, folders.map { _ in "SSL_CERT_DIR" }].compactMap(\.self)
    }

    private static var systemFile: String? { existing(["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]) }
    private static var systemFolder: String? { existing(["/etc/ssl/certs"]) }

    private static func existing(_ paths: [String]) -> String? { paths.first { FileManager.default.fileExists(atPath: $0) } }

    private static func checkFile(_ path: String, _ variable: String) throws(NetworkFault) {
        let certificates = try? NIOSSLCertificate.fromPEMFile(path)
        guard certificates?.isEmpty == false else { throw .noCertificates(variable: variable, path: path) }
    }

    private static func checkFolder(_ path: String, _ variable: String) throws(NetworkFault) {
        guard isFolder(path) else { throw .noFolder(variable: variable, path: path) }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func files(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { "\(folder)/\($0)" }
    }

    /// The distinct proxies that may be used.
    var allProxies: Set<Proxy> { Set(proxies.values) }

    /// The proxy for a URL. `nil` if it is accessed directly, as the loopback always is.
    package func proxy(for url: String) -> Proxy? {
        guard !proxies.isEmpty, let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), let proxy = proxies[scheme], !Loopback.contains(host: host)
        else { return nil }
        let port = parts.port ?? (scheme == "https" ? 443 : 80)
        return exceptions.contains { $0.matches(host: host, port: port) } ? nil : proxy
    }

    /// The TLS configuration, of at least version 1.2, since older versions are insecure (RFC 8996).
    var tls: TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        guard let roots else { return tls }
        // The library supports only one folder, so the files of the others are read.
        let folders = roots.filter(Self.isFolder)
        let files = roots.filter { !Self.isFolder($0) } + folders.dropFirst().flatMap(Self.files)
        let certificates = files.flatMap { (try? NIOSSLCertificate.fromPEMFile($0)) ?? [] }
        tls.trustRoots = folders.first.map { .file($0) } ?? .certificates(certificates)
        if !folders.isEmpty { tls.additionalTrustRoots = [.certificates(certificates)] }
        return tls
    }
}

/// An error in a network variable. Values that may contain a password are not shown.
package enum NetworkFault: Error, Sendable, Hashable {
    case notAProxy(variable: String)
    case unknownProxyScheme(variable: String)
    case credentialsForSOCKS(variable: String)
    case noCertificates(variable: String, path: String)
    case noFolder(variable: String, path: String)
}

extension NetworkFault: CustomStringConvertible {
    /// A message with the problem and what to do next.
    package var description: String {
        switch self {
        case .notAProxy(let variable):
            """
            \(variable) is not the URL of a proxy. Write http://proxy.example.com:3128, and percent-encode special characters in \
            a user or a password, such as %40 for @.
            """
        case .unknownProxyScheme(let variable):
            "\(variable) has an unsupported kind of proxy. Use http:// or socks5://."
        case .credentialsForSOCKS(let variable):
            "\(variable) has a user for a SOCKS proxy, which is not supported. Use an http:// proxy."
        case .noCertificates(let variable, let path):
            "\(variable) is \(path.shown()), and no PEM certificate can be read from it. Check the path and the permissions of the file."
        case .noFolder(let variable, let path):
            "\(variable) is \(path.shown()), which is not a folder. Check the path."
        }
    }
}
