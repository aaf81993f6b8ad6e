/// An IP address as a number, so that two spellings of one address are equal (RFC 4291, 2.2).
///
/// An IPv4 address equals the IPv6 address that it is mapped to.
public struct IPAddress: Sendable, Hashable {
    /// Eight groups of 16 bits.
    private let groups: [UInt16]

    /// Creates an address from text, with or without the brackets of a URL. `nil` if the text is not an address.
    public init?(_ text: some StringProtocol) {
        let isBracketed = text.startsExactly(with: "[") && text.endsExactly(with: "]")
        let text = isBracketed ? text.dropFirst().dropLast() : text[...]
        let isVersion6 = isBracketed || text.utf8.contains(UInt8(ascii: ":"))
        let groups = isVersion6 ? Self.version6(Substring(text)) : Self.version4(Substring(text)).map { Self.mappedHead + $0 }
        guard let groups else { return nil }
        self.groups = groups
    }

    /// Whether the address is in 127.0.0.0/8 or is `::1` (RFC 1122, RFC 4291).
    public var isLoopback: Bool {
        groups == [0, 0, 0, 0, 0, 0, 0, 1] || isVersion4 && groups[6] >> 8 == 127
    }

    /// The length of the address in bits: 32 for IPv4, 128 for IPv6.
    public var bitWidth: Int { isVersion4 ? 32 : 128 }

    /// Whether both addresses have the same prefix.
    /// - Parameter bits: The length of the prefix in bits of the other address, from 0 to its `bitWidth`.
    public func shares(_ bits: Int, with other: IPAddress) -> Bool {
        let bits = bits + 128 - other.bitWidth
        return groups.indices.allSatisfy { index in
            let width = min(16, max(0, bits - 16 * index))
            return width == 0 || groups[index] >> (16 - width) == other.groups[index] >> (16 - width)
        }
    }

    private static let mappedHead: [UInt16] = [0, 0, 0, 0, 0, 0xFFFF]

    private var isVersion4: Bool { groups.starts(with: Self.mappedHead) }

    /// `192.0.2.1` as two groups.
    private static func version4(_ text: Substring) -> [UInt16]? {
        let parts = text.splitExactly(at: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8(part) : nil }
        guard parts.count == 4, bytes.count == 4 else { return nil }
        return [UInt16(bytes[0]) << 8 | UInt16(bytes[1]), UInt16(bytes[2]) << 8 | UInt16(bytes[3])]
    }

    private static func version6(_ text: Substring) -> [UInt16]? {
        guard let mark = text.utf8.firstRange(of: "::".utf8) else { return groups(text).flatMap { $0.count == 8 ? $0 : nil } }
        // A second `::` leaves an empty group, which is refused.
        guard let head = groups(text[..<mark.lowerBound]), let tail = groups(text[mark.upperBound...]), head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups between colons, the last of which may be an IPv4 address.
    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.splitExactly(at: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let address = version4(part) {
                groups += address
            } else if (1...4).contains(part.utf8.count), !part.startsExactly(with: "+"), let group = UInt16(part, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}

/// The names and addresses of the loopback interface: data sent to them does not leave this machine.
public enum Loopback {
    /// Whether a host is `localhost` (RFC 6761), or an address in 127.0.0.0/8 or `::1`, with or without the brackets of a URL.
    public static func contains(host: some StringProtocol) -> Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
    }
}
