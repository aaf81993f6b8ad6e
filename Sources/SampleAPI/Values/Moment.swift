/// Whole microseconds since 1970-01-01T00:00:00Z, the resolution of the service's times.
struct Moment: Sendable, Hashable, Comparable {
    var microseconds: Int64

    static let day: Int64 = 86_400_000_000
    static let second: Int64 = 1_000_000

    static func < (left: Moment, right: Moment) -> Bool {
        left.microseconds < right.microseconds
    }

    static func + (left: Moment, microseconds: Int64) -> Moment {
        Moment(microseconds: left.microseconds + microseconds)
    }

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Midnight UTC of a day of the Gregorian calendar. `nil` if there is no such day.
    init?(year: Int, month: Int, day: Int) {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year >= 1, (1...12).contains(month), day >= 1, day <= lengths[month - 1] else { return nil }
        let earlier = year - 1
        let days = earlier * 365 + earlier / 4 - earlier / 100 + earlier / 400 + lengths.prefix(month - 1).reduce(0, +) + day - 1
        microseconds = Int64(days - 719_162) * Self.day
    }

    /// How a time is spelled.
    enum Spelling: Sendable {
        /// `2026-08-17T10:32:33.305953Z`; whole seconds without a fraction, as Django does it.
        case plain
        /// Six digits of fraction always.
        case fraction
        /// Like `plain`, with `+00:00` instead of `Z`.
        case offset
    }

    func text(_ spelling: Spelling = .plain) -> String {
        let fields = fields
        let time = "\(fields.hour.padded(2)):\(fields.minute.padded(2)):\(fields.second.padded(2))"
        let part = fields.microsecond == 0 && spelling != .fraction ? "" : ".\(fields.microsecond.padded(6))"
        return "\(fields.year.padded(4))-\(fields.month.padded(2))-\(fields.day.padded(2))T\(time)\(part)"
            + (spelling == .offset ? "+00:00" : "Z")
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7); a fraction is cut off.
    var httpDate: String {
        let fields = fields
        let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][fields.weekday]
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = "\(fields.hour.padded(2)):\(fields.minute.padded(2)):\(fields.second.padded(2))"
        return "\(weekday), \(fields.day.padded(2)) \(names[fields.month - 1]) \(fields.year.padded(4)) \(time) GMT"
    }

    /// The fields of the UTC calendar; `weekday` counts from Monday, 0.
    var fields: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int, weekday: Int) {
        let clock = Int(((microseconds % Self.day) + Self.day) % Self.day)
        let days = Int((microseconds - Int64(clock)) / Self.day)
        // 400 years have 146,097 days; the estimate is at most a year too late.
        var year = 1970 + days * 400 / 146_097 + 1
        while let start = Moment(year: year, month: 1, day: 1), Int(start.microseconds / Self.day) > days { year -= 1 }
        var month = 12
        while let start = Moment(year: year, month: month, day: 1), Int(start.microseconds / Self.day) > days { month -= 1 }
        let first = Moment(year: year, month: month, day: 1).map { Int($0.microseconds / Self.day) } ?? days
        let seconds = clock / 1_000_000
        let weekday = ((days + 3) % 7 + 7) % 7
        return (
            year, month, days - first + 1, seconds / 3600, seconds / 60 % 60, seconds % 60, clock % 1_000_000, weekday
        )
    }
}

extension Int {
    /// Decimal digits, filled up with zeros from the left.
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}
