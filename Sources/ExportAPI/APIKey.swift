import ExportCore

/// The secret key of an agent. It is sent but never displayed: its descriptions do not contain it.
public struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// Creates a key from a text, without white space around it.
    /// - Returns: `nil` if the text is not valid as a header value: empty, or with spaces or control characters inside.
    public init?(_ text: String) {
        let trimmed = text.split(whereSeparator: \.isWhitespace)
        guard trimmed.count == 1, let word = trimmed.first, word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        value = String(word)
    }

    /// The value of `Authorization`.
    var authorization: String { "Api-Key \(value)" }

    /// The identifier of the key at an endpoint in stored limits. The key cannot be determined from it.
    func account(at endpoint: String) -> String { LimitRecords.account(ofKey: value, at: endpoint) }

    /// The text with the key removed, in case a service repeats it.
    func redacted(in text: String) -> String {
        text.replacingExactly(value, with: description)
    }

    public var description: String { "(key)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
