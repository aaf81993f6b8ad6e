import ExportCore

/// One of the files that AWS's tools share, `credentials` or `config`: sections of settings.
struct SharedFile: Equatable {
    private var sections: [String: [String: String]] = [:]

    /// Reads what can be read, as AWS's own tools do: other tools' settings stand there too.
    ///
    /// How far a line is indented says what it is: one that is indented further than the setting before it goes on with the value of
    /// that one, such as the settings within `s3 =`, none of which matters here. All settings of a section may be indented alike.
    init(_ text: String) {
        var section: String?
        /// The indentation of the setting before, in its section. Nil: none came yet.
        var indent: Int?
        for line in text.splitExactly(at: "\n") {
            let all = line.unicodeScalars.drop { $0 == "\u{FEFF}" }
            let scalars = all.drop { $0.properties.isWhitespace }
            // Neither an empty line nor a comment ends a value.
            guard let first = scalars.first, first != "#", first != ";" else { continue }
            let depth = all.count - scalars.count
            if let indent, depth > indent { continue }
            if first == "[" {
                section = scalars.firstIndex(of: "]").map { Self.name(Substring(scalars[..<$0].dropFirst())) }
                indent = nil
                if let section, sections[section] == nil { sections[section] = [:] }
            } else if let section, let equals = scalars.firstIndex(where: { $0 == "=" || $0 == ":" }) {
                indent = depth
                sections[section]?[Self.trimmed(Substring(scalars[..<equals])).lowercased()] = Self.value(
                    Substring(scalars[equals...].dropFirst()))
            }
        }
    }

    /// The name of a section: `profile night`, whatever stands between the words, and `profile "night"`.
    private static func name(_ text: Substring) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map { word in
            var word = word
            for quote: Unicode.Scalar in ["\"", "'"] where word.count > 1 && word.first == quote && word.last == quote {
                word = word.dropFirst().dropLast()
            }
            return String(word)
        }.joined(separator: " ")
    }

    subscript(section: String) -> [String: String]? { sections[section] }

    private static func value(_ text: Substring) -> String {
        // A comment begins after a space.
        let end = [" #", " ;", "\t#", "\t;"].compactMap { text.utf8.firstRange(of: $0.utf8)?.lowerBound }.min() ?? text.endIndex
        return trimmed(text[..<end])
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
