extension Instant: CustomStringConvertible {
    /// The instant in UTC, with six fractional digits unless they are zero: `2026-08-17T10:32:33.305953Z`, `2024-01-15T10:30:00Z`.
    public var description: String {
        let (second, fraction) = microseconds.quotientAndModulus(by: 1_000_000)
        let (day, secondOfDay) = second.quotientAndModulus(by: 86_400)
        let date = CivilDate(daysSinceEpoch: day)
        let (hour, minute) = (secondOfDay / 3600, secondOfDay / 60 % 60)
        let time = "\(hour.padded(2)):\(minute.padded(2)):\((secondOfDay % 60).padded(2))"
        return "\(date)T\(time)\(fraction == 0 ? "" : ".\(fraction.padded(6))")Z"
    }

    /// The instant without its fraction of a second, for display.
    package var inWholeSeconds: Instant {
        Instant(microseconds: microseconds - microseconds.quotientAndModulus(by: 1_000_000).modulus)
    }

    /// Reads an RFC 3339 date-time: a date, `T` or a space, a time with or without seconds and fraction, and `Z` or an offset.
    ///
    /// Digits finer than a microsecond are cut off. `nil` for anything else, such as a time without an offset.
    public init?(iso8601 text: some StringProtocol) {
        self.init(iso8601: Array(text.utf8).span)
    }

    /// Reads an RFC 3339 date-time from UTF-8, without allocating memory.
    public init?(iso8601 text: Span<UInt8>) {
        guard let (instant, offset) = Self.parse(text), let offset else { return nil }
        self.init(microseconds: instant.microseconds - offset * 1_000_000)
    }

    /// Reads a date-time without an offset, as if it were in UTC.
    public init?(localISO8601 text: some StringProtocol) {
        guard let (instant, offset) = Self.parse(Array(text.utf8).span), offset == nil else { return nil }
        self = instant
    }

    /// The local time, read as if it were in UTC, and the offset in seconds, if there is one.
    private static func parse(_ text: Span<UInt8>) -> (Instant, offset: Int64?)? {
        var reader = DigitReader()
        guard let year = reader.number(text, 4), reader.skip(text, "-"), let month = reader.number(text, 2), reader.skip(text, "-"),
            let day = reader.number(text, 2), let date = CivilDate(year: year, month: month, day: day),
            reader.skip(text, "T") || reader.skip(text, "t") || reader.skip(text, " "),
            let hour = reader.number(text, 2), hour < 24, reader.skip(text, ":"), let minute = reader.number(text, 2), minute < 60
        else { return nil }
        var microseconds: Int64 = 0
        if reader.skip(text, ":") {
            guard let second = reader.number(text, 2), second < 60 else { return nil }
            microseconds = second * 1_000_000
            if reader.skip(text, ".") {
                guard let fraction = reader.fraction(text, 6) else { return nil }
                microseconds += fraction
            }
        }
        let local = (date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60) * 1_000_000 + microseconds
        if reader.isAtEnd(text) { return (Instant(microseconds: local), nil) }
        guard let offset = reader.offset(text), reader.isAtEnd(text) else { return nil }
        return (Instant(microseconds: local), offset)
    }
}

/// Reads fixed-width decimal fields from the front of a text, which is passed to each call.
private struct DigitReader {
    private var position = 0

    func isAtEnd(_ text: Span<UInt8>) -> Bool { position == text.count }

    mutating func skip(_ text: Span<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd(text), UInt32(text[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func number(_ text: Span<UInt8>, _ width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit = nextDigit(text) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Reads one or more digits, scaled to `width` digits. Further digits are read and ignored.
    mutating func fraction(_ text: Span<UInt8>, _ width: Int) -> Int64? {
        guard var value = nextDigit(text) else { return nil }
        for _ in 1..<width {
            value = value * 10 + (nextDigit(text) ?? 0)
        }
        while nextDigit(text) != nil {}
        return value
    }

    /// Reads `Z`, `+hh:mm` or `+hhmm`, as seconds east of UTC.
    mutating func offset(_ text: Span<UInt8>) -> Int64? {
        if skip(text, "Z") || skip(text, "z") { return 0 }
        let sign: Int64 = skip(text, "-") ? -1 : 1
        guard sign < 0 || skip(text, "+"), let hours = number(text, 2), hours < 24 else { return nil }
        _ = skip(text, ":")
        guard let minutes = number(text, 2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func nextDigit(_ text: Span<UInt8>) -> Int64? {
        guard !isAtEnd(text), (0x30...0x39).contains(text[position]) else { return nil }
        defer { position += 1 }
        return Int64(text[position] - 0x30)
    }
}
