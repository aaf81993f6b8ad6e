public import ExportCore

/// Reads the content of a file chunk by chunk in bounded memory, decompressed if necessary.
public struct ContentReader: ~Copyable {
    private var gzip: GzipReader?
    #if ZSTD
        private var zstd: ZstdReader?
    #endif

    /// Creates a reader. Throws if memory is exhausted, and for a compression that this build does not support.
    public init(_ compression: FileCompression) throws(InflateError) {
        switch compression {
        case .none: break
        case .gzip: gzip = try GzipReader()
        case .zstd:
            #if ZSTD
                zstd = try ZstdReader()
            #else
                throw .noZstd
            #endif
        }
    }

    /// Reads the next bytes of the file, and calls `body` with their content.
    ///
    /// Throws an `InflateError` if the bytes are corrupt or follow the end of the content, and what `body` throws. After an error the
    /// reader must not be used.
    public mutating func read(_ chunk: Span<UInt8>, _ body: (Span<UInt8>) throws -> Void) throws {
        if gzip != nil {
            try gzip?.read(chunk, body)
            return
        }
        #if ZSTD
            if zstd != nil {
                try zstd?.read(chunk, body)
                return
            }
        #endif
        try body(chunk)
    }

    /// Ends the reading. Throws if compressed content is incomplete.
    public consuming func finish() throws(InflateError) {
        try gzip.take()?.finish()
        #if ZSTD
            try zstd.take()?.finish()
        #endif
    }
}
