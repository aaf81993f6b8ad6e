/// One of the files that AWS's tools share, `credentials` or `config`: sections of settings.
struct SharedFile: Equatable {
    private var sections: [String: [String: String]] = [:]

    /// Reads what can be read: other tools' settings stand there too.
    init(_ text: String) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let scalars = line.unicodeScalars
            // Indented lines are settings within a setting; none of them matters here.
            guard let first = scalars.first, !first.properties.isWhitespace, first != "#", first != ";" else { continue }
            if first == "[" {
                section = scalars.firstIndex(of: "]").map { Self.trimmed(Substring(scalars[..<$0].dropFirst())) }
                if let section, sections[section] == nil { sections[section] = [:] }
            } else if let section, let equals = scalars.firstIndex(of: "=") {
                sections[section]?[Self.trimmed(line[..<equals]).lowercased()] = Self.value(
                    Substring(scalars[equals...].dropFirst()))
            }
        }
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
