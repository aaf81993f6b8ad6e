/// A name in a folder as the file system stores it: bytes that are not necessarily valid text.
struct FileName: Sendable, Hashable {
    /// The bytes of the name, terminated by a zero for system calls.
    let bytes: [CChar]

    /// Creates a name. `nil` if the bytes are not a name: empty, `.`, `..`, or with a slash or a zero.
    init?(_ name: some Collection<UInt8>) {
        guard !name.isEmpty, !name.contains(0), !name.contains(UInt8(ascii: "/")), !name.elementsEqual(".".utf8),
            !name.elementsEqual("..".utf8)
        else { return nil }
        bytes = name.map(CChar.init(bitPattern:)) + [0]
    }

    /// Creates a name from text.
    /// - Parameter folder: The folder, for the message.
    /// - Throws: `StoreError.outside` if the text is not a name.
    init(_ text: String, in folder: Folder) throws {
        guard let name = Self(text.utf8) else { throw StoreError.outside(path: "\(folder.path)/\(text)") }
        self = name
    }

    /// The name as text. Invalid UTF-8 is shown as U+FFFD.
    var string: String { String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
}

extension FileName: ExpressibleByStringLiteral {
    init(stringLiteral name: String) {
        bytes = name.utf8.map(CChar.init(bitPattern:)) + [0]
    }
}
