#if ZSTD
    internal import CZstd

    /// Decompresses a zstd file chunk by chunk in bounded memory, and checks that it is exactly one frame.
    struct ZstdReader: ~Copyable {
        /// The maximum distance of a match, which has to be held in memory, as a power of two. Files of this program have at most 21.
        private static let windowLog: Int32 = 23

        private let context: OpaquePointer
        private var buffer: [UInt8]
        private var isEnded = false

        /// Creates a reader. Throws if memory is exhausted.
        init() throws(InflateError) {
            guard let context = ZSTD_createDCtx() else { throw .outOfMemory }
            guard ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)) == 0 else {
                ZSTD_freeDCtx(context)
                throw .outOfMemory
            }
            self.context = context
            buffer = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        }

        deinit { ZSTD_freeDCtx(context) }

        /// Reads the next bytes of the file, and calls `body` with their content, in pieces of at most 128 KiB.
        ///
        /// Throws an `InflateError` if the bytes are corrupt or follow the end of the frame, and what `body` throws. After an error the
        /// reader must not be used.
        mutating func read(_ chunk: Span<UInt8>, _ body: (Span<UInt8>) throws -> Void) throws {
            var position = 0
            while true {
                if isEnded {
                    guard position == chunk.count else { throw InflateError.trailingBytes }
                    return
                }
                let (consumed, produced) = try step(chunk.extracting(position..<chunk.count))
                position += consumed
                if produced > 0 { try body(buffer.span.extracting(0..<produced)) }
                // After a full buffer, there may be more content without further input.
                if !isEnded, position == chunk.count, produced < buffer.count { return }
            }
        }

        private mutating func step(_ chunk: Span<UInt8>) throws(InflateError) -> (consumed: Int, produced: Int) {
            var (consumed, produced, left) = (0, 0, 0)
            // The library reads the input and writes the buffer only during the call.
            chunk.withUnsafeBufferPointer { input in
                buffer.withUnsafeMutableBufferPointer { output in
                    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
                    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                    left = ZSTD_decompressStream(context, &target, &source)
                    (consumed, produced) = (source.pos, target.pos)
                }
            }
            guard ZSTD_isError(left) == 0 else {
                throw ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation ? .outOfMemory : .corrupt
            }
            isEnded = left == 0
            return (consumed, produced)
        }

        /// Ends the reading. Throws if the frame is incomplete.
        consuming func finish() throws(InflateError) {
            guard isEnded else { throw .truncated }
        }
    }
#endif
