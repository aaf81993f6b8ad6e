import ExportCore

/// Compresses the pages of a Parquet file.
struct PageCodec: Sendable {
    let compression: Output.Compression

    /// The codec's number in the format.
    var number: Int {
        switch compression {
        case .none: 0
        case .gzip: 2
        case .zstd: 6
        }
    }

    /// The codec with a number. `nil` for codecs that this program does not write.
    static func compression(ofNumber number: Int) -> FileCompression? {
        switch number {
        case 0: FileCompression.none
        case 2: .gzip
        case 6: .zstd
        default: nil
        }
    }

    /// Decompresses a stored page.
    /// - Parameter size: Its uncompressed size.
    static func decompress(_ page: Span<UInt8>, _ compression: FileCompression, size: Int) throws(InflateError) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(size)
        var reader = try ContentReader(compression)
        do {
            try reader.read(page) {
                guard $0.count <= size - content.count else { throw InflateError.tooLarge(limit: size) }
                content += [UInt8](copying: $0)
            }
        } catch { throw error as? InflateError ?? .corrupt }
        try reader.finish()
        guard content.count == size else { throw .truncated }
        return content
    }

    /// Compresses a page.
    func compress(_ page: [UInt8]) throws(DeflateError) -> [UInt8] {
        switch compression {
        case .none: return page
        case .gzip(let level): return try WholeGzip.compress(page.span, level: level)
        case .zstd(let level):
            do { return try ZstdCompressor.compress(page.span, level: level) } catch { throw .zstd(error) }
        }
    }
}
