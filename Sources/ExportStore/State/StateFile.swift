import Crypto
package import ExportCore
package import FoundationEssentials
import Synchronization

/// The encoding of files under `_agentsight`: JSON with a checksum of the file, so that any changed byte is detected.
///
/// `checksum` is the SHA-256 of the file's bytes with the checksum's own 64 digits replaced by zeros. It also covers white space and the
/// order of keys, so a file can be checked without being encoded again.
package enum StateFile {
    private static let prefix = "sha256:"
    private static let noDigits = String(repeating: "0", count: 64)

    private enum Key: String, CodingKey {
        case checksum
    }

    /// Encodes a value with its checksum.
    /// - Throws: `StoreError.stateTooLarge`, and errors of encoding `value`.
    package static func encode<Value: StoredState>(_ value: Value) throws -> [UInt8] {
        let blank = try encoder.encode(Sealed(value: value))
        guard blank.count <= Value.largestFile else { throw StoreError.stateTooLarge(limit: Value.largestFile) }
        guard let place = blank.firstRange(of: Data(noDigits.utf8)) else { return Array(blank) }
        var sealed = blank
        sealed.replaceSubrange(place, with: SHA256.hash(data: blank).hexadecimal.utf8)
        return Array(sealed)
    }

    /// The value in a file. `nil` if there is no file, or it was changed.
    /// - Parameters:
    ///   - content: The content of the file. `nil` if there is none.
    ///   - place: The path of the file, for messages.
    /// - Throws: `StoreError.newerFormat`.
    package static func value<Value: StoredState>(
        _ type: Value.Type, in content: Data?, at place: String
    ) throws(StoreError) -> Value? {
        guard let content else { return nil }
        do {
            return try decode(type, from: content)
        } catch let newer as Newer {
            throw .newerFormat(path: place, newer.format)
        } catch {
            return nil
        }
    }

    /// Decodes and checks a file.
    ///
    /// Files of older versions have no checksum. They must not have unknown keys either, so that a checksum with a damaged name does not
    /// count as missing.
    /// - Throws: `Damaged` if the file was changed, or has values that no run writes; `Newer`; errors of decoding.
    package static func decode<Value: StoredState>(_ type: Value.Type, from content: Data) throws -> Value {
        guard content.count <= Value.largestFile else { throw Damaged() }
        // Decoding takes many times the memory of the file, so only one large file is decoded at a time.
        guard content.count > 1 << 18 else { return try checked(type, content) }
        return try turn.withLock { _ in
            guard !isCrowded(content) else { throw Damaged() }
            return try checked(type, content)
        }
    }

    /// Whether the file has more values than lines allow, although the exporter writes each value on its own line. Each decoded value takes
    /// fifty bytes, however small it is.
    private static func isCrowded(_ content: Data) -> Bool {
        var (values, isInString, isEscaped) = (0, false, false)
        for byte in Array(content) {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ":"): values += isInString ? 0 : 1
            default: break
            }
        }
        return values > content.count / 7
    }

    private static let turn = Mutex(())

    private static func checked<Value: StoredState>(_ type: Value.Type, _ content: Data) throws -> Value {
        let decoder = JSONDecoder()
        let head = try decoder.decode(Head.self, from: content)
        let isSealed = try head.checksum.map { try checkSeal(of: content, $0, isNewer: head.format > Value.newestFormat) } ?? false
        if head.format > Value.newestFormat { throw Newer(format: head.format) }
        let value = try decoder.decode(type, from: content)
        if !isSealed {
            let known = try decoder.decode(Names.self, from: encoder.encode(value)).names
            guard try decoder.decode(Names.self, from: content).names.isSubset(of: known) else { throw Damaged() }
        }
        guard head.format > 0, value.isWithinBounds else { throw Damaged() }
        return value
    }

    /// Checks the checksum of a file.
    /// - Parameter isNewer: Whether a newer version wrote the file, so that the checksum may be of another kind.
    /// - Returns: Whether the checksum is of a kind that this version knows.
    /// - Throws: `Damaged` if the checksum does not match the file.
    private static func checkSeal(of content: Data, _ written: String, isNewer: Bool) throws -> Bool {
        let digits = Data((written.tail(afterExactly: prefix) ?? "").utf8)
        guard digits.count == noDigits.utf8.count, let place = content.firstRange(of: digits) else {
            guard isNewer else { throw Damaged() }
            return false
        }
        var blank = content
        blank.replaceSubrange(place, with: noDigits.utf8)
        guard written == prefix + SHA256.hash(data: blank).hexadecimal else { throw Damaged() }
        return true
    }

    /// The error of a file in a format that this version does not know.
    struct Newer: Error {
        let format: Int
    }

    /// The error of a file that was changed.
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

    /// The keys that all state files have.
    private struct Head: Decodable {
        let format: Int
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
