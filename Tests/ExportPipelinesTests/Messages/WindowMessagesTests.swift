import Testing

@Suite struct WindowMessagesTests {
    @Test("a wrong span is told why", arguments: Transcript.read(Self.transcript, after: smallest))
    func message(_ entry: Transcript.Entry) throws {
        #expect(try complaints(entry.text) == entry.lines)
    }

    private static let transcript = """
        window:
          from: 2026-02-30
        => 4:9: error: window.from: there is no such day as "2026-02-30", since that month has 28 days; write 2026-02-28

        window:
          from: 2024-02-30T08:00:00Z
        => 4:9: error: window.from: there is no such day as "2024-02-30T08:00:00Z", since that month has 29 days; write
           2024-02-29

        window:
          from: 2024-01-01
          to: 2024-13-01
        => 5:7: error: window.to: there is no such day as "2024-13-01", since months run from 01 to 12; write year, month
           and day, as in 2024-01-31

        window:
          from: yesterdy
        => 4:9: error: window.from must be a date (2024-01-01), a date-time (2024-01-01T08:00), today, yesterday, tomorrow,
           now, -30d, -2w, -12h, today-7d or now-2h, but is "yesterdy"; did you mean "yesterday"?

        window:
          from: -90m
        => 4:9: error: window.from must be a date (2024-01-01), a date-time (2024-01-01T08:00), today, yesterday, tomorrow,
           now, -30d, -2w, -12h, today-7d or now-2h, but is "-90m"; did you mean "now-90m"?

        window:
          from: today
          to: yesterday
        => 5:7: error: the span begins at 2026-11-03T00:00:00Z, after its end at 2026-11-02T00:00:00Z; the earlier time
           belongs in from, the later one in to

        window:
          from: tomorrow
        => 4:9: error: the span begins at 2026-11-04T00:00:00Z, after its end at 2026-11-03T10:20:30Z; the earlier time
           belongs in from, the later one in to

        window:
          every: day
        => 3:1: error: window.from is missing; without it there is no first day; add from: 2024-01-01, or every: all

        window:
          every: dya
          from: today
        => 4:10: error: window.every must be one of hour, day, week, month, all, but is "dya"; did you mean "day"?

        window:
          from: today
          timezone: Europe/Zagrib
        => 5:13: error: window.timezone must be an IANA time zone such as Europe/Zagreb or UTC, but is "Europe/Zagrib"; did
           you mean "Europe/Zagreb"?

        window:
          from: today
          timezone: new york
        => 5:13: error: window.timezone must be an IANA time zone such as Europe/Zagreb or UTC, but is "new york"; did you
           mean "America/New_York"?

        window:
          from: today
          timezone: EST
        => 5:13: error: window.timezone must be an IANA time zone such as Europe/Zagreb or UTC, but is "EST"

        window:
          from: today
          settle: 20
        => 5:11: error: window.settle must be a duration such as 90s, 20m, 2h or 1d, but is "20"

        window:
          from: 1990-01-01
          every: hour
        => 4:9: error: the span has more than 200000 windows of one hour; use longer windows (every), or begin later
        """
}
