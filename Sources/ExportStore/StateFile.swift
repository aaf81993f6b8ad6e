import Crypto
import ExportCore
package import FoundationEssentials

/// How the files under `_agentsight` are written: JSON with a checksum of itself, so that any changed byte of it is found.
///
/// `checksum` is the SHA-256 of the file's bytes with the checksum's own 64 digits as zeros. White space and the order of keys are
/// covered too: nothing has to be written the same way twice for a file to be checked.
package enum StateFile {
    /// The bytes of one at the most: what is larger was not written by an exporter, and is not read into memory.
    static let largest = 64 << 20

    private static let prefix = "sha256:"
    private static let noDigits = String(repeating: "0", count: 64)

    private enum Key: String, CodingKey {
        case checksum
    }

    /// - Throws: What encoding `value` throws.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let blank = try encoder.encode(Sealed(value: value))
        guard let place = blank.firstRange(of: Data(noDigits.utf8)) else { return Array(blank) }
        var sealed = blank
        sealed.replaceSubrange(place, with: SHA256.hash(data: blank).hexadecimal.utf8)
        return Array(sealed)
    }

    /// Reads a file, and checks it.
    ///
    /// A file of an older version has no checksum. It has none of anything else that is unknown, either: so a checksum whose name
    /// was damaged does not pass for one that is not there.
    /// - Throws: `Damaged` where the bytes are not those that were written; what decoding throws.
    package static func decode<Value: Codable>(_ type: Value.Type, from content: Data) throws -> Value {
        let decoder = JSONDecoder()
        guard let written = try decoder.decode(Checksum.self, from: content).checksum else {
            let value = try decoder.decode(type, from: content)
            let known = try decoder.decode(Names.self, from: encoder.encode(value)).names
            guard try decoder.decode(Names.self, from: content).names.isSubset(of: known) else { throw Damaged() }
            return value
        }
        let digits = Data((written.tail(afterExactly: prefix) ?? "").utf8)
        guard digits.count == noDigits.utf8.count, let place = content.firstRange(of: digits) else { throw Damaged() }
        var blank = content
        blank.replaceSubrange(place, with: noDigits.utf8)
        guard written == prefix + SHA256.hash(data: blank).hexadecimal else { throw Damaged() }
        return try decoder.decode(type, from: content)
    }

    /// The bytes of the file are not those that were written.
    struct Damaged: Error {}

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// A value with a place for its checksum.
    private struct Sealed<Value: Encodable>: Encodable {
        let value: Value

        func encode(to encoder: any Encoder) throws {
            try value.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(prefix + noDigits, forKey: .checksum)
        }
    }

    private struct Checksum: Decodable {
        let checksum: String?
    }

    /// The keys of an object.
    private struct Names: Decodable {
        let names: Set<String>

        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            names = Set(try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue))
        }
    }
}
