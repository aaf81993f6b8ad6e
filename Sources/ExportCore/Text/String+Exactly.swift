/// Comparisons and replacements of text byte by byte, as its readers do: a shell, a database, a browser, a file system.
///
/// Swift's own comparisons use characters. A combining mark after a quote forms one character with it, so that the quote is not found, and
/// a composed é equals a decomposed one. `make lint` refuses Swift's comparisons in the sources and suggests these.
extension StringProtocol {
    /// Whether both have the same bytes.
    package func equalsExactly(_ other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    /// Whether the bytes begin with those of `prefix`.
    package func startsExactly(with prefix: some StringProtocol) -> Bool {
        utf8.starts(with: prefix.utf8)
    }

    /// Whether the bytes end with those of `suffix`.
    package func endsExactly(with suffix: some StringProtocol) -> Bool {
        utf8.reversed().starts(with: suffix.utf8.reversed())
    }

    /// Whether the text contains `part`. Every text contains the empty text.
    package func containsExactly(_ part: some StringProtocol) -> Bool {
        part.isEmpty || utf8.firstRange(of: part.utf8) != nil
    }

    /// The text after `prefix`. `nil` if the text does not begin with it.
    package func tail(afterExactly prefix: some StringProtocol) -> Substring? {
        let text = Substring(self)
        guard text.utf8.starts(with: prefix.utf8) else { return nil }
        return Substring(text.utf8.dropFirst(prefix.utf8.count))
    }

    /// The text before `suffix`. `nil` if the text does not end with it.
    package func head(beforeExactly suffix: some StringProtocol) -> Substring? {
        guard endsExactly(with: suffix) else { return nil }
        return Substring(Substring(self).utf8.dropLast(suffix.utf8.count))
    }

    /// The text with every occurrence of `part` replaced.
    package func replacingExactly(_ part: some StringProtocol, with replacement: some StringProtocol) -> String {
        guard !part.isEmpty else { return String(self) }
        var result = ""
        var rest = Substring(self).utf8
        while let found = rest.firstRange(of: part.utf8) {
            result += Substring(rest[..<found.lowerBound])
            result += replacement
            rest = rest[found.upperBound...]
        }
        return result + Substring(rest)
    }

    /// The parts between separators, in order.
    package func splitExactly(
        at separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
    ) -> [Substring] {
        Substring(self).unicodeScalars
            .split(separator: separator, maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
            .map { Substring($0) }
    }

    /// The text with some scalars replaced by other text.
    package func mappingScalars(_ replacement: (Unicode.Scalar) -> String?) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let text = replacement(scalar) { result.append(contentsOf: text.unicodeScalars) } else { result.append(scalar) }
        }
        return String(result)
    }
}

extension Sequence<String> {
    /// The distinct elements, ordered by bytes.
    package func uniqueExactly() -> [String] {
        Set(map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar controls a terminal, ends a line, or changes the writing direction. Such scalars are allowed in no name and are
    /// never displayed.
    package var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}
