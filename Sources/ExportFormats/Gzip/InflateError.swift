/// An error of decompression.
public enum InflateError: Error, Sendable, Hashable {
    /// The bytes are not in the format, or the content does not match its checksum or length.
    case corrupt
    /// The bytes end before the content does.
    case truncated
    /// The content exceeds the limit in bytes.
    case tooLarge(limit: Int)
    /// The content has ended, and more bytes follow.
    case trailingBytes
    case outOfMemory
    /// This build does not support zstd.
    case noZstd
}

extension InflateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .corrupt: "the compressed data is corrupt"
        case .truncated: "the compressed data is truncated"
        case .tooLarge(let limit): "the compressed data has more than the allowed \(limit) bytes"
        case .trailingBytes: "more bytes follow the end of the compressed content"
        case .outOfMemory: "not enough memory to decompress"
        case .noZstd: "this build has no zstd: build it with libzstd-dev installed to read the file"
        }
    }
}
