import ExportCore

/// The rows of all agents over one year, reduced to what a walk sees: their start times.
struct Dataset: Sendable {
    /// Start times in microseconds, ascending, for each agent. The order of agents does not depend on their sizes, as that of names does
    /// not.
    let agents: [[Int64]]
    /// The agents by size, the largest first.
    let bySize: [Int]

    static let span = TimeRange(start: Instant(seconds: 1_735_689_600), end: Instant(seconds: 1_735_689_600 + 365 * 86_400))
    static let days = 365

    private static let day: Int64 = 86_400_000_000
    private static let hour = day / 24
    /// The relative number of conversations in each hour of a day.
    private static let hours: [Double] = [2, 1, 1, 1, 1, 2, 3, 5, 8, 10, 11, 11, 10, 10, 10, 10, 9, 8, 7, 6, 5, 4, 3, 2]
    private static let weekend = 0.35
    /// The share of rows that an import put on one instant of one agent.
    private static let importShare = 0.002

    /// Sizes of agents follow Zipf's law: the second has half as many rows as the first, the third a third.
    /// - Parameter isUneven: Whether most of the year is empty or nearly so, and a fortnight has most of the rows.
    init(rows: Int, agents count: Int, isUneven: Bool = false, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let weights = (1...count).map { 1 / Double($0) }
        let order = (0..<count).shuffled(using: &random)
        var agents = [[Int64]](repeating: [], count: count)
        for (rank, size) in Self.parts(of: rows, by: weights).enumerated() {
            let imported = rank == min(2, count - 1) ? min(Int(Double(rows) * Self.importShare), size / 2) : 0
            let days = isUneven ? Self.unevenDays(&random) : Self.days(&random)
            agents[order[rank]] = Self.rows(size, imported: isUneven ? 0 : imported, by: days, &random)
        }
        self.agents = agents
        bySize = order
    }

    var rows: Int { agents.reduce(0) { $0 + $1.count } }

    /// The places of an agent's rows from `start` on and before `end`.
    func places(of agent: Int, from start: Instant?, before end: Instant) -> Range<Int> {
        let rows = agents[agent]
        let low = start.map { start in rows.sortedIndex { $0 < start.microseconds } } ?? 0
        return low..<max(low, rows.sortedIndex { $0 < end.microseconds })
    }

    /// How much is said on each day.
    private static func days(_ random: inout SeededRandom) -> [Double] {
        // 2025 began on a Wednesday.
        (0..<days).map { day in
            ((day + 2) % 7 < 5 ? 1 : weekend) * random.logNormal(spread: 0.4)
        }
    }

    /// The same with two gaps of seven weeks, and a fortnight in which as much is said as in the rest of the year.
    private static func unevenDays(_ random: inout SeededRandom) -> [Double] {
        days(&random).enumerated().map { day, weight in
            switch day {
            case 60..<109, 200..<249: 0
            case 280..<294: 19 * weight
            default: weight
            }
        }
    }

    private static func rows(_ size: Int, imported: Int, by days: [Double], _ random: inout SeededRandom) -> [Int64] {
        var rows: [Int64] = []
        rows.reserveCapacity(size)
        let start = span.start?.microseconds ?? 0
        for (day, size) in parts(of: size - imported, by: days).enumerated() {
            var ofDay = (0..<size).map { _ in start + Int64(day) * Self.day + time(&random) }
            if day == Self.days * 2 / 3 { ofDay += [Int64](repeating: start + Int64(day) * Self.day + 3 * hour, count: imported) }
            ofDay.sort()
            rows += ofDay
        }
        return rows
    }

    private static let allHours = hours.reduce(0, +)

    private static func time(_ random: inout SeededRandom) -> Int64 {
        var left = random.share() * allHours
        for (place, weight) in hours.enumerated() {
            if left < weight { return Int64(place) * hour + Int64(left / weight * Double(hour - 1)) }
            left -= weight
        }
        return day - 1
    }

    /// Whole numbers in proportion to the weights, which add up to `whole`.
    private static func parts(of whole: Int, by weights: [Double]) -> [Int] {
        let sum = weights.reduce(0, +)
        var (reached, given) = (0.0, 0)
        return weights.indices.map { place in
            reached += weights[place]
            let part = (place == weights.count - 1 ? whole : Int(reached / sum * Double(whole))) - given
            given += part
            return part
        }
    }
}
