import Foundation

/// Something that is done to a destination.
struct Damage: Sendable, CustomStringConvertible {
    let name: String
    /// Whether what was changed says of itself that it is right: then only an export of all windows is known to mend it.
    var isForged = false
    /// Whether a run has nothing to do with it, so that it stays, and `verify` may name it ever after.
    var stays = false
    /// Whether a run that finds nothing to do leaves it: such a run takes no lock, and refuses no strange file that it does not need.
    var staysIdle = false

    var description: String { name }

    /// Where something may lie.
    struct Place: Sendable {
        let path: String
        /// Whether no run mends it.
        let isStrange: Bool

        /// Records of runs are written once, and columns that cannot be read are the user's to bring back.
        init(_ path: String, isStrange: Bool = false) {
            self.path = path
            self.isStrange = isStrange || path.hasPrefix("_agentsight/runs") || path == "_agentsight/columns.json"
        }

        static func all(key: String, run: String) -> [Place] {
            [
                "_agentsight", "_agentsight/windows", "_agentsight/runs", "_agentsight/rows", "_agentsight/spool",
                "_agentsight/staging",
                "_agentsight/lock", "_agentsight/lock.columns", "_agentsight/lock.shard-0-of-2", "_agentsight/lock.shard-1-of-2",
                "_agentsight/lock.shard-7-of-2", "_agentsight/lock.shard-9223372036854775807-of-9223372036854775807",
                "_agentsight/lock.units-0123456789abcdef", "_agentsight/columns.json", "_agentsight/windows/\(key).json",
                "_agentsight/runs/\(run).json", "_agentsight/staging/\(key)", "_agentsight/staging/\(key)/manifest.json",
                "_agentsight/staging/\(key)/columns.json", "_agentsight/staging/\(key)/part", "_agentsight/staging/\(key)/0",
                "_agentsight/staging/\(key)/1", "_agentsight/staging/part-columns", "_agentsight/staging/part-x",
                "_agentsight/staging/strange", "_agentsight/spool/\(key)", "_agentsight/spool/strange",
                "_agentsight/rows/\(key).ndjson.gz", "json", "csv", "json/\(key).ndjson.gz", "csv/\(key).csv",
            ].map { Place($0) }
                + [
                    "_agentsight/lock.strange", "_agentsight/windows/2026-03-01.json", "_agentsight/windows/strange",
                    "_agentsight/runs/strange.json", "_agentsight/strange", "json/strange", "strange", "link",
                ].map { Place($0, isStrange: true) }
        }
    }
}
