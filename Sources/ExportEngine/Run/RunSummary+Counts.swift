import ExportAPI
import ExportCore

extension RunSummary {
    /// Sets the counts of requests.
    mutating func take(_ counts: RequestCounts) {
        requests = counts.requests
        retries = counts.retries
        throttled = counts.throttled
        throttledSeconds = counts.throttledTime / .seconds(1)
        receivedBytes = counts.bytes
        latency = counts.latencies.latency
    }

    /// Adds the windows of another run and their results, but not its requests.
    mutating func addWindows(of other: RunSummary) {
        committed += other.committed
        unsettled += other.unsettled
        if let more = other.rendered { rendered = (rendered ?? 0) + more }
        if let more = other.patched { patched = (patched ?? 0) + more }
        failed += other.failed
        if let fewer = other.fewerRows { fewerRows = (fewerRows ?? 0) + fewer }
        rows += other.rows
        add(tableRows: other.tableRows)
        bytes += other.bytes
    }
}
