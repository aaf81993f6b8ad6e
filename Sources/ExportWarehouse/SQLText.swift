import ExportCore

/// Ways of quoting names and texts in statements. Each system uses some of them.
///
/// They work with scalars, like parsers of statements: a quote counts even if a combining mark follows.
enum SQLText {
    /// Quotes a text, with its own quotes doubled. No other character is special.
    static func doubled(_ text: String, quote: Unicode.Scalar) -> String {
        "\(quote)" + text.mappingScalars { $0 == quote ? "\(quote)\(quote)" : nil } + "\(quote)"
    }

    /// In quotes within which a backslash escapes: quotes, backslashes, and what must not stand in a line.
    /// - Parameter escape: What an unprintable scalar is written as.
    static func escaped(
        _ text: String, quote: Unicode.Scalar, by mark: Unicode.Scalar = "\\", _ escape: (Unicode.Scalar) -> String = unicode
    ) -> String {
        let content = text.mappingScalars { scalar in
            switch scalar {
            case quote: "\(mark)\(quote)"
            case "\\": "\\\\"
            case _ where scalar.isUnprintable: escape(scalar)
            default: nil
            }
        }
        return "\(quote)\(content)\(quote)"
    }

    /// `\u001b`. What is unprintable has four digits at the most.
    static func unicode(_ scalar: Unicode.Scalar) -> String { "\\u" + digits(scalar.value, count: 4) }

    /// `\xc2\x85`, byte by byte.
    static func bytes(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf8.map { "\\x" + digits(UInt32($0), count: 2) }.joined()
    }

    /// The bytes of a text in hexadecimal digits.
    static func hexadecimal(_ text: String) -> String {
        text.utf8.map { digits(UInt32($0), count: 2) }.joined()
    }

    private static func digits(_ value: UInt32, count: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }
}

extension String {
    /// Whether the text has scalars that must be escaped in a line of a statement.
    var hasUnprintables: Bool { unicodeScalars.contains(where: \.isUnprintable) }
}
