/// The root of a service, as typed: `https://api.agentsight.io`, `http://[::1]:8080/`.
struct EndpointText {
    static let standard = "https://api.agentsight.io"

    /// Scheme, host and port, in lower case and without a slash at the end.
    let normal: String
    /// Whether it is https, or http to the loopback.
    let isPrivate: Bool
    let host: String

    init(_ text: String) throws(EndpointFault) {
        guard let mark = text.firstRange(of: "://") else { throw .form }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { throw .scheme }
        var authority = text[mark.upperBound...]
        guard !authority.contains("@") else { throw .user }
        guard !authority.contains("?"), !authority.contains("#") else { throw .query }
        if authority.last == "/" { authority = authority.dropLast() }
        guard !authority.contains("/") else { throw .path }

        let (hostText, rest) = Self.split(authority)
        guard Self.isHost(hostText) else { throw .form }
        if !rest.isEmpty {
            guard rest.first == ":", rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let port = UInt16(rest.dropFirst()), port > 0
            else { throw .form }
        }
        host = hostText.lowercased()
        normal = "\(scheme)://\(host)\(rest)"
        isPrivate = scheme == "https" || Self.isLoopback(host)
    }

    /// The host, brackets and all, and what comes after it.
    private static func split(_ authority: Substring) -> (host: Substring, rest: Substring) {
        let end =
            if authority.first == "[" {
                authority.firstIndex(of: "]").map(authority.index(after:)) ?? authority.endIndex
            } else {
                authority.firstIndex(of: ":") ?? authority.endIndex
            }
        return (authority[..<end], authority[end...])
    }

    static func isHost(_ text: some StringProtocol) -> Bool {
        if text.first == "[" {
            return text.last == "]" && text.contains(":")
                && text.dropFirst().dropLast().utf8.allSatisfy { isHexDigit($0) || $0 == 0x3A || $0 == 0x2E }
        }
        return !text.isEmpty && text.first != "." && text.first != "-"
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
                default: false
                }
            }
    }

    /// `localhost`, 127.0.0.0/8 and `::1`: what never leaves the machine (RFC 6761, RFC 1122, RFC 4291).
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
