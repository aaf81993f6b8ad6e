import ExportCore

/// The secret that names an agent. It is sent, and never shown: every description of it is blank.
public struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// - Returns: nil for a text that cannot be a header's value: empty, or with spaces or control characters inside.
    public init?(_ text: String) {
        let trimmed = text.split(whereSeparator: \.isWhitespace)
        guard trimmed.count == 1, let word = trimmed.first, word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        value = String(word)
    }

    /// The value of `Authorization`.
    var authorization: String { "Api-Key \(value)" }

    /// Stands for the key at an endpoint where limits are kept; the key cannot be found from it.
    func account(at endpoint: String) -> String { LimitRecords.account(ofKey: value, at: endpoint) }

    /// A text without the key, where a service repeats it.
    func redacted(in text: String) -> String {
        text.replacingExactly(value, with: description)
    }

    public var description: String { "(key)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
