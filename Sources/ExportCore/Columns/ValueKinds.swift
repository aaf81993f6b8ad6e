/// The kinds of values seen in a column, distinguished as far as its type depends on them. Null is not a kind.
public struct ValueKinds: OptionSet, Sendable, Hashable, Codable {
    /// The set as bits, one for each kind.
    public let rawValue: Int

    /// Creates a set from its bits, as `columns.json` holds them.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// `true` and `false`.
    public static let boolean = ValueKinds(rawValue: 1 << 0)
    /// A whole number of at most 15 digits: every numeric type holds it.
    public static let shortInteger = ValueKinds(rawValue: 1 << 1)
    /// A longer whole number that fits 64 bits.
    public static let integer = ValueKinds(rawValue: 1 << 2)
    /// A number with a fraction that a double reproduces exactly.
    public static let number = ValueKinds(rawValue: 1 << 3)
    /// A number that no decimal of 38 digits before and after the point holds, or a number with an exponent.
    public static let floating = ValueKinds(rawValue: 1 << 4)
    /// A number that such a decimal holds, and neither 64 bits nor a double.
    public static let decimal = ValueKinds(rawValue: 1 << 5)
    /// Any other number.
    public static let hugeNumber = ValueKinds(rawValue: 1 << 6)
    /// A string.
    public static let string = ValueKinds(rawValue: 1 << 7)
    /// An array or an object.
    public static let json = ValueKinds(rawValue: 1 << 8)
    static let all = ValueKinds(rawValue: 1 << 9 - 1)
}

extension ColumnType {
    /// The values that a column of this type holds without loss.
    public var taken: ValueKinds {
        switch self {
        case .boolean: .boolean
        case .integer: [.shortInteger, .integer]
        case .number: [.shortInteger, .number, .floating]
        case .decimal: [.shortInteger, .integer, .number, .decimal]
        // A date-time is a string; only the value shows which strings are date-times.
        case .timestamp: .string
        // Other values are written as text, lists and objects as JSON text.
        case .string, .json: .all
        }
    }

    /// The type of a column that had `type` and now also has values of these kinds. Types only widen: integer → number or decimal → string.
    ///
    /// - Returns: `nil` if nothing is known.
    public static func inferred(from kinds: ValueKinds, widening type: ColumnType? = nil) -> ColumnType? {
        let kinds = kinds.union(type?.representative ?? [])
        guard !kinds.isEmpty else { return nil }
        if kinds == .json { return .json }
        return [.boolean, .integer, .number, .decimal].first { kinds.isSubset(of: $0.taken) } ?? .string
    }

    /// The kind of value that a column of this type is made for.
    private var representative: ValueKinds {
        switch self {
        case .boolean: .boolean
        case .integer: .shortInteger
        case .number: .number
        case .decimal: .decimal
        case .string, .timestamp: .string
        case .json: .json
        }
    }
}
