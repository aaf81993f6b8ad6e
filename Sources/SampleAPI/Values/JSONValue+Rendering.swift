extension JSONValue {
    /// Compact JSON in UTF-8.
    var rendered: [UInt8] {
        var bytes: [UInt8] = []
        render(into: &bytes)
        return bytes
    }

    /// Writes what Django REST framework's renderer writes: no white space, characters as they are, and escapes only where
    /// JSON asks for them and for U+2028 and U+2029.
    func render(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let literal): bytes += literal.utf8
        case .string(let text): Self.render(text, into: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value.render(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            Self.render(members, into: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The members of an object without its braces.
    static func render(_ members: [Member], into bytes: inout [UInt8]) {
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            render(member.key, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            member.value.render(into: &bytes)
        }
    }

    private static func render(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0..<0x20: bytes += ((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8
            // U+2028 and U+2029 end in E2 80 A8 and E2 80 A9.
            case 0xA8...0xA9 where bytes.suffix(2).elementsEqual([0xE2, 0x80]):
                bytes.removeLast(2)
                bytes += (byte == 0xA8 ? "\\u2028" : "\\u2029").utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
