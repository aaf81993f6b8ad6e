/// The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date if a proxy rewrote it.
public enum RetryAfter {
    /// The time to wait. `nil` if the header is invalid or names a time in the past.
    public static func pause(_ header: String, now: Instant) -> Duration? {
        let text = header.trimmingSpaces()
        if let seconds = Double(text), seconds.isFinite {
            return seconds > 0 ? .seconds(min(seconds, 86_400)) : nil
        }
        guard let date = httpDate(text), date > now else { return nil }
        return date.duration(since: now)
    }

    /// Parses an HTTP date in the only form that senders may still generate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func httpDate(_ text: String) -> Instant? {
        let fields = text.splitExactly(at: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard fields.count == 6, fields[0].endsExactly(with: ","), fields[5] == "GMT", let day = Int64(fields[1]),
            let month = months.firstIndex(of: String(fields[2])), let year = Int64(fields[3]),
            let date = CivilDate(year: year, month: Int64(month + 1), day: day)
        else { return nil }
        return Instant(iso8601: "\(date)T\(fields[4])Z")
    }
}

extension StringProtocol {
    fileprivate func trimmingSpaces() -> String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}
