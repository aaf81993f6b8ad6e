extension StringProtocol {
    /// Untrusted text in a form that is safe to display: on one line, with `replacement` for everything that could control a terminal,
    /// begin a new line, or change the writing direction.
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

    /// Untrusted text in a form that is safe to display, with its line breaks and tabs.
    package func shownInLines() -> String {
        splitExactly(at: "\n", omittingEmptySubsequences: false)
            .map { $0.splitExactly(at: "\t", omittingEmptySubsequences: false).map { $0.shown() }.joined(separator: "\t") }
            .joined(separator: "\n")
    }

    /// Equivalent JSON text in which unprintable scalars are escaped. JSON itself requires that only below U+0020.
    package func escapingUnprintables() -> String {
        mappingScalars { scalar in
            guard scalar.isUnprintable, scalar.value >= 0x7F else { return nil }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }
    }
}
