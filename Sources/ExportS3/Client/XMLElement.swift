/// An element of an XML answer: its name, its text, and the elements in it.
///
/// Reads what stores send, and no more: attributes are passed over, and a document type, with its entities, is refused. The
/// system's own parser would link another dozen megabytes into every start of the command.
struct XMLElement: Equatable {
    let name: String
    private(set) var text = ""
    private(set) var children: [XMLElement] = []

    struct Unreadable: Error {}

    /// The first child of a name.
    subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    private init(name: String) {
        self.name = name
    }

    /// - Throws: `Unreadable` for what is no whole document.
    init(parsing bytes: some Collection<UInt8>) throws {
        var reader = Reader(rest: Array(bytes)[...])
        self = try reader.document()
    }

    /// Elements in elements: nothing in an answer is nested deeper.
    private static let depthLimit = 16

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func document() throws -> XMLElement {
            try skipProlog()
            guard let root = try element(depth: 0) else { throw Unreadable() }
            try skipProlog()
            guard rest.isEmpty else { throw Unreadable() }
            return root
        }

        /// White space, comments and processing instructions.
        private mutating func skipProlog() throws {
            while true {
                rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
                if take("<?") { _ = try upTo("?>") } else if take("<!--") { _ = try upTo("-->") } else { return }
            }
        }

        /// An element; nil where a closing tag or the end stands.
        private mutating func element(depth: Int) throws -> XMLElement? {
            guard depth < depthLimit else { throw Unreadable() }
            guard rest.first == UInt8(ascii: "<"), !rest.starts(with: "</".utf8) else { return nil }
            rest.removeFirst()
            let (tag, isEmpty) = try self.tag()
            var element = XMLElement(name: try Self.name(tag))
            if isEmpty { return element }
            while true {
                if take("<!--") {
                    _ = try upTo("-->")
                } else if take("<![CDATA[") {
                    element.text += try Self.string(upTo("]]>"))
                } else if take("</") {
                    guard try Self.name(upTo(">")) == element.name else { throw Unreadable() }
                    // Between elements white space only lays them out.
                    if !element.children.isEmpty { element.text = "" }
                    return element
                } else if let child = try self.element(depth: depth + 1) {
                    element.children.append(child)
                } else {
                    let text = rest.prefix { $0 != UInt8(ascii: "<") }
                    guard !text.isEmpty else { throw Unreadable() }
                    rest = rest[text.endIndex...]
                    element.text += try Self.unescaped(text)
                }
            }
        }

        /// A tag without its brackets, and whether it closes itself. What stands in quotes does not end it.
        private mutating func tag() throws -> (ArraySlice<UInt8>, isEmpty: Bool) {
            var quote: UInt8?
            for (index, byte) in zip(rest.indices, rest) {
                if let open = quote {
                    if byte == open { quote = nil }
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    quote = byte
                } else if byte == UInt8(ascii: ">") {
                    let tag = rest[..<index]
                    rest = rest[(index + 1)...]
                    let isEmpty = tag.last == UInt8(ascii: "/")
                    return (isEmpty ? tag.dropLast() : tag, isEmpty)
                }
            }
            throw Unreadable()
        }

        private mutating func take(_ text: StaticString) -> Bool {
            let bytes = Array(text.description.utf8)
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }

        private mutating func upTo(_ end: StaticString) throws -> ArraySlice<UInt8> {
            let bytes = Array(end.description.utf8)
            guard let range = rest.firstRange(of: bytes) else { throw Unreadable() }
            defer { rest = rest[range.upperBound...] }
            return rest[..<range.lowerBound]
        }

        /// Without a name space, and what attributes follow.
        private static func name(_ tag: ArraySlice<UInt8>) throws -> String {
            let whole = tag.prefix { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
            let name = try string(whole.split(separator: UInt8(ascii: ":")).last ?? [])
            guard let first = name.first, first.isLetter else { throw Unreadable() }
            return name
        }

        private static func string(_ bytes: ArraySlice<UInt8>) throws -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Unreadable() }
            return text
        }

        private static func unescaped(_ bytes: ArraySlice<UInt8>) throws -> String {
            guard bytes.contains(UInt8(ascii: "&")) else { return try string(bytes) }
            var text = ""
            var rest = try string(bytes)[...]
            while let start = rest.firstIndex(of: "&") {
                guard let end = rest[start...].firstIndex(of: ";"), let scalar = scalar(rest[start..<end].dropFirst()) else {
                    throw Unreadable()
                }
                text += rest[..<start]
                text.unicodeScalars.append(scalar)
                rest = rest[rest.index(after: end)...]
            }
            return text + rest
        }

        private static func scalar(_ entity: Substring) -> Unicode.Scalar? {
            switch entity {
            case "lt": "<"
            case "gt": ">"
            case "amp": "&"
            case "quot": "\""
            case "apos": "'"
            case _ where entity.hasPrefix("#x"): UInt32(entity.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
            case _ where entity.hasPrefix("#"): UInt32(entity.dropFirst()).flatMap(Unicode.Scalar.init)
            default: nil
            }
        }
    }
}
