import ExportCore
import ExportPipelines
import Testing

@Suite struct WindowExpressionTests {
    /// In Zagreb, UTC+1, it is 11:20:30 on Tuesday 2026-11-03.
    @Test(
        "an expression is worked out in the pipeline's zone",
        arguments: [
            ("2026-10-25", "2026-10-24T22:00:00Z"), ("2026-10-26", "2026-10-25T23:00:00Z"),
            ("2026-10-25T08:30", "2026-10-25T07:30:00Z"),
            ("2026-10-24 08:30:15.25", "2026-10-24T06:30:15.250000Z"), ("2026-10-25T08:30:00Z", "2026-10-25T08:30:00Z"),
            ("2026-10-25T08:30:00-05:00", "2026-10-25T13:30:00Z"), ("today", "2026-11-02T23:00:00Z"),
            ("yesterday", "2026-11-01T23:00:00Z"),
            ("now-2h", "2026-11-03T08:20:30Z"), ("now-90m", "2026-11-03T08:50:30Z"), ("now-45s", "2026-11-03T10:19:45Z"),
            ("now-1d", "2026-11-02T10:20:30Z"), ("-0d", "2026-11-02T23:00:00Z"), ("-1d", "2026-11-01T23:00:00Z"),
            ("-9d", "2026-10-24T22:00:00Z"), ("-2w", "2026-10-19T22:00:00Z"), ("-12h", "2026-11-02T22:00:00Z"),
            ("today-7d", "2026-10-26T23:00:00Z"), ("yesterday-1w", "2026-10-25T23:00:00Z"), ("tomorrow-1d", "2026-11-02T23:00:00Z"),
        ])
    func expression(_ text: String, _ instant: String) throws {
        let plan = try plan(smallest + "window: { from: \"\(text)\", every: all, timezone: Europe/Zagreb }\n")
        #expect(plan.windows.first?.range.start == (try at(instant)))
    }

    @Test("plain YAML dates and numbers are read as they are written", arguments: ["2026-10-25", "-30d", "2026-10-25T08:30:00Z"])
    func plain(_ text: String) throws {
        #expect(try !plan(smallest + "window:\n  from: \(text)\n").windows.isEmpty)
    }

    @Test(
        "what is no expression is refused",
        arguments: [
            "2026", "2026-11", "2026-02-29", "2026-11-03T25:00", "2026-11-03T", "-", "--1d", "-d", "-1", "-1x", "-90m", "-1.5d",
            "now-",
            "now+2h", "today-2h", "Today", "last week", "-99999999999999999999d", "2026-11-03T10:00:00+25:00", "١d", "-١d",
        ])
    func refused(_ text: String) throws {
        #expect(try complaints(smallest + "window: { from: \"\(text)\" }\n").count == 1)
    }

    @Test("a local time that clocks skip is the next that they show, and one that comes twice is the first")
    func clockChanges() throws {
        func start(_ text: String) throws -> Instant? {
            try plan(smallest + "window: { from: \"\(text)\", every: all, timezone: Europe/Zagreb }\n").windows.first?.range.start
        }
        #expect(try start("2026-03-29T02:30") == at("2026-03-29T01:00:00Z"))
        #expect(try start("2026-10-25T02:30") == at("2026-10-25T00:30:00Z"))
    }

    @Test("the span ends at now, less what has to settle, and never later than to")
    func end() throws {
        func end(_ window: String) throws -> Instant? { try plan(smallest + "window: { \(window) }\n").windows.last?.range.end }
        #expect(try end("from: today") == at(noon))
        #expect(try end("from: today, settle: 20m") == at("2026-11-03T10:00:30Z"))
        #expect(try end("from: today, to: tomorrow, settle: 90s") == at("2026-11-03T10:19:00Z"))
        #expect(try end("from: today, to: now-2h, settle: 20m") == at("2026-11-03T08:20:30Z"))
        #expect(try end("to: yesterday") == at("2026-11-02T00:00:00Z"))
    }

    @Test(
        "a span of no length has no windows",
        arguments: ["from: today, to: today", "from: now, settle: 1h", "from: now", "from: 2030-01-01, to: 2030-02-01"])
    func empty(_ window: String) throws {
        #expect(try plan(smallest + "window: { \(window) }\n").windows.isEmpty)
    }

    @Test("windows are days where there is a start, one over all where there is none")
    func standardLength() throws {
        #expect(try plan(smallest + "window: { from: 2026-11-01 }\n").windowing.every == .day)
        #expect(try plan(smallest + "window: { to: 2026-11-01 }\n").windowing.every == .all)
        #expect(try plan(smallest).windowing.every == .all)
        #expect(try plan(smallest, .init(from: "today")).windowing.every == .all)
    }

    @Test("lookback is reckoned from now")
    func lookback() throws {
        let windowing = try plan(smallest + "window: { from: 2026-11-01, lookback: 3d, settle: 1h }\n").windowing
        #expect(windowing.again == .endingAfter(try at("2026-10-31T10:20:30Z")))
    }

    @Test("the same text, environment and time give the same plan")
    func deterministic() throws {
        let text = smallest + "window: { from: -30d, every: hour }\nfilters: { metadata: { b: 1, a: 2 }, extra: { z: 1, y: 2 } }\n"
        #expect(try plan(text) == plan(text))
    }
}
