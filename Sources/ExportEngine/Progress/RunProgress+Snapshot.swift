import ExportCore

extension RunProgress {
    /// The share of fetching in the work on a window.
    private static let walkingShare = 0.9

    /// The progress of the run, for reports.
    var snapshot: RunSnapshot {
        var snapshot = RunSnapshot()
        snapshot.windows = due.count
        snapshot.committed = summary.committed
        snapshot.unsettled = summary.unsettled
        snapshot.failed = summary.failed
        snapshot.rows = summary.rows
        snapshot.bytes = summary.bytes
        var done = Double(summary.committed + summary.failed)
        var underWay: [Int] = []
        for walking in scheduler.walking {
            let rows = walking.fetch.rows.count
            snapshot.rows += rows
            done += Self.walkingShare * min(1, Double(rows) / Double(max(1, walking.fetch.walk.countBefore ?? .max)))
            underWay.append(walking.window)
        }
        for (window, stage) in stages {
            guard let rows = stage.rows else { continue }
            snapshot.rows += rows
            done += Self.walkingShare
            underWay.append(window)
        }
        snapshot.firstUnderWay = underWay.min().map { due[$0].key }
        snapshot.lastUnderWay = underWay.max().map { due[$0].key }
        snapshot.fraction = due.isEmpty ? 1 : min(1, done / Double(due.count))
        return snapshot
    }
}
