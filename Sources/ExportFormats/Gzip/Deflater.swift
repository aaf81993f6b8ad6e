internal import CZlib

/// One raw deflate stream that is flushed and not ended.
enum Deflater {
    private static let outputSize = 64 * 1024
    /// The maximum input of a call, since zlib counts it in 32 bits.
    private static let largestInput = 1 << 30

    static func deflate(_ content: Span<UInt8>, level: Int) throws(DeflateError) -> [UInt8] {
        guard (1...9).contains(level) else { throw .impossibleLevel(level) }
        var stream = z_stream()
        // zlib keeps the stream's address from its initialisation to its end, so all calls are made inside a single closure, for
        // which Swift guarantees that the address is stable. The closure does not throw, so `deflateEnd` is always reached.
        let output: [UInt8]? = withUnsafeMutablePointer(to: &stream) { stream in
            let (method, rawWindow, memory) = (Z_DEFLATED, -MAX_WBITS, Int32(8))
            let size = Int32(MemoryLayout<z_stream>.size)
            guard deflateInit2_(stream, Int32(level), method, rawWindow, memory, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
            else { return nil }
            defer { deflateEnd(stream) }
            var output: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: outputSize)
            var start = 0
            repeat {
                let end = min(content.count, start + largestInput)
                let flush = end == content.count ? Z_SYNC_FLUSH : Z_NO_FLUSH
                deflate(content.extracting(start..<end), flush, stream, &buffer, to: &output)
                start = end
            } while start < content.count
            return output
        }
        guard let output else { throw .outOfMemory }
        return output
    }

    /// Passes the whole input to zlib, and appends all its output.
    private static func deflate(
        _ input: Span<UInt8>, _ flush: Int32, _ stream: UnsafeMutablePointer<z_stream>, _ buffer: inout [UInt8],
        to output: inout [UInt8]
    ) {
        // zlib reads the input and writes the buffer only during the calls, and both pointers are valid until the last of them.
        // It does not write to the input: the pointer's type in C lacks a `const` that newer versions have.
        input.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            var produced: Int
            repeat {
                produced = buffer.withUnsafeMutableBufferPointer { buffer in
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(buffer.count)
                    // The stream is valid and has room, so the call can fail only if there is nothing to do, and then
                    // produces nothing.
                    _ = CZlib.deflate(stream, flush)
                    return buffer.count - Int(stream.pointee.avail_out)
                }
                output.append(contentsOf: buffer[..<produced])
            } while produced == buffer.count
        }
    }
}
