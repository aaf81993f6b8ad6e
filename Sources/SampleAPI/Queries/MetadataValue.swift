/// The value of a metadata filter, typed by its form: `1` is a number, `true` a boolean, `null` null, anything else text.
enum MetadataValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(DecimalLiteral)
    case text(ExactText)

    init(_ text: String) {
        switch text {
        case "null": self = .null
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        default: self = DecimalLiteral(text).map { .number($0) } ?? .text(ExactText(text))
        }
    }

    /// Whether the value at `path`, one object's key after the other, is this one. A key that is not there is not null.
    func matches(_ metadata: JSONValue, at path: [ExactText]) -> Bool {
        var found = metadata
        for key in path {
            guard case .object(let members) = found, let next = members.first(where: { key.equals($0.key) }) else { return false }
            found = next.value
        }
        return switch (self, found) {
        case (.null, .null): true
        case (.bool(let wanted), .bool(let value)): wanted == value
        case (.number(let wanted), .number(let literal)): wanted == DecimalLiteral(literal)
        case (.text(let wanted), .string(let text)): wanted.equals(text)
        default: false
        }
    }
}
