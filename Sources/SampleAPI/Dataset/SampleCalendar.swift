/// When the rows of a dataset began, and in which order they arrived.
struct SampleCalendar {
    struct Arrival {
        /// Decides what the row is like.
        let index: Int
        let id: Int
        let startedAt: Moment
    }

    /// In order of arrival, which is that of the ids.
    let arrivals: [Arrival]
    let span: Range<Moment>

    static let firstDay = Moment(microseconds: 1_774_224_000_000_000)  // 2026-03-23T00:00:00Z

    /// - Parameters:
    ///   - rows: how many
    ///   - tied: how many of them share one instant, where there are rows enough: never more than half of what the edges leave
    ///   - days: that they are spread over, a fortnight at least
    init(rows: Int, seed: UInt64, tied: Int, days: Int? = nil) {
        var random = SplitMix(seed: seed, stream: -1)
        let days = max(SampleDataset.minimumDays, days ?? rows / 600)
        span = Self.firstDay..<(Self.firstDay + Int64(days) * Moment.day)
        var instants = Array(Self.edges.prefix(rows))
        // An import: every row of it got the time of the import.
        let imported = Self.firstDay + 3 * Moment.day + (9 * 3600 + 15 * 60) * Moment.second
        instants += Array(repeating: imported, count: min(max(0, tied), (rows - instants.count) / 2))
        while instants.count < rows {
            let instant = Self.busyInstant(days: days, &random)
            // One in twelve is a whole second; one in twenty-five has a twin.
            let rounded = random.chance(8) ? instant + -(instant.microseconds % Moment.second) : instant
            instants.append(rounded)
            if instants.count < rows && random.chance(4) { instants.append(rounded) }
        }

        // The properties of a row must not depend on its time.
        var indices = Array(0..<rows)
        random.shuffle(&indices)
        // One row in twenty arrives hours or days after it began: the tracking SDK sends in batches.
        let arriving = zip(indices, instants).map { index, instant in
            (
                index: index, instant: instant,
                at: random.chance(5) ? instant + Int64(random.below(3 * 86_400)) * Moment.second : instant
            )
        }
        var id = 1000
        arrivals = arriving.sorted { ($0.at, $0.index) < ($1.at, $1.index) }.map { row in
            id += 1 + random.below(3)
            return Arrival(index: row.index, id: id, startedAt: row.instant)
        }
    }

    /// Both midnights of a few days, the daylight saving change, the ends of the fortnight; each with its neighbours.
    private static let edges: [Moment] = {
        let hour = 3600 * Moment.second
        let middles = [
            firstDay + 2 * Moment.day,  // midnight UTC
            firstDay + 5 * Moment.day + 23 * hour,  // 2026-03-29T00:00 in Zagreb, still UTC+1
            firstDay + 6 * Moment.day,
            firstDay + 6 * Moment.day + hour,  // the change: 02:00 becomes 03:00 in Zagreb
            firstDay + 6 * Moment.day + 22 * hour,  // 2026-03-30T00:00 in Zagreb, now UTC+2
            firstDay + 9 * Moment.day,  // a month of UTC begins
            firstDay + 8 * Moment.day + 22 * hour,  // and one of Zagreb
        ]
        return [firstDay, firstDay + Int64(SampleDataset.minimumDays) * Moment.day + -1]
            + middles.flatMap { [$0 + -1, $0, $0 + 1] }
    }()

    /// A moment when people shop: evenings more than mornings, few at night, fewer on Saturdays and Sundays.
    private static func busyInstant(days: Int, _ random: inout SplitMix) -> Moment {
        let weights = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 9, 8, 8, 9, 9, 9, 10, 12, 14, 14, 11, 8, 4]
        while true {
            let day = random.below(days)
            let hour = random.below(24)
            guard random.below(14) < weights[hour], day % 7 < 5 || random.chance(60) else { continue }
            let inHour = Int64(random.below(3600)) * Moment.second + Int64(random.below(1_000_000))
            return firstDay + Int64(day) * Moment.day + Int64(hour) * 3600 * Moment.second + inHour
        }
    }
}
