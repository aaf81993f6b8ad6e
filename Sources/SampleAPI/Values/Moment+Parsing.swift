extension Moment {
    /// Reads what Django's date-time field reads: a date, or a date and a time with or without seconds, fraction and offset.
    ///
    /// A date stands for its midnight, a time without an offset for UTC. `nil` for anything else.
    init?(parsing text: some StringProtocol) {
        var reader = FieldReader(rest: Array(text.utf8)[...])
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), let midnight = Moment(year: year, month: month, day: day)
        else { return nil }
        if reader.rest.isEmpty {
            self = midnight
            return
        }
        guard reader.skip("T") || reader.skip(" "), let hour = reader.digits(2), hour < 24, reader.skip(":"),
            let minute = reader.digits(2), minute < 60
        else { return nil }
        var clock = Int64(hour * 3600 + minute * 60) * Self.second
        if reader.skip(":") {
            guard let second = reader.digits(2), second < 60 else { return nil }
            clock += Int64(second) * Self.second
            if reader.skip(".") {
                guard let fraction = reader.microseconds() else { return nil }
                clock += fraction
            }
        }
        guard let offset = reader.offset(), reader.rest.isEmpty else { return nil }
        self = midnight + (clock - Int64(offset) * Self.second)
    }
}

private struct FieldReader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ width: Int) -> Int? {
        let field = rest.prefix(width)
        guard field.count == width, field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(width)
        return field.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// One to six digits of a fraction; further digits are cut off.
    mutating func microseconds() -> Int64? {
        let field = rest.prefix { (0x30...0x39).contains($0) }
        guard !field.isEmpty else { return nil }
        rest = rest.dropFirst(field.count)
        let kept = field.prefix(6).map { Int64($0 - 0x30) }
        return (kept + Array(repeating: 0, count: 6 - kept.count)).reduce(0) { $0 * 10 + $1 }
    }

    /// `Z`, `+hh:mm`, `+hhmm`, `+hh` or nothing, as seconds east of UTC.
    mutating func offset() -> Int? {
        if rest.isEmpty || skip("Z") { return 0 }
        let sign = skip("-") ? -1 : 1
        guard sign < 0 || skip("+"), let hours = digits(2), hours < 24 else { return nil }
        if rest.isEmpty { return sign * hours * 3600 }
        _ = skip(":")
        guard let minutes = digits(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
