import ExportCore

/// Divides a span into windows by the calendar of a time zone.
struct CalendarCut {
    let every: WindowLength
    let zone: ZoneRules

    /// The maximum number of windows: hourly ones over more than twenty years. More indicate a mistake in the file.
    static let limit = 200_000

    struct Piece {
        let names: WindowNames
        let range: TimeRange
    }

    /// The windows in the order of time, without gaps or overlaps. Empty for an empty span. `nil` if there would be too many.
    func pieces(of span: TimeRange) -> [Piece]? {
        guard let start = span.start else {
            return [Piece(names: WindowNames(every: .all, day: nil, hour: nil), range: span)]
        }
        guard start < span.end else { return [] }
        guard (span.end.second - start.second) / shortest <= Self.limit else { return nil }
        // Wide enough for the unit in which the span begins, and for the first occurrence of a repeated hour before it.
        let stretches = zone.stretches(from: start.second - 40 * 86_400, to: span.end.second + 40 * 86_400)
        switch every {
        case .all: return [Piece(names: names(at: start.second, stretches), range: span)]
        case .hour: return hours(of: span, from: start, stretches)
        case .day, .week, .month: return days(of: span, from: start, stretches)
        }
    }

    private var shortest: Int64 {
        switch every {
        case .hour: 3600
        case .day: 86_400
        case .week: 7 * 86_400
        case .month: 28 * 86_400
        case .all: .max
        }
    }

    private func names(at second: Int64, _ stretches: ZoneStretches) -> WindowNames {
        let hour = stretches.hour(at: second)
        return WindowNames(every: every, day: hour.number.floorDivided(by: 24).quotient, hour: hour)
    }

    private func days(of span: TimeRange, from start: Instant, _ stretches: ZoneStretches) -> [Piece] {
        var day = firstDay(ofUnitWith: zone.local(start.second).floorDivided(by: 86_400).quotient)
        var second = stretches.second(ofLocal: day * 86_400)
        var pieces: [Piece] = []
        while Instant(seconds: second) < span.end {
            let next = firstDay(ofUnitAfter: day)
            let end = stretches.second(ofLocal: next * 86_400)
            let range = TimeRange(start: max(start, Instant(seconds: second)), end: min(span.end, Instant(seconds: end)))
            if let start = range.start, start < range.end {
                let names = WindowNames(every: every, day: day, hour: stretches.hour(at: second))
                pieces.append(Piece(names: names, range: range))
            }
            (day, second) = (next, end)
        }
        return pieces
    }

    private func firstDay(ofUnitWith day: Int64) -> Int64 {
        switch every {
        case .week: return WindowNames.monday(of: day)
        case .month: return day - CivilDate(daysSinceEpoch: day).day + 1
        case .hour, .day, .all: return day
        }
    }

    private func firstDay(ofUnitAfter day: Int64) -> Int64 {
        switch every {
        case .week: day + 7
        case .month: firstDay(ofUnitWith: day + 31)
        case .hour, .day, .all: day + 1
        }
    }

    private func hours(of span: TimeRange, from start: Instant, _ stretches: ZoneStretches) -> [Piece] {
        var pieces: [Piece] = []
        for (index, stretch) in stretches.stretches.enumerated() where stretch.end > start.second {
            var number = (max(stretch.start, start.second) + stretch.offset).floorDivided(by: 3600).quotient
            while true {
                let begin = max(number * 3600 - stretch.offset, stretch.start)
                let end = min((number + 1) * 3600 - stretch.offset, stretch.end)
                guard begin < stretch.end, Instant(seconds: begin) < span.end else { break }
                let hour = stretches.hour(number, in: index)
                let names = WindowNames(every: .hour, day: hour.number.floorDivided(by: 24).quotient, hour: hour)
                let range = TimeRange(start: max(start, Instant(seconds: begin)), end: min(span.end, Instant(seconds: end)))
                pieces.append(Piece(names: names, range: range))
                number += 1
            }
        }
        return pieces
    }
}
