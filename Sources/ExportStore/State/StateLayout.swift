import ExportCore

/// The paths of an export's state in its destination, the same in a folder and in a bucket.
package enum StateLayout {
    /// The folder of the exporter's state in a destination; no output may be below it.
    package static let folder = DestinationPath.state
    /// The folder of manifests.
    package static let windows = "\(folder)/windows"
    /// The folder of run records.
    package static let runs = "\(folder)/runs"
    /// The folder of kept rows, from which the files of windows can be rewritten.
    package static let rows = "\(folder)/rows"
    /// The folder of digests of the windows' rows.
    package static let digests = "\(folder)/digests"
    /// The file of discovered columns.
    package static let columns = "\(folder)/columns.json"
    /// The file that records when windows were compared with the service.
    package static let looks = "\(folder)/looks.json"
    /// The file of limits that earlier runs found.
    package static let limits = "\(folder)/limits.json"
    static let lock = "\(folder)/lock"
    /// The extension of state files.
    package static let suffix = ".json"

    /// The path of a window's manifest.
    package static func manifest(_ key: String) -> String { "\(windows)/\(key)\(suffix)" }
    /// The path of a window's kept rows.
    package static func rows(_ key: String) -> String { DestinationPath.rows(key) }
    /// The path of a run's record.
    package static func runRecord(_ name: String) -> String { "\(runs)/\(name)\(suffix)" }

    /// Whether a path is that of a lock: of a folder, or of a bucket, whose locks have numbers.
    package static func isLock(_ path: some StringProtocol) -> Bool {
        path == lock || path.startsExactly(with: "\(lock).")
    }

    /// The window's key or the run's name after which a file in one of these folders is named. `nil` for any other file.
    package static func name(ofFile file: some StringProtocol) -> String? {
        file.head(beforeExactly: suffix).map(String.init)
    }
}
