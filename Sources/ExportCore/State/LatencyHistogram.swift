import Foundation

/// How long answers took, in steps of a quarter of a power of two: as small whether there are ten of them or a million.
public struct LatencyHistogram: Sendable, Hashable {
    private var counts: [Int] = []
    private var total = 0

    /// Creates an empty histogram.
    public init() {}

    /// Counts one request that took so long.
    public mutating func add(_ time: Duration) {
        let milliseconds = max(time / .milliseconds(1), 1)
        let step = Int(log2(milliseconds) * 4)
        while counts.count <= step { counts.append(0) }
        counts[step] += 1
        total += 1
    }

    /// Adds the counts of another histogram.
    public mutating func add(_ other: LatencyHistogram) {
        while counts.count < other.counts.count { counts.append(0) }
        for (step, count) in other.counts.enumerated() { counts[step] += count }
        total += other.total
    }

    /// Nil where nothing was added.
    public var latency: RunSummary.Latency? {
        total == 0 ? nil : RunSummary.Latency(median: quantile(0.5), p95: quantile(0.95))
    }

    /// The upper end of the step in which it is, in milliseconds.
    private func quantile(_ part: Double) -> Int {
        var seen = 0
        let step = counts.firstIndex { count in
            seen += count
            return Double(seen) >= part * Double(total)
        }
        return Int(exp2(Double((step ?? 0) + 1) / 4).rounded())
    }
}
