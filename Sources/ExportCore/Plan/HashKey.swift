import Crypto

/// The key with which values are hashed (RFC 2104). It is never shown and never stored.
public struct HashKey: Sendable {
    private let key: SymmetricKey
    /// A digest that distinguishes the key from others and reveals nothing else about it.
    package let digest: String

    /// The minimum length of a key, in characters.
    public static let shortest = 32

    /// Creates a key from a text, without white space at its end. `nil` if it is shorter than `shortest`.
    public init?(_ text: String) {
        var scalars = text.unicodeScalars[...]
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        guard scalars.count >= Self.shortest else { return nil }
        key = SymmetricKey(data: Array(String(scalars).utf8))
        digest = String(
            decoding: Self.digits(HMAC<SHA256>.authenticationCode(for: Array("fingerprint".utf8), using: key)), as: UTF8.self)
    }

    /// The hash of a value, in lower-case hexadecimal digits.
    package func digits(of value: [UInt8]) -> [UInt8] {
        Self.digits(HMAC<SHA256>.authenticationCode(for: value, using: key))
    }

    /// The keyed hash of a row's digest. The digest cannot be determined from it without the key.
    package func hash(ofDigest digest: UInt64) -> UInt64 {
        let code = HMAC<SHA256>.authenticationCode(for: Array("digest:\(digest)".utf8), using: key)
        return code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func digits(_ code: HMAC<SHA256>.MAC) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}

extension HashKey: Hashable {
    public static func == (left: HashKey, right: HashKey) -> Bool { left.digest == right.digest }

    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension HashKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "a hash key" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
