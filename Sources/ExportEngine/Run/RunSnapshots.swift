import Synchronization

/// The combined progress of the runs of several keys.
final class RunSnapshots: Sendable {
    private let snapshots = Mutex<[Int: RunSnapshot]>([:])

    func take(_ snapshot: RunSnapshot, of number: Int) -> RunSnapshot {
        snapshots.withLock { snapshots in
            snapshots[number] = snapshot
            return snapshots.count == 1 ? snapshot : RunSnapshot(of: Array(snapshots.values))
        }
    }
}

extension RunSnapshot {
    fileprivate init(of parts: [RunSnapshot]) {
        self.init()
        for part in parts {
            windows += part.windows
            committed += part.committed
            unsettled += part.unsettled
            failed += part.failed
            rows += part.rows
            bytes += part.bytes
            fraction += part.fraction * Double(part.windows)
        }
        fraction = windows == 0 ? 1 : fraction / Double(windows)
        firstUnderWay = parts.compactMap(\.firstUnderWay).min()
        lastUnderWay = parts.compactMap(\.lastUnderWay).max()
    }
}
