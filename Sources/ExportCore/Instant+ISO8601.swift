extension Instant: CustomStringConvertible {
    /// UTC, with six digits of fraction where there is one: `2026-08-17T10:32:33.305953Z`, `2024-01-15T10:30:00Z`.
    public var description: String {
        let (second, fraction) = microseconds.quotientAndModulus(by: 1_000_000)
        let (day, secondOfDay) = second.quotientAndModulus(by: 86_400)
        let date = CivilDate(daysSinceEpoch: day)
        let (hour, minute) = (secondOfDay / 3600, secondOfDay / 60 % 60)
        let time = "\(hour.padded(2)):\(minute.padded(2)):\((secondOfDay % 60).padded(2))"
        return "\(date)T\(time)\(fraction == 0 ? "" : ".\(fraction.padded(6))")Z"
    }

    /// Reads an RFC 3339 date-time: a date, `T` or a space, a time with or without seconds and fraction, and `Z` or an offset.
    ///
    /// Digits finer than a microsecond are cut off. Returns nil for anything else, a time without an offset among it.
    public init?(iso8601 text: some StringProtocol) {
        guard let (instant, offset) = Self.parse(text), let offset else { return nil }
        self.init(microseconds: instant.microseconds - offset * 1_000_000)
    }

    /// Reads the same without an offset: the result is the local time as if it were UTC.
    public init?(localISO8601 text: some StringProtocol) {
        guard let (instant, offset) = Self.parse(text), offset == nil else { return nil }
        self = instant
    }

    /// The local time read as UTC, and the offset in seconds where one is written.
    private static func parse(_ text: some StringProtocol) -> (Instant, offset: Int64?)? {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), let date = CivilDate(year: year, month: month, day: day),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), hour < 24, reader.skip(":"), let minute = reader.number(2), minute < 60
        else { return nil }
        var microseconds: Int64 = 0
        if reader.skip(":") {
            guard let second = reader.number(2), second < 60 else { return nil }
            microseconds = second * 1_000_000
            if reader.skip(".") {
                guard let fraction = reader.fraction(6) else { return nil }
                microseconds += fraction
            }
        }
        let local = (date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60) * 1_000_000 + microseconds
        if reader.isAtEnd { return (Instant(microseconds: local), nil) }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        return (Instant(microseconds: local), offset)
    }
}

/// Reads fixed-width decimal fields from the front of a text.
private struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard !isAtEnd, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<width {
            guard let digit = nextDigit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One digit or more, scaled to `width` digits; further digits are read and cut off.
    mutating func fraction(_ width: Int) -> Int64? {
        guard var value = nextDigit() else { return nil }
        for _ in 1..<width {
            value = value * 10 + (nextDigit() ?? 0)
        }
        while nextDigit() != nil {}
        return value
    }

    /// `Z`, `+hh:mm` or `+hhmm`, as seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64 = skip("-") ? -1 : 1
        guard sign < 0 || skip("+"), let hours = number(2), hours < 24 else { return nil }
        _ = skip(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func nextDigit() -> Int64? {
        guard !isAtEnd, (0x30...0x39).contains(bytes[position]) else { return nil }
        defer { position += 1 }
        return Int64(bytes[position] - 0x30)
    }
}
