import ExportCore

/// The code of an error of ClickHouse: `Code: 60. DB::Exception: … (UNKNOWN_TABLE)`.
struct ClickHouseCode {
    private let number: Int
    private let message: Substring

    /// The first code in a text. The text after it may contain values of rows.
    init?(in text: String) {
        guard let start = text.utf8.firstRange(of: "Code: ".utf8)?.upperBound else { return nil }
        let rest = text[start...]
        guard let end = rest.utf8.firstIndex(where: { !(0x30...0x39).contains($0) }), let number = Int(rest[..<end]) else {
            return nil
        }
        self.number = number
        message = rest[end...]
    }

    /// Whether the server could not be reached.
    var isConnection: Bool { [32, 198, 209, 210, 279].contains(number) }

    /// The error of a statement. `nil` if the session itself was refused.
    func statement(_ context: String) -> StatementError? {
        let sessions = [36, 76, 115, 192, 193, 194, 516, 552]
        guard !isConnection, !sessions.contains(number) else { return nil }
        let known = Self.names[number]
        return StatementError(
            state: known?.name ?? "code \(number)", message: known?.isShown == true ? words : nil, context: context)
    }

    /// Names of tables, grants and limits.
    private var words: String {
        var rest = message.splitExactly(at: "\n").first ?? ""
        while let prefix = rest.utf8.firstRange(of: "DB::Exception: ".utf8) { rest = rest[prefix.upperBound...] }
        return String(rest).shown()
    }

    static func isRetryable(_ state: String) -> Bool {
        names.values.contains { $0.isRetryable && $0.name.equalsExactly(state) }
    }

    private struct Name {
        let name: String
        var isShown = false
        var isRetryable = false
    }

    private static let names: [Int: Name] = [
        6: Name(name: "CANNOT_PARSE_TEXT"), 26: Name(name: "CANNOT_PARSE_QUOTED_STRING"),
        27: Name(name: "CANNOT_PARSE_INPUT_ASSERTION_FAILED"), 38: Name(name: "CANNOT_PARSE_DATE"),
        41: Name(name: "CANNOT_PARSE_DATETIME"), 57: Name(name: "TABLE_ALREADY_EXISTS", isShown: true),
        60: Name(name: "UNKNOWN_TABLE", isShown: true), 69: Name(name: "ARGUMENT_OUT_OF_BOUND"),
        72: Name(name: "CANNOT_PARSE_NUMBER"), 81: Name(name: "UNKNOWN_DATABASE", isShown: true), 117: Name(name: "INCORRECT_DATA"),
        159: Name(name: "TIMEOUT_EXCEEDED", isRetryable: true), 164: Name(name: "READONLY", isShown: true),
        202: Name(name: "TOO_MANY_SIMULTANEOUS_QUERIES", isShown: true, isRetryable: true),
        225: Name(name: "NO_ZOOKEEPER", isRetryable: true), 236: Name(name: "ABORTED", isRetryable: true),
        241: Name(name: "MEMORY_LIMIT_EXCEEDED", isRetryable: true),
        242: Name(name: "TABLE_IS_READ_ONLY", isShown: true, isRetryable: true),
        243: Name(name: "NOT_ENOUGH_SPACE", isRetryable: true), 252: Name(name: "TOO_MANY_PARTS", isRetryable: true),
        319: Name(name: "UNKNOWN_STATUS_OF_INSERT", isRetryable: true), 321: Name(name: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE"),
        394: Name(name: "QUERY_WAS_CANCELLED", isRetryable: true), 467: Name(name: "CANNOT_PARSE_BOOL"),
        497: Name(name: "ACCESS_DENIED", isShown: true), 999: Name(name: "KEEPER_EXCEPTION", isRetryable: true),
    ]
}
