import ExportCore

/// An element of an XML response: its name, its text, and its child elements.
///
/// The parser supports only what stores send: attributes are ignored, and document types, with their entities, and documents with too many
/// elements are refused. The system's own parser would add a dozen megabytes to the command.
struct XMLElement: Equatable {
    let name: String
    private(set) var text = ""
    private(set) var children: [XMLElement] = []

    struct Unreadable: Error {}

    /// The first child with a name.
    subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    private init(name: String) {
        self.name = name
    }

    /// Parses a document.
    /// - Throws: `Unreadable` if it is not a complete document.
    init(parsing bytes: some Collection<UInt8>) throws {
        var reader = Reader(bytes: Array(bytes.dropFirst(ByteOrderMark.length(in: bytes))))
        self = try reader.document()
    }

    /// The maximum nesting of elements.
    private static let depthLimit = 16
    /// The maximum number of elements in a document. A page of 1,000 keys has about ten for each.
    private static let countLimit = 50_000

    /// A sequential reader that works with bytes, because a grapheme cluster may be several characters in XML.
    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var count = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        private static let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        private static let open = UInt8(ascii: "<")

        mutating func document() throws -> XMLElement {
            try skipProlog()
            guard let root = try element(depth: 0) else { throw Unreadable() }
            try skipProlog()
            guard position == bytes.count else { throw Unreadable() }
            return root
        }

        /// Skips white space, comments and processing instructions.
        private mutating func skipProlog() throws {
            while true {
                while position < bytes.count, Self.spaces.contains(bytes[position]) { position += 1 }
                if take("<?") { _ = try upTo("?>") } else if take("<!--") { _ = try upTo("-->") } else { return }
            }
        }

        /// Reads an element. `nil` at a closing tag or the end.
        private mutating func element(depth: Int) throws -> XMLElement? {
            guard depth < depthLimit, count < countLimit else { throw Unreadable() }
            guard position < bytes.count, bytes[position] == Self.open, !begins("</") else { return nil }
            count += 1
            position += 1
            let (tag, isEmpty) = try self.tag()
            var element = XMLElement(name: try Self.name(tag))
            if isEmpty { return element }
            var text: [UInt8] = []
            while true {
                if take("<!--") {
                    _ = try upTo("-->")
                } else if take("<![CDATA[") {
                    text += try upTo("]]>")
                } else if take("</") {
                    guard try Self.name(upTo(">")) == element.name else { throw Unreadable() }
                    // White space between elements is only formatting.
                    if element.children.isEmpty { element.text = try Self.string(text[...]) }
                    return element
                } else if let child = try self.element(depth: depth + 1) {
                    element.children.append(child)
                } else {
                    let found = bytes[position...].prefix { $0 != Self.open }
                    guard !found.isEmpty else { throw Unreadable() }
                    position = found.endIndex
                    text += try Self.unescaped(found)
                }
            }
        }

        /// Reads a tag without its brackets, and whether it closes itself. Brackets in quotes do not end it.
        private mutating func tag() throws -> (ArraySlice<UInt8>, isEmpty: Bool) {
            var quote: UInt8?
            for index in position..<bytes.count {
                let byte = bytes[index]
                if let open = quote {
                    if byte == open { quote = nil }
                } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    quote = byte
                } else if byte == UInt8(ascii: ">") {
                    let tag = bytes[position..<index]
                    position = index + 1
                    let isEmpty = tag.last == UInt8(ascii: "/")
                    return (isEmpty ? tag.dropLast() : tag, isEmpty)
                }
            }
            throw Unreadable()
        }

        private func begins(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

        private mutating func take(_ text: String) -> Bool {
            guard begins(text) else { return false }
            position += text.utf8.count
            return true
        }

        private mutating func upTo(_ end: String) throws -> ArraySlice<UInt8> {
            let start = position
            while let next = bytes[position...].firstIndex(where: { $0 == end.utf8.first }) {
                position = next
                if take(end) { return bytes[start..<next] }
                position += 1
            }
            throw Unreadable()
        }

        /// The name in a tag, without its namespace and attributes.
        private static func name(_ tag: ArraySlice<UInt8>) throws -> String {
            let whole = tag.prefix { !spaces.contains($0) }
            let name = try string(whole.split(separator: UInt8(ascii: ":")).last ?? [])
            guard let first = name.first, first.isLetter else { throw Unreadable() }
            return name
        }

        private static func string(_ bytes: ArraySlice<UInt8>) throws -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Unreadable() }
            return text
        }

        private static func unescaped(_ bytes: ArraySlice<UInt8>) throws -> [UInt8] {
            var text: [UInt8] = []
            var rest = bytes
            while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
                text += rest[..<start]
                // The longest entity for a single character.
                let entity = rest[start...].dropFirst().prefix(maximumEntityLength).prefix { $0 != UInt8(ascii: ";") }
                guard entity.endIndex < rest.endIndex, rest[entity.endIndex] == UInt8(ascii: ";"),
                    let scalar = scalar(try string(entity))
                else { throw Unreadable() }
                text += Array(String(Character(scalar)).utf8)
                rest = rest[(entity.endIndex + 1)...]
            }
            return text + rest
        }

        private static let maximumEntityLength = 12

        private static func scalar(_ entity: String) -> Unicode.Scalar? {
            switch entity {
            case "lt": "<"
            case "gt": ">"
            case "amp": "&"
            case "quot": "\""
            case "apos": "'"
            default:
                if let digits = entity.tail(afterExactly: "#x") {
                    UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
                } else {
                    entity.tail(afterExactly: "#").flatMap { UInt32($0) }.flatMap(Unicode.Scalar.init)
                }
            }
        }
    }
}

/// Text in the XML of a request.
package enum XMLText {
    /// The text with the special characters of XML escaped.
    package static func escaped(_ text: String) -> String {
        text.mappingScalars { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: nil
            }
        }
    }
}
