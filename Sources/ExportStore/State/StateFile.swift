import Crypto
package import ExportCore
package import FoundationEssentials
import Synchronization

/// How the files under `_agentsight` are written: JSON with a checksum of itself, so that any changed byte of it is found.
///
/// `checksum` is the SHA-256 of the file's bytes with the checksum's own 64 digits as zeros. White space and the order of keys are
/// covered too: nothing has to be written the same way twice for a file to be checked.
package enum StateFile {
    private static let prefix = "sha256:"
    private static let noDigits = String(repeating: "0", count: 64)

    private enum Key: String, CodingKey {
        case checksum
    }

    /// - Throws: `StoreError.stateTooLarge`, what encoding `value` throws.
    package static func encode<Value: StoredState>(_ value: Value) throws -> [UInt8] {
        let blank = try encoder.encode(Sealed(value: value))
        guard blank.count <= Value.largestFile else { throw StoreError.stateTooLarge(limit: Value.largestFile) }
        guard let place = blank.firstRange(of: Data(noDigits.utf8)) else { return Array(blank) }
        var sealed = blank
        sealed.replaceSubrange(place, with: SHA256.hash(data: blank).hexadecimal.utf8)
        return Array(sealed)
    }

    /// The value in a file; nil if there is no file, or it has been changed.
    /// - Parameters:
    ///   - content: Of the file. Nil: there is none.
    ///   - place: Of the file, for messages.
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

    /// Reads a file, and checks it.
    ///
    /// A file of an older version has no checksum. It has none of anything else that is unknown, either: so a checksum whose name
    /// was damaged does not pass for one that is not there.
    /// - Throws: `Damaged` where the bytes are not those that were written, or say what no run writes; `Newer`; what decoding throws.
    package static func decode<Value: StoredState>(_ type: Value.Type, from content: Data) throws -> Value {
        guard content.count <= Value.largestFile else { throw Damaged() }
        // Reading takes many times the size of the file: of large ones no two are read at once.
        guard content.count > 1 << 18 else { return try checked(type, content) }
        return try turn.withLock { _ in
            guard !isCrowded(content) else { throw Damaged() }
            return try checked(type, content)
        }
    }

    /// Whether there are more values in it than there can be where each has a line of its own, as it is written. Each value that is read
    /// takes fifty bytes, however small it is.
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

    /// - Parameter isNewer: Then the checksum may be of another kind.
    /// - Returns: Whether it is of a kind that this version knows.
    /// - Throws: `Damaged` where the file is not what its checksum was taken of.
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

    /// The file is of a format that this version does not know.
    struct Newer: Error {
        let format: Int
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

    /// The keys that all these files have.
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
