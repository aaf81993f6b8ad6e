public import ExportCore

/// Reads what a file holds, chunk by chunk in bounded memory: the bytes as they stand, or decompressed.
public struct ContentReader: ~Copyable {
    private var gzip: GzipReader?
    #if ZSTD
        private var zstd: ZstdReader?
    #endif

    /// Throws where memory runs out, and for a compression that this build does not have.
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

    /// Reads the next bytes of the file, and calls `body` with the content they hold.
    ///
    /// Throws an `InflateError` where the bytes are corrupt or follow the end of the content, and what `body` throws. After an error the
    /// reader is of no more use.
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

    /// Ends the reading. Throws where compressed content is not complete.
    public consuming func finish() throws(InflateError) {
        try gzip.take()?.finish()
        #if ZSTD
            try zstd.take()?.finish()
        #endif
    }
}
