/// Decompresses a gzip file chunk by chunk in bounded memory, and checks that it is exactly one member.
public struct GzipReader: ~Copyable {
    private static let bufferSize = 64 * 1024

    private var inflater: Inflater
    private var buffer = [UInt8](repeating: 0, count: bufferSize)
    private var isEnded = false

    /// Creates a reader. Throws if memory is exhausted.
    public init() throws(InflateError) {
        inflater = try Inflater(.gzip)
    }

    /// Reads the next bytes of the file, and calls `body` with their content, in pieces of at most 64 KiB.
    ///
    /// Throws an `InflateError` if the bytes are corrupt or follow the end of the member, and what `body` throws. After an error the reader
    /// must not be used.
    public mutating func read(_ chunk: Span<UInt8>, _ body: (Span<UInt8>) throws -> Void) throws {
        var position = 0
        while true {
            if isEnded {
                guard position == chunk.count else { throw InflateError.trailingBytes }
                return
            }
            let step = try inflater.step(chunk.extracting(position..<chunk.count), into: &buffer)
            position += step.consumed
            isEnded = step.isEnd
            if step.produced > 0 { try body(buffer.span.extracting(0..<step.produced)) }
            // Any content that is still buffered comes with the next bytes, since the trailer is read only after all content was returned.
            if position == chunk.count { return }
        }
    }

    /// Ends the reading. Throws if the member is incomplete.
    public consuming func finish() throws(InflateError) {
        guard isEnded else { throw .truncated }
    }
}
