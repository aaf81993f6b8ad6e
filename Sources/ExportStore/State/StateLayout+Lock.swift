import Crypto
package import ExportCore

extension StateLayout {
    /// The subject of a lock.
    package enum Lock: Sendable, Hashable {
        case share(Share)
        /// The discovered columns, which all runs share.
        case columns
        /// Some units, which the lock's file lists.
        case someUnits(name: String)

        /// The path of the lock below the destination.
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

        /// Parses the path of a lock. `nil` if it is not one.
        /// - Parameter path: The path of a lock, without a number.
        package init?(path: some StringProtocol) {
            guard isLock(path), let rest = path.tail(afterExactly: lock) else { return nil }
            let name = rest.tail(afterExactly: ".") ?? rest
            let parts = name.splitExactly(at: "-", omittingEmptySubsequences: false)
            if name.isEmpty {
                self = .share(.whole)
            } else if name == "columns" {
                self = .columns
            } else if parts.count == 4,
                parts[0] == "shard", let index = Int(parts[1]), let count = Int(parts[3]), 1...Share.maximumShards ~= count,
                0..<count ~= index
            {
                self = .share(.shard(index, of: count))
            } else if parts.count == 2, parts[0] == "units", !parts[1].utf8.contains(UInt8(ascii: "/")) {
                self = .someUnits(name: String(name))
            } else {
                return nil
            }
        }
    }
}
