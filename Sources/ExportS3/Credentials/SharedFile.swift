/// One of the files that AWS's tools share, `credentials` or `config`: sections of settings.
struct SharedFile: Equatable {
    private var sections: [String: [String: String]] = [:]

    /// Reads what can be read: other tools' settings stand there too.
    init(_ text: String) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            // Indented lines are settings within a setting; none of them matters here.
            guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
            if first == "[" {
                section = line.firstIndex(of: "]").map { Self.trimmed(line[line.index(after: line.startIndex)..<$0]) }
                if let section, sections[section] == nil { sections[section] = [:] }
            } else if let section, let equals = line.firstIndex(of: "=") {
                sections[section]?[Self.trimmed(line[..<equals]).lowercased()] = Self.value(line[line.index(after: equals)...])
            }
        }
    }

    subscript(section: String) -> [String: String]? { sections[section] }

    private static func value(_ text: Substring) -> String {
        // A comment begins after a space.
        let end = [" #", " ;", "\t#", "\t;"].compactMap { text.firstRange(of: $0)?.lowerBound }.min() ?? text.endIndex
        return trimmed(text[..<end])
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
