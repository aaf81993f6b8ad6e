import Crypto

/// The windows of a plan that a run exports, so that several runs can work on one destination in parallel.
///
/// A window is identified by its unit: the window's key, which is the same for every run of a declaration.
public enum Share: Sendable, Hashable {
    case whole
    /// One of a number of shards, from 0. A unit's shard depends only on its name, so shards never overlap and need no coordination.
    case shard(Int, of: Int)
    case units(Set<String>)

    /// The maximum number of shards. More are taken to be a mistake.
    public static let maximumShards = 10_000

    /// Whether a unit (the key of a window, with its agent) belongs to the share.
    public func covers(_ unit: String) -> Bool {
        switch self {
        case .whole: true
        case .shard(let index, let count): Self.shard(ofUnit: unit, of: count) == index
        case .units(let units): units.contains(unit)
        }
    }

    /// Whether two runs could export the same window.
    public func overlaps(_ other: Share) -> Bool {
        switch (self, other) {
        case (.whole, _), (_, .whole): true
        // Divisions into different numbers of shards always overlap.
        case (.shard(let mine, let count), .shard(let theirs, let others)): count != others || mine == theirs
        case (.units(let units), let other), (let other, .units(let units)): units.contains(where: other.covers)
        }
    }

    /// The shard of a unit: the first eight bytes of the SHA-256 of its name, as a number, modulo the count.
    public static func shard(ofUnit unit: String, of count: Int) -> Int {
        Int(number(ofUnit: unit) % UInt64(count))
    }

    /// The number by which units are assigned to shards: the first eight bytes of the SHA-256 of the unit's name.
    package static func number(ofUnit unit: String) -> UInt64 {
        SHA256.hash(data: Array(unit.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The names of the units, in order. `nil` unless the share is `units`.
    package var unitNames: [String]? {
        if case .units(let units) = self { units.sorted() } else { nil }
    }
}
