import ExportCore
import Subprocess

/// A session of a client program that runs for all statements.
///
/// After each statement whose success matters, the session waits for the client, so that neither side fills a pipe that the other does not
/// read.
struct OpenSession: ClientSession {
    private let writer: StandardInputWriter
    private var output: SubprocessOutputSequence.Iterator
    private var unread: [UInt8] = []
    private var limit = AnswerLimit(takesAnswers: false)
    private(set) var isSilent = true
    /// The number of statements since the session began, for markers that are unlikely to occur in answers.
    private var steps = 0
    private let name: String
    private let print: @Sendable (String) -> String

    /// - Parameter print: The client's own command that prints a word on a line.
    init(_ writer: StandardInputWriter, _ output: SubprocessOutputSequence, print: @escaping @Sendable (String) -> String) {
        self.writer = writer
        self.output = output.makeAsyncIterator()
        self.print = print
        name = "agentsight-\(UInt64.random(in: 0 ... .max))"
    }

    mutating func feed(_ statement: String, _ rows: (_ write: ([UInt8]) async throws -> Void) async throws -> Void) async throws {
        try await send(Array((statement + "\n").utf8))
        let fault = try await withThrowingTaskGroup(of: Void.self) { [writer] group -> (any Error)? in
            var fault: (any Error)?
            do {
                try await rows { bytes in
                    // The client reads one block while the next is created.
                    try await group.next()
                    group.addTask { try await Self.send(bytes, to: writer) }
                }
            } catch let error where !(error is ClientEnded || error is CancellationError) {
                fault = error
            }
            try await group.waitForAll()
            return fault
        }
        // The client stops at the first error: rows that follow a refused COPY are not read as statements.
        try await send(Array("\\.\n".utf8))
        try await run([])
        if let fault { throw fault }
    }

    private func send(_ bytes: [UInt8]) async throws { try await Self.send(bytes, to: writer) }

    /// Sends bytes, and waits until the client has read them.
    private static func send(_ bytes: [UInt8], to writer: StandardInputWriter) async throws {
        do { _ = try await writer.write(bytes) } catch {
            try Task.checkCancellation()
            throw ClientEnded()
        }
    }

    @discardableResult
    mutating func run(_ statements: [String]) async throws -> [String] {
        steps += 1
        // The first step is the greeting.
        limit = AnswerLimit(takesAnswers: steps > 1)
        let marker = "\(name)-\(steps)"
        try await send(Array((statements.joined(separator: "\n") + "\n" + print(marker) + "\n").utf8))
        var lines: [String] = []
        while true {
            let line = try await nextLine()
            if line.equalsExactly(marker) { return lines }
            lines.append(line)
        }
    }

    private mutating func nextLine() async throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeSubrange(...end)
                return line
            }
            guard let buffer = try await output.next(isolation: #isolation) else {
                try Task.checkCancellation()
                throw ClientEnded()
            }
            isSilent = false
            let isAdmitted = buffer.withUnsafeBytes { bytes in
                unread.append(contentsOf: bytes)
                return limit.admits(bytes)
            }
            guard isAdmitted else { throw LoadError.unreadableAnswer }
        }
    }

    mutating func drain() async {
        while let buffer = try? await output.next(isolation: #isolation), buffer.count > 0 {}
    }
}
