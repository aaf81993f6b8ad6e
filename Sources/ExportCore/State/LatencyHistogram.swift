import Foundation

/// A histogram of response times, in steps of a quarter of a power of two. Its size does not depend on the number of responses.
public struct LatencyHistogram: Sendable, Hashable {
    private var counts: [Int] = []
    private var total = 0

    /// Creates an empty histogram.
    public init() {}

    /// Counts one request by its duration.
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

    /// The quantiles. `nil` if nothing was added.
    public var latency: RunSummary.Latency? {
        total == 0 ? nil : RunSummary.Latency(median: quantile(0.5), p95: quantile(0.95))
    }

    /// The upper end of the step that contains a quantile, in milliseconds.
    private func quantile(_ part: Double) -> Int {
        var seen = 0
        let step = counts.firstIndex { count in
            seen += count
            return Double(seen) >= part * Double(total)
        }
        return Int(exp2(Double((step ?? 0) + 1) / 4).rounded())
    }
}
