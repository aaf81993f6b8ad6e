import ExportCore

/// An hour that local clocks show.
struct ClockHour: Hashable {
    /// The number of hours since 1970-01-01T00 in local time.
    let number: Int64
    /// The UTC offset that distinguishes the second occurrence of an hour that is repeated when clocks are set back. `nil` otherwise.
    let repeatedAtOffset: Int64?

    /// `2026-11-01T05`, `2026-10-25T02+0100`.
    var name: String {
        let (day, hour) = number.floorDivided(by: 24)
        let name = "\(CivilDate(daysSinceEpoch: day))T\(twoDigits(hour))"
        guard let offset = repeatedAtOffset else { return name }
        let minutes = abs(offset) / 60
        return "\(name)\(offset < 0 ? "-" : "+")\(twoDigits(minutes / 60))\(twoDigits(minutes % 60))"
    }
}

/// The names of a window, by the start of its calendar unit, so that a window at the edge of the span keeps its names.
struct WindowNames {
    let every: WindowLength
    /// The day on which the window starts. `nil` for a window without a start.
    let day: Int64?
    let hour: ClockHour?

    /// The window's key.
    var key: String {
        every.placeholder.flatMap(text) ?? WindowLength.all.rawValue
    }

    /// The text for a placeholder. `nil` if it does not represent a time, or the window has no start.
    func text(_ placeholder: Placeholder) -> String? {
        switch placeholder {
        case .window: key
        case .hour: hour?.name
        case .date: day.map { CivilDate(daysSinceEpoch: $0).description }
        case .week: day.map(Self.week)
        case .month: day.map { String(CivilDate(daysSinceEpoch: $0).description.dropLast(3)) }
        case .agent, .pipeline, .table, .format: nil
        }
    }

    /// The week in the form `2026-W45`, with the year of its Thursday (ISO 8601).
    private static func week(of day: Int64) -> String {
        let thursday = monday(of: day) + 3
        let year = CivilDate(daysSinceEpoch: thursday).description.prefix { $0 != "-" }
        let newYear = CivilDate(year: CivilDate(daysSinceEpoch: thursday).year, month: 1, day: 1)?.daysSinceEpoch ?? thursday
        return "\(year)-W\(twoDigits((thursday - newYear) / 7 + 1))"
    }

    /// The first day of the ISO week of a day. 1970-01-01 was a Thursday.
    static func monday(of day: Int64) -> Int64 {
        (day + 3).floorDivided(by: 7).quotient * 7 - 3
    }
}

extension WindowLength {
    /// The placeholder that distinguishes windows of this length in a path. `nil` for a single window over everything.
    var placeholder: Placeholder? {
        switch self {
        case .hour: .hour
        case .day: .date
        case .week: .week
        case .month: .month
        case .all: nil
        }
    }
}

private func twoDigits(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
}
