#if ZSTD
    internal import CZstd

    /// Compresses content into one zstd frame (RFC 8878), piece by piece, in bounded memory.
    ///
    /// The library cuts the content into jobs of one size and compresses them side by side on threads of its own. Its bytes depend on
    /// the content, the level and the library's version, neither on how the content came nor on the number of threads.
    public struct ZstdCompressor: ~Copyable {
        private let context: OpaquePointer
        private var buffer: [UInt8]

        /// Bytes of content in a job, and how far back a match may lie: what a reader has to hold, and 2 times as much for each thread here.
        private static let jobSize: Int32 = 2 << 20
        private static let windowLog: Int32 = 21

        /// - Parameters:
        ///   - level: 1, fastest, to 19, smallest. Nil: `Zstd.defaultLevel`.
        ///   - workers: Threads that compress; one at the least.
        /// - Throws: For any other level, and where memory runs out.
        public init(level: Int? = nil, workers: Int) throws(ZstdError) {
            let level = level ?? Zstd.defaultLevel
            guard Zstd.levels ~= level else { throw .impossibleLevel(level) }
            guard let context = ZSTD_createCCtx() else { throw .outOfMemory }
            let settings: [(ZSTD_cParameter, Int32)] = [
                (ZSTD_c_compressionLevel, Int32(level)), (ZSTD_c_windowLog, Self.windowLog), (ZSTD_c_checksumFlag, 1),
                (ZSTD_c_nbWorkers, Int32(max(workers, 1))), (ZSTD_c_jobSize, Self.jobSize),
            ]
            // One that a library without threads refuses: its bytes would be others.
            guard settings.allSatisfy({ ZSTD_isError(ZSTD_CCtx_setParameter(context, $0, $1)) == 0 }) else {
                ZSTD_freeCCtx(context)
                throw .noThreads
            }
            self.context = context
            buffer = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
        }

        deinit { ZSTD_freeCCtx(context) }

        /// Takes the next bytes of the content, and calls `body` with what is compressed by now.
        public mutating func write(_ content: Span<UInt8>, _ body: ([UInt8]) throws -> Void) throws {
            var position = 0
            while position < content.count {
                position += try step(content.extracting(position..<content.count), ZSTD_e_continue, body).consumed
            }
        }

        /// Ends the frame, and calls `body` with the rest of it.
        public consuming func finish(_ body: ([UInt8]) throws -> Void) throws {
            let nothing: [UInt8] = []
            while try step(nothing.span, ZSTD_e_end, body).left > 0 {}
        }

        private mutating func step(
            _ content: Span<UInt8>, _ directive: ZSTD_EndDirective, _ body: ([UInt8]) throws -> Void
        ) throws -> (consumed: Int, left: Int) {
            var (consumed, produced, left) = (0, 0, 0)
            // The library reads the content and writes the buffer during its call alone, and copies what it compresses later.
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

        /// Compresses content whole, into a frame of its own.
        static func compress(_ content: Span<UInt8>, level: Int?) throws(ZstdError) -> [UInt8] {
            let level = level ?? Zstd.defaultLevel
            guard Zstd.levels ~= level else { throw .impossibleLevel(level) }
            let room = ZSTD_compressBound(content.count)
            var size = 0
            // The library reads and writes during its call alone, and no further than it is told.
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
    /// Stands for what a build with the trait `ZSTD` has: nothing can be compressed.
    public struct ZstdCompressor: ~Copyable {
        /// - Throws: `ZstdError.notAvailable`.
        public init(level: Int? = nil, workers: Int) throws(ZstdError) { throw .notAvailable }

        /// Never called, since there is no value of this type.
        public mutating func write(_ content: Span<UInt8>, _ body: ([UInt8]) throws -> Void) throws {}

        /// Never called, since there is no value of this type.
        public consuming func finish(_ body: ([UInt8]) throws -> Void) throws {}

        static func compress(_ content: Span<UInt8>, level: Int?) throws(ZstdError) -> [UInt8] { throw .notAvailable }

        static func name(level: Int?) -> String { "zstd" }
    }
#endif
