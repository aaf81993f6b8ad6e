import ExportCore

/// Parses the root URL of a service as typed: `https://api.agentsight.io`, `http://[::1]:8080/`, `https://gateway.example.com/agentsight`.
struct EndpointText {
    static let standard = "https://api.agentsight.io"

    /// Scheme, host and port in lower case, followed by the path as typed, without surrounding white space and without a slash at its end.
    let normal: String
    /// Whether it is https, or http to the loopback.
    let isPrivate: Bool
    let host: String

    init(_ text: String) throws(EndpointFault) {
        let text = Self.trimmed(text)
        guard let mark = text.utf8.firstRange(of: "://".utf8) else { throw .form }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { throw .scheme }
        let rest = text[mark.upperBound...]
        let authority = Substring(rest.unicodeScalars.prefix { $0 != "/" })
        guard !authority.containsExactly("@") else { throw .user }
        guard !rest.containsExactly("?"), !rest.containsExactly("#") else { throw .query }
        let path = Self.path(rest[authority.endIndex...])
        guard let path else { throw .path }

        let (hostText, port) = Self.split(authority)
        guard Self.isHost(hostText) else { throw .form }
        if !port.isEmpty {
            guard let digits = port.tail(afterExactly: ":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(digits), number > 0
            else { throw .form }
        }
        host = hostText.lowercased()
        normal = "\(scheme)://\(host)\(port)\(path)"
        isPrivate = scheme == "https" || Loopback.contains(host: host)
    }

    private static func trimmed(_ text: String) -> Substring {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }), let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return Substring(scalars[first...last])
    }

    /// The path without a slash at its end. Empty if there is none. `nil` if it is not valid as a prefix of request paths.
    private static func path(_ text: Substring) -> String? {
        let path = text.head(beforeExactly: "/") ?? text
        guard !path.isEmpty else { return "" }
        let parts = path.splitExactly(at: "/", omittingEmptySubsequences: false).dropFirst()
        let isFit = parts.allSatisfy { part in
            part != "." && part != ".." && !part.isEmpty && part.utf8.allSatisfy(isPathByte)
        }
        return isFit ? String(path) : nil
    }

    /// Whether a byte is allowed unencoded in a path, or is the percent sign (RFC 3986, 3.3).
    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~!$&'()*+,;=:@%".utf8.contains(byte)
        }
    }

    /// The host, including brackets, and the text after it.
    private static func split(_ authority: Substring) -> (host: Substring, rest: Substring) {
        let scalars = authority.unicodeScalars
        let end =
            if scalars.first == "[" {
                scalars.firstIndex(of: "]").map(scalars.index(after:)) ?? scalars.endIndex
            } else {
                scalars.firstIndex(of: ":") ?? scalars.endIndex
            }
        return (authority[..<end], authority[end...])
    }

    static func isHost(_ text: some StringProtocol) -> Bool {
        if let inner = text.tail(afterExactly: "[")?.head(beforeExactly: "]") {
            return inner.containsExactly(":")
                && inner.utf8.allSatisfy { isHexDigit($0) || $0 == 0x3A || $0 == 0x2E }
        }
        return !text.isEmpty && !text.startsExactly(with: ".") && !text.startsExactly(with: "-")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
                default: false
                }
            }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
