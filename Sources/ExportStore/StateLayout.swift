import Crypto
package import ExportCore

/// Where the state of an export lies in its destination: the same names in a folder and in a bucket.
package enum StateLayout {
    /// What the exporter knows of a destination lies below this name; no output may.
    package static let folder = "_agentsight"
    package static let windows = "\(folder)/windows"
    package static let runs = "\(folder)/runs"
    /// Rows as they came, of windows whose files may have to be written once more.
    package static let rows = "\(folder)/rows"
    package static let columns = "\(folder)/columns.json"
    private static let lock = "\(folder)/lock"
    package static let suffix = ".json"

    package static func manifest(_ key: String) -> String { "\(windows)/\(key)\(suffix)" }
    package static func rows(_ key: String) -> String { "\(rows)/\(key).ndjson.gz" }
    package static func runRecord(_ name: String) -> String { "\(runs)/\(name)\(suffix)" }

    /// Whether a path is that of a lock: a folder's, or one of a bucket's, which have numbers.
    package static func isLock(_ path: some StringProtocol) -> Bool {
        path == lock || path.hasPrefix("\(lock).")
    }

    /// What a lock is on.
    package enum Lock: Sendable, Hashable {
        case share(Share)
        /// The discovered columns, which all runs have in common.
        case columns
        /// Some units: which ones stands in it.
        case someUnits(name: String)

        package var path: String {
            switch self {
            case .share(.whole): lock
            case .share(.shard(let index, let count)): "\(lock).shard-\(index)-of-\(count)"
            case .share(.units(let units)):
                "\(lock).units-\(SHA256.hash(data: Array(units.sorted().joined(separator: "\n").utf8)).prefix(8).hexadecimal)"
            case .columns: "\(lock).columns"
            case .someUnits(let name): "\(lock).\(name)"
            }
        }

        /// - Parameter path: Of a lock, without a number. Nil for what is none.
        package init?(path: some StringProtocol) {
            guard isLock(path) else { return nil }
            let name = path.dropFirst(lock.count + 1)
            let parts = name.split(separator: "-", omittingEmptySubsequences: false)
            if name.isEmpty {
                self = .share(.whole)
            } else if name == "columns" {
                self = .columns
            } else if parts.count == 4,
                parts[0] == "shard", let index = Int(parts[1]), let count = Int(parts[3]), count > 0
            {
                self = .share(.shard(index, of: count))
            } else if parts.count == 2, parts[0] == "units" {
                self = .someUnits(name: String(name))
            } else {
                return nil
            }
        }
    }

    /// The window's key, or the run's name, that a file in one of these folders is named after; nil for any other file.
    package static func name(ofFile file: some StringProtocol) -> String? {
        file.hasSuffix(suffix) ? String(file.dropLast(suffix.count)) : nil
    }
}
