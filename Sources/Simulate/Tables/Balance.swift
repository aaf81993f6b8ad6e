import ExportCore

/// How evenly something is distributed over shards.
struct Balance: Sendable {
    private let shares: [Int]

    init(_ shares: [Int]) {
        self.shares = shares
    }

    var largestOverMean: Double {
        let sum = shares.reduce(0, +)
        return sum == 0 ? 1 : Double(shares.max() ?? 0) * Double(shares.count) / Double(sum)
    }

    var empty: Int { shares.count { $0 == 0 } }

    /// A table of windows per shard, assigned by their ids alone; differences in size come on top.
    static func table(ofUnits counts: [(agents: Int, days: Int)], shards: [Int]) -> String {
        let windows = Calendar.windows(every: .day)
        let rows = counts.map { agents, days in
            let name = "\(Figures.count(agents * days)): \(agents) \(agents == 1 ? "agent" : "agents"), \(days) days"
            return [name]
                + shards.map { count in
                    var shares = [Int](repeating: 0, count: count)
                    for ofShards in ShardAssignment.windows(Array(windows.prefix(days)), agents: agents, shards: count) {
                        for (shard, places) in ofShards.enumerated() { shares[shard] += places.count }
                    }
                    let balance = Balance(shares)
                    return Figures.decimal(balance.largestOverMean, places: 2)
                        + (balance.empty > 0 ? " (\(balance.empty) empty)" : "")
                }
        }
        return Figures.table(["units"] + shards.map { "\($0) shards" }, rows)
    }
}
