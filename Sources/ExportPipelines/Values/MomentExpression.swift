import ExportCore

/// An expression for a point in time in a pipeline file, before it is evaluated.
enum MomentExpression: Hashable {
    /// A date-time with an offset.
    case instant(Instant)
    /// A date-time without an offset: the local time as if it were UTC.
    case local(Instant)
    /// The start of a day, given as a number of days after today.
    case day(Int64)
    /// The start of a clock hour, given as a number of hours before the current one.
    case hour(before: Int64)
    /// A number of seconds ago.
    case ago(Int64)

    /// Parses `2024-01-01`, `2024-01-01T08:00[:00[.0]][Z|+01:00]`, `today`, `yesterday`, `tomorrow`, `now`, `today-7d`, `now-2h`, and
    /// `-30d`, `-2w`, `-12h`, which are relative to the start of today or of the current hour. `nil` for anything else.
    init?(_ text: String) {
        if let instant = Instant(iso8601: text) {
            self = .instant(instant)
        } else if let local = Instant(localISO8601: text) ?? Instant(localISO8601: "\(text)T00:00") {
            self = .local(local)
        } else {
            let word = text.prefix { $0 != "-" }
            let step = text.dropFirst(word.count + 1)
            guard let amount = step.isEmpty && !text.endsExactly(with: "-") ? (0, .second) : DurationText.parse(step) else {
                return nil
            }
            self.init(word: word, minus: amount)
        }
    }

    private init?(word: Substring, minus amount: (count: Int64, unit: DurationText.Unit)) {
        if word == "now" {
            self = .ago(amount.count * amount.unit.seconds)
            return
        }
        let days: Int64
        switch (amount.unit, amount.count) {
        case (.day, let count): days = count
        case (.week, let count): days = 7 * count
        case (_, 0) where !word.isEmpty: days = 0
        case (.hour, let count) where word.isEmpty:
            self = .hour(before: count)
            return
        default: return nil
        }
        switch word {
        case "", "today": self = .day(-days)
        case "yesterday": self = .day(-days - 1)
        case "tomorrow": self = .day(1 - days)
        default: return nil
        }
    }

    /// The expression that an invalid text probably means.
    static func nearest(to text: String) -> String? {
        if text.startsExactly(with: "-"), let amount = DurationText.parse(text.dropFirst()),
            amount.unit == .minute || amount.unit == .second
        {
            return "now\(text)"
        }
        return NearestName.of(text, in: ["today", "yesterday", "tomorrow", "now"])
    }

    /// A date that does not exist.
    struct NoSuchDay {
        /// The last day of its month. `nil` if there is no such month.
        let last: CivilDate?
    }

    /// The nonexistent date at the start of a text. `nil` if the date exists, or there is none.
    static func noSuchDay(_ text: String) -> NoSuchDay? {
        let head = Array(text.utf8.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
        let parts = head.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2] else { return nil }
        let numbers = parts.compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard CivilDate(year: year, month: month, day: day) == nil else { return nil }
        return NoSuchDay(last: (28...31).compactMap { CivilDate(year: year, month: month, day: $0) }.last)
    }

    func instant(now: Instant, in zone: ZoneRules) -> Instant {
        switch self {
        case .instant(let instant):
            return instant
        case .local(let local):
            let (second, fraction) = local.microseconds.floorDivided(by: 1_000_000)
            return zone.instant(ofLocal: second).advanced(by: .microseconds(fraction))
        case .day(let days):
            let today = zone.local(now.second).floorDivided(by: 86_400).quotient
            return zone.instant(ofLocal: (today + days) * 86_400)
        case .hour(let hours):
            let pastTheHour = zone.local(now.second).floorDivided(by: 3600).remainder
            return Instant(seconds: now.second - pastTheHour - hours * 3600)
        case .ago(let seconds):
            return now.advanced(by: .seconds(-seconds))
        }
    }
}

extension Instant {
    /// The whole seconds since 1970-01-01T00:00:00Z, rounded down.
    var second: Int64 { microseconds.floorDivided(by: 1_000_000).quotient }
}

extension Int64 {
    /// The quotient, rounded down, so that the remainder is never negative for a positive divisor.
    func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
