/// The reason and position at which a text is not valid JSON. Contains nothing of the text itself.
public struct JSONError: Error, Sendable, Hashable {
    /// The kind of error at the offset.
    public enum Reason: Sendable, Hashable, CaseIterable {
        case unexpectedEnd
        case unexpectedByte
        case invalidNumber
        case invalidEscape
        case controlCharacter
        case invalidUTF8
        case tooDeep
        case trailingBytes
    }

    /// The kind of error.
    public let reason: Reason
    /// The offset from the start of the text in bytes.
    public let offset: Int

    /// Creates an error at an offset in bytes.
    public init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        "not JSON: \(words) at byte \(offset)"
    }

    private var words: String {
        switch reason {
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedByte: "an unexpected byte"
        case .invalidNumber: "a malformed number"
        case .invalidEscape: "an invalid escape"
        case .controlCharacter: "a control character inside a string"
        case .invalidUTF8: "bytes that are not UTF-8"
        case .tooDeep: "more than \(JSONScanner.maximumDepth) levels of nesting"
        case .trailingBytes: "more text after the value"
        }
    }
}
