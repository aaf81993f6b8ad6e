/// The name of something in a folder, as the file system has it: bytes, which need be no text.
struct FileName: Sendable, Hashable {
    /// The bytes of the name, with a zero at the end, as the system takes it.
    let bytes: [CChar]

    /// Nil for what is no name: nothing, `.`, `..`, and what has a slash or a zero in it.
    init?(_ name: some Collection<UInt8>) {
        guard !name.isEmpty, !name.contains(0), !name.contains(UInt8(ascii: "/")), !name.elementsEqual(".".utf8),
            !name.elementsEqual("..".utf8)
        else { return nil }
        bytes = name.map(CChar.init(bitPattern:)) + [0]
    }

    /// - Parameter folder: For the message.
    /// - Throws: `StoreError.outside` for what is no name.
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
