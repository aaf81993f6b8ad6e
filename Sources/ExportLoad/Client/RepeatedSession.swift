import ExportCore

/// A session of a client program that is started for each step, because it reads all of its input before it runs anything.
///
/// Statements are sent as its input. Rows are, too; their statement is then an argument.
struct RepeatedSession: ClientSession {
    private let client: WarehouseClient
    /// It is greeted before the session begins.
    let isSilent = false

    init(_ client: WarehouseClient) {
        self.client = client
    }

    @discardableResult
    mutating func run(_ statements: [String]) async throws -> [String] {
        guard !statements.isEmpty else { return [] }
        let text = statements.joined(separator: "\n") + "\n"
        return try await client.runOnce(["--multiquery"]) { try await $0(Array(text.utf8)) }
    }

    /// The kernel's limit for one argument, in bytes.
    static let longestArgument = 131_072

    mutating func feed(_ statement: String, _ rows: (_ write: ([UInt8]) async throws -> Void) async throws -> Void) async throws {
        // Including the name of the option and the terminating byte.
        let bytes = statement.utf8.count + 9
        guard bytes <= Self.longestArgument else { throw LoadError.longStatement(bytes: bytes) }
        _ = try await client.runOnce(["--query=\(statement)"], rows)
    }

    /// Each step has ended.
    func drain() {}
}
