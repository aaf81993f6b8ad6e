/// A session with a warehouse, which receives statements through its client and answers in lines.
protocol ClientSession {
    /// Whether the client has printed nothing yet.
    var isSilent: Bool { get }

    /// Runs statements, and returns the lines that they print once all of them have succeeded.
    @discardableResult
    mutating func run(_ statements: [String]) async throws -> [String]

    /// Runs a statement that takes rows, and returns once it has succeeded.
    /// - Parameter rows: Writes the rows. If it throws, the statement is completed with the rows written so far, and then the error is
    ///   thrown.
    mutating func feed(_ statement: String, _ rows: (_ write: ([UInt8]) async throws -> Void) async throws -> Void) async throws

    /// Reads the remaining output, until the client closes it.
    mutating func drain() async
}

/// The error of a client that ended before it answered, or no longer accepts input.
struct ClientEnded: Error {}
