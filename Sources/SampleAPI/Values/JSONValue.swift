/// A JSON value as it is written: numbers keep their spelling, objects their order.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The literal: `9007199254740993`, `1E400`, `-0`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Sendable, Hashable {
        var key: String
        var value: JSONValue
    }

    static func integer(_ value: Int) -> JSONValue {
        .number(String(value))
    }

    static func text(_ value: String?) -> JSONValue {
        value.map { .string($0) } ?? .null
    }

    /// Sets an object's key in its place, or adds it at the end. Anything but an object becomes one.
    mutating func set(_ key: String, to value: JSONValue) {
        guard case .object(var members) = self else {
            self = .object([Member(key: key, value: value)])
            return
        }
        if let place = members.firstIndex(where: { $0.key == key }) {
            members[place].value = value
        } else {
            members.append(Member(key: key, value: value))
        }
        self = .object(members)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
    init(nilLiteral: ()) { self = .null }
}
