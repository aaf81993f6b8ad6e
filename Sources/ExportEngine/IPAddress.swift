/// An IP address as a number, so that two spellings of one address are equal (RFC 4291, 2.2).
///
/// An IPv4 address equals the IPv6 address that it is mapped to.
struct IPAddress: Sendable, Equatable {
    private let groups: [UInt16]

    /// Nil for a text that is not an address.
    init?(_ text: String) {
        guard let groups = text.utf8.contains(UInt8(ascii: ":")) ? Self.version6(text) : Self.version4(text[...]).map(Self.mapped)
        else { return nil }
        self.groups = groups
    }

    private static func mapped(_ address: [UInt16]) -> [UInt16] { [0, 0, 0, 0, 0, 0xFFFF] + address }

    /// `192.0.2.1` as two groups.
    private static func version4(_ text: Substring) -> [UInt16]? {
        let bytes = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard bytes.count == 4, case let bytes = bytes.compactMap(\.self), bytes.count == 4 else { return nil }
        return [UInt16(bytes[0]) << 8 | UInt16(bytes[1]), UInt16(bytes[2]) << 8 | UInt16(bytes[3])]
    }

    private static func version6(_ text: String) -> [UInt16]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false).map(groups)
        switch halves.count {
        case 1: return halves[0].flatMap { $0.count == 8 ? $0 : nil }
        case 2:
            guard let head = halves[0], let tail = halves[1], head.count + tail.count < 8 else { return nil }
            return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
        default: return nil
        }
    }

    /// Groups between colons, the last of which may be an IPv4 address.
    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let address = version4(part) {
                groups += address
            } else if part.utf8.count <= 4, let group = UInt16(part, radix: 16) {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}
