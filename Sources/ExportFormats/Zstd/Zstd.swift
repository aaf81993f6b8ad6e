/// The support for zstd in this build, which depends on the package trait `ZSTD`.
public enum Zstd {
    /// The levels of files, from 1 (fastest) to 19 (smallest). Higher levels need too much memory.
    public static let levels = 1...19
    /// The default level, which is that of the library.
    public static let defaultLevel = 3

    #if ZSTD
        /// Whether files can be written and read with zstd.
        public static let isAvailable = true
    #else
        /// Whether files can be written and read with zstd.
        public static let isAvailable = false
    #endif

    /// The name of the encoder, for the manifest: the same encoder produces the same bytes. `zstd 1.5.4 level 3`.
    public static func encoder(level: Int?) -> String { ZstdCompressor.name(level: level) }
}

/// An error of compression with zstd.
public enum ZstdError: Error, Sendable, Hashable {
    case impossibleLevel(Int)
    case outOfMemory
    /// The library cannot compress on several threads.
    case noThreads
    /// This build does not support zstd.
    case notAvailable
}

extension ZstdError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .impossibleLevel(let level): "zstd has no level \(level) here; levels are 1 to 19"
        case .outOfMemory: "not enough memory to compress"
        case .noThreads: "the zstd library of this system was built without threads; set compression: gzip"
        case .notAvailable: "this build has no zstd: build it with libzstd-dev installed, or set compression: gzip"
        }
    }
}
