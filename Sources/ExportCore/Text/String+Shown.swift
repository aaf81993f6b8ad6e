extension StringProtocol {
    /// Text from outside in a form that is safe to show: on one line, with `replacement` for everything that could control a terminal,
    /// begin a new line, or change the direction of writing.
    public func shown(replacing replacement: Unicode.Scalar = "\u{FFFD}") -> String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: replacement
                    default: scalar
                    }
                }))
    }

    /// The same for what has several lines, and tabs in them.
    package func shownInLines() -> String {
        splitExactly(at: "\n", omittingEmptySubsequences: false)
            .map { $0.splitExactly(at: "\t", omittingEmptySubsequences: false).map { $0.shown() }.joined(separator: "\t") }
            .joined(separator: "\n")
    }

    /// A text of JSON with escapes for what rules a terminal, and reads the same: JSON itself asks for them below U+0020 only.
    package func escapingUnprintables() -> String {
        mappingScalars { scalar in
            guard scalar.isUnprintable, scalar.value >= 0x7F else { return nil }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }
    }
}
