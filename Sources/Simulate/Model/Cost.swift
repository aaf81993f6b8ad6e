import ExportCore

/// The cost of a run besides requests, from docs/performance.md. Costs that are not measured there are marked as assumptions.
enum Cost {
    /// Bytes of a conversation as NDJSON.
    static let rowBytes = 7000.0
    /// CPU seconds per GB of NDJSON, for gzip NDJSON with the fast encoder.
    static let cpuPerGB = 5.2
    /// Bytes of the compressed files for each byte of NDJSON.
    static let compressed = 273.0 / 957.7
    /// Processors of a shard's machine. Each encodes one window at a time.
    static let processors = 2

    static func gigabytes(_ rows: Int) -> Double { Double(rows) * rowBytes / 1e9 }

    static func encoding(_ rows: Int) -> Duration {
        .seconds(gigabytes(rows) * cpuPerGB)
    }

    /// Seconds to read a destination with a number of manifests before a run: ten years of days take 0.3.
    static func planning(_ manifests: Int) -> Double {
        Double(manifests) * 0.3 / 3652
    }
}
