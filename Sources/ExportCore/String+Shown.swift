extension StringProtocol {
    /// What others wrote, as it is shown: on one line, with `replacement` for all that could rule a terminal, begin a line of its own, or
    /// turn the direction of writing.
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
}
