import ExportCore

/// Writes text as a YAML scalar that reads back as the same text.
package enum YAMLScalar {
    /// A value in block style: plain if it is unambiguous, otherwise in quotes. Dollar signs are literal.
    package static func text(_ text: String) -> String {
        let text = literal(text)
        return isPlain(text) ? text : quoted(text)
    }

    static func key(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// The text with dollar signs doubled, so that they are literal.
    static func literal(_ text: String) -> String {
        text.replacingExactly("$", with: "$$")
    }

    /// The text in double quotes, with the escapes of JSON (YAML 1.2, 5.7).
    static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\t": "\\t"
            case _ where scalar.isASCII && !scalar.isControl: String(scalar)
            case _ where scalar.properties.isAlphabetic && !scalar.isControl: String(scalar)
            default: "\\U" + String(repeating: "0", count: 8 - hex(scalar).count) + hex(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        String(scalar.value, radix: 16)
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, last != UInt8(ascii: ":") else { return false }
        let words: Set<String> = ["null", "-", "--", "---", ".", "..", "..."]
        let begins = isWordByte(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: ".") || first == UInt8(ascii: "-")
        return begins && !words.contains(text.lowercased())
            && text.utf8.allSatisfy { isWordByte($0) || "/.-+=:{}$".utf8.contains($0) }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }
}
