/// A warehouse that is given statements through its client, and answers in lines.
protocol ClientSession {
    /// Whether the client has printed nothing yet.
    var isSilent: Bool { get }

    /// Runs statements, and returns the lines that they print once all of them have succeeded.
    @discardableResult
    mutating func run(_ statements: [String]) async throws -> [String]

    /// Runs a statement that takes rows, and returns once it has succeeded.
    /// - Parameter rows: Writes the rows. Where it throws, those that it wrote are taken as all there are, and the error is thrown then.
    mutating func feed(_ statement: String, _ rows: (_ write: ([UInt8]) async throws -> Void) async throws -> Void) async throws

    /// Reads what is left, until the client closes its output.
    mutating func drain() async
}

/// The client ended before it answered, or takes nothing any more.
struct ClientEnded: Error {}
