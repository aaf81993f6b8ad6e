import ExportCore

/// A file shared by AWS tools, `credentials` or `config`, with sections of settings.
struct SharedFile: Equatable {
    private var sections: [String: [String: String]] = [:]

    /// Parses a file. Like AWS tools, it ignores lines that it cannot parse, since they may be settings of other tools.
    ///
    /// A line that is indented further than the setting before it continues the value of that setting, such as the settings within `s3 =`,
    /// none of which matters here. All settings of a section may be equally indented.
    init(_ text: String) {
        var section: String?
        /// The indentation of the previous setting in the section. `nil` if there is none yet.
        var indent: Int?
        for line in text.splitExactly(at: "\n") {
            let all = line.unicodeScalars.drop { $0 == "\u{FEFF}" }
            let scalars = all.drop { $0.properties.isWhitespace }
            // Empty lines and comments do not end a value.
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

    /// The name of a section: `profile night`, with any white space between the words, or `profile "night"`.
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
