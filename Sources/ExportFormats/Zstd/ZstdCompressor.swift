#if ZSTD
    internal import CZstd

    /// Compresses content into one zstd frame (RFC 8878), piece by piece, in bounded memory.
    ///
    /// The library divides the content into jobs of one size and compresses them in parallel on its own threads. The result depends on the
    /// content, the level and the library's version, but not on the pieces of the content or the number of threads.
    public struct ZstdCompressor: ~Copyable {
        private let context: OpaquePointer
        private var buffer: [UInt8]

        /// The size of a job in bytes, and the maximum distance of a match. Readers have to hold this amount in memory, and the compressor
        /// twice as much for each thread.
        private static let jobSize: Int32 = 2 << 20
        private static let windowLog: Int32 = 21

        /// Creates a compressor.
        /// - Parameters:
        ///   - level: A level from 1 (fastest) to 19 (smallest). `nil` for `Zstd.defaultLevel`.
        ///   - workers: The number of threads, at least one.
        /// - Throws: `ZstdError` for any other level, and if memory is exhausted.
        public init(level: Int? = nil, workers: Int) throws(ZstdError) {
            let level = level ?? Zstd.defaultLevel
            guard Zstd.levels ~= level else { throw .impossibleLevel(level) }
            guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
            let settings: [(ZSTD_cParameter, Int32)] = [
                (ZSTD_c_compressionLevel, Int32(level)), (ZSTD_c_windowLog, Self.windowLog), (ZSTD_c_checksumFlag, 1),
                (ZSTD_c_nbWorkers, Int32(max(workers, 1))), (ZSTD_c_jobSize, Self.jobSize),
            ]
            // A library without threads refuses the setting, since its result would differ.
            guard settings.allSatisfy({ ZSTD_isError(ZSTD_CCtx_setParameter(context, $0, $1)) == 0 }) else {
                ZSTD_freeCCtx(context)
                throw .noThreads
            }
            self.context = context
            buffer = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
        }

        deinit { ZSTD_freeCCtx(context) }

        /// Compresses the next bytes of the content, and calls `body` with the available output.
        public mutating func write(_ content: Span<UInt8>, _ body: ([UInt8]) throws -> Void) throws {
            var position = 0
            while position < content.count {
                position += try step(content.extracting(position..<content.count), ZSTD_e_continue, body).consumed
            }
        }

        /// Ends the frame, and calls `body` with the rest of the output.
        public consuming func finish(_ body: ([UInt8]) throws -> Void) throws {
            let nothing: [UInt8] = []
            while try step(nothing.span, ZSTD_e_end, body).left > 0 {}
        }

        private mutating func step(
            _ content: Span<UInt8>, _ directive: ZSTD_EndDirective, _ body: ([UInt8]) throws -> Void
        ) throws -> (consumed: Int, left: Int) {
            var (consumed, produced, left) = (0, 0, 0)
            // The library reads the content and writes the buffer only during the call, and copies what it compresses later.
            content.withUnsafeBufferPointer { input in
                buffer.withUnsafeMutableBufferPointer { output in
                    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
                    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
                    left = ZSTD_compressStream2(context, &target, &source, directive)
                    (consumed, produced) = (source.pos, target.pos)
                }
            }
            guard ZSTD_isError(left) == 0 else { throw ZstdError.outOfMemory }
            if produced > 0 { try body(Array(buffer[..<produced])) }
            return (consumed, left)
        }

        /// Compresses content into a frame of its own.
        static func compress(_ content: Span<UInt8>, level: Int?) throws(ZstdError) -> [UInt8] {
            let level = level ?? Zstd.defaultLevel
            guard Zstd.levels ~= level else { throw .impossibleLevel(level) }
            let room = ZSTD_compressBound(content.count)
            var size = 0
            // The library reads and writes only during the call, and within the given bounds.
            let frame = content.withUnsafeBufferPointer { input in
                [UInt8](unsafeUninitializedCapacity: room) { output, count in
                    size = ZSTD_compress(output.baseAddress, room, input.baseAddress, input.count, Int32(level))
                    count = ZSTD_isError(size) == 0 ? size : 0
                }
            }
            guard ZSTD_isError(size) == 0 else { throw .outOfMemory }
            return frame
        }

        /// The name of the encoder, for the manifest: the same encoder produces the same bytes. `zstd 1.5.4 level 3`.
        static func name(level: Int?) -> String {
            // ZSTD_versionString returns a constant C string of the library, never null.
            "zstd \(String(cString: ZSTD_versionString())) level \(level ?? Zstd.defaultLevel)"
        }
    }
#else
    /// A placeholder in builds without the trait `ZSTD`, which cannot be created.
    public struct ZstdCompressor: ~Copyable {
        /// Always throws, because this build does not support zstd.
        /// - Throws: `ZstdError.notAvailable`.
        public init(level: Int? = nil, workers: Int) throws(ZstdError) { throw .notAvailable }

        /// Never called, because there is no value of this type.
        public mutating func write(_ content: Span<UInt8>, _ body: ([UInt8]) throws -> Void) throws {}

        /// Never called, because there is no value of this type.
        public consuming func finish(_ body: ([UInt8]) throws -> Void) throws {}

        static func compress(_ content: Span<UInt8>, level: Int?) throws(ZstdError) -> [UInt8] { throw .notAvailable }

        static func name(level: Int?) -> String { "zstd" }
    }
#endif
