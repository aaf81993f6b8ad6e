import ExportCore
import ExportWarehouse

/// The standard error of a client that ended, without messages of the server, which may contain values of rows.
struct ClientMessage {
    private let text: String
    private let system: WarehouseSystem

    init(_ text: String, of system: WarehouseSystem) {
        self.text = text
        self.system = system
    }

    func error(program: String, status: String) -> LoadError {
        if let statement { return .statement(statement) }
        let words = Self.line(text)
        let isAnswered = text.containsExactly("FATAL:")
        let isBusy = [
            "starting up", "shutting down", "too many clients", "too many connections", "recovery mode",
            "remaining connection slots",
        ]
        .contains { text.containsExactly($0) }
        if system == .clickhouse {
            guard let code = ClickHouseCode(in: text) else { return .refused(words.isEmpty ? status : words) }
            return code.isConnection || text.containsExactly("Cannot lock file") ? .unavailable(words) : .refused(words)
        }
        if system == .duckdb {
            return text.containsExactly("Could not set lock") ? .unavailable(words) : .refused(words.isEmpty ? status : words)
        }
        if isAnswered, !isBusy { return .refused(words) }
        let isConnection =
            isBusy
            || ["connection to server", "could not connect", "could not translate host name", "timeout expired"]
                .contains { text.containsExactly($0) }
        if text.containsExactly("no password supplied") || text.containsExactly("fe_sendauth") { return .refused(words) }
        if isConnection { return .unavailable(words) }
        if words.isEmpty { return .unavailable("\(program) ended without a message (\(status))") }
        return .refused(words)
    }

    /// The error of a statement, by its SQLSTATE.
    private var statement: StatementError? {
        if system == .duckdb { return duckStatement }
        if system == .clickhouse { return ClickHouseCode(in: text)?.statement(text) }
        for line in text.splitExactly(at: "\n") {
            guard let found = Self.state(in: String(line)) else { continue }
            let hint = found.message.containsExactly("used by a view") ? ". Drop the view, load again, and create it anew." : ""
            return StatementError(
                state: found.state, message: Self.mayShow(found.state) ? found.message.shown() + hint : nil, column: nil,
                context: text)
        }
        return nil
    }

    /// DuckDB names the kind of an error, and has no states.
    private var duckStatement: StatementError? {
        // Its own messages may contain parts of a statement and values.
        let dependency = "an index or a view depends on the table. Drop it, load again, and create it anew."
        let known = [
            ("read-only mode", "the database was opened read-only. Start the client without -readonly."),
            ("depends on it", dependency), ("depend on it", dependency),
        ]
        let missing = "it names a table or a column that is not there, or is another than load made. Run load again."
        let kinds = [
            ("Catalog Error", missing), ("Binder Error", missing), ("Permission Error", "it is not permitted."),
            ("Dependency Error", dependency),
            ("Constraint Error", "a row breaks a constraint of the table, such as an index that somebody has made unique."),
            ("Out of Memory Error", "there is not enough memory."),
            ("TransactionContext Error", "its transaction had failed before."),
        ]
        let values = ["Conversion Error", "Invalid Input Error", "Out of Range Error"]
        guard let kind = (values + kinds.map(\.0)).first(where: text.containsExactly) else { return nil }
        // What a value is refused for, ends in that value.
        let isValue = values.contains(where: kind.equalsExactly) && !text.containsExactly("read-only mode")
        let words = isValue ? nil : known.first { text.containsExactly($0.0) } ?? kinds.first { $0.0.equalsExactly(kind) }
        return StatementError(state: kind, message: words?.1, column: nil, context: text)
    }

    /// `ERROR:  22P02: invalid input syntax …`.
    private static func state(in line: String) -> (state: String, message: String)? {
        guard let start = line.utf8.firstRange(of: ":  ".utf8)?.upperBound else { return nil }
        let rest = line[start...]
        let state = rest.utf8.prefix(5)
        guard state.count == 5, state.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }),
            let message = rest.tail(afterExactly: String(Substring(state)) + ": ")
        else {
            return nil
        }
        return (String(Substring(state)), String(message))
    }

    /// Whether the first line of a message with this state contains only names and no values.
    private static func mayShow(_ state: String) -> Bool {
        guard !state.equalsExactly("42601") else { return false }
        return ["0A", "23", "25", "28", "2B", "3D", "3F", "40", "42", "53", "54", "55", "57", "58"].contains {
            state.startsExactly(with: $0)
        }
    }

    /// The client's own message on one line.
    private static func line(_ text: String) -> String {
        text.splitExactly(at: "\n").prefix(3).map { $0.replacingExactly("\t", with: " ") }.joined(separator: " ").shown()
    }
}

/// A statement that the warehouse refused.
public struct StatementError: Error, Sendable, Hashable {
    /// The SQLSTATE, or its equivalent in the system.
    public let state: String
    /// The system's message, or the meaning of its state. `nil` if values of the statement were refused, which the message could contain.
    public let message: String?
    /// The column whose value was refused, if known.
    public var column: String?
    /// The complete output of the client, which must not be displayed.
    let context: String

    /// Returns the error with its column, if the message names one of these.
    func naming(_ columns: [String]) -> StatementError {
        var named = self
        let lines = context.splitExactly(at: "\n").filter { $0.startsExactly(with: "CONTEXT:") }
        named.column = columns.first { name in
            lines.contains { $0.containsExactly(", column \(name): ") || $0.endsExactly(with: ", column \(name)") }
        }
        return named
    }

    /// Whether the user lacks a privilege.
    var isDenial: Bool { ["42501", "ACCESS_DENIED", "Permission Error"].contains(where: state.equalsExactly) }

    /// Whether the same load may succeed later.
    public var isRetryable: Bool {
        ["08", "40", "53", "55", "57"].contains { state.startsExactly(with: $0) } || ClickHouseCode.isRetryable(state)
    }
}
