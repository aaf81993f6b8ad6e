import ExportFormats

/// A value as the product reads it, in a form that another implementation can give too: `json_oracle.py` does.
struct CanonicalJSON {
    let text: PlacedText
    private(set) var bytes: [UInt8] = []

    init(_ text: PlacedText) {
        self.text = text
    }

    mutating func write(_ word: String) {
        bytes.append(contentsOf: word.utf8)
    }

    /// Recurses no deeper than validation allows.
    mutating func append(_ value: Range<Int>) {
        switch text.read({ JSONText.kind($0, value) }) {
        case .null: write("z")
        case .true: write(text.read { JSONText.boolean($0, value) } == true ? "t" : "?")
        case .false: write(text.read { JSONText.boolean($0, value) } == false ? "f" : "?")
        case .number: appendNumber(value)
        case .string: append(text.read { JSONText.string($0, value) } ?? "?")
        case .array:
            write("[")
            for element in elements(of: value) { append(element) }
            write("]")
        case .object:
            write("{")
            for (key, member) in members(of: value) {
                append(self.key(key))
                append(member)
            }
            write("}")
        }
    }

    /// What a path leads to, for each key of the object and those below it.
    mutating func appendPaths(of object: Range<Int>, root: Range<Int>, path: [String] = []) {
        var seen: Set<[UInt8]> = []
        for (key, _) in members(of: object) {
            let name = self.key(key)
            guard seen.insert(Array(name.utf8)).inserted, Self.isWhole(name) else { continue }
            guard let value = text.read({ JSONText.value(at: path + [name], of: root, in: $0) }) else {
                write("?")
                continue
            }
            write("p")
            append(name)
            append(value)
            if path.isEmpty { appendPaths(of: value, root: root, path: [name]) }
        }
    }

    func members(of object: Range<Int>) -> [(key: Range<Int>, value: Range<Int>)] {
        text.read { text in
            var members: [(key: Range<Int>, value: Range<Int>)] = []
            JSONText.forEachMember(of: object, in: text) { members.append(($0, $1)) }
            return members
        }
    }

    func elements(of array: Range<Int>) -> [Range<Int>] {
        text.read { text in
            var elements: [Range<Int>] = []
            JSONText.forEachElement(of: array, in: text) { elements.append($0) }
            return elements
        }
    }

    func key(_ key: Range<Int>) -> String {
        text.read { JSONText.string($0, key) } ?? "?"
    }

    private mutating func appendNumber(_ value: Range<Int>) {
        write("n")
        bytes.append(contentsOf: text.slice(value))
        write(";")
        write(text.read { JSONText.int64($0, value) }.map { "i\($0);" } ?? "-")
    }

    private mutating func append(_ words: String) {
        let words = Self.plain(words)
        write("s\(words.utf8.count):\(words)")
    }

    /// The escapes of unpaired surrogates, which stay as they are written, in lower case.
    private static func plain(_ words: String) -> String {
        guard !isWhole(words) else { return words }
        return words.replacing(surrogate) { String($0.output).lowercased() }
    }

    private static func isWhole(_ words: String) -> Bool {
        !words.utf8.contains(0x5C) || words.firstMatch(of: surrogate) == nil
    }

    private static var surrogate: Regex<Substring> {
        /\\u[dD][89a-fA-F][0-9a-fA-F][0-9a-fA-F]/.matchingSemantics(.unicodeScalar)
    }
}
