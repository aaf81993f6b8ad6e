import ExportCore
import ExportPipelines
import Testing

@Suite struct CalendarTests {
    private func windows(_ from: String, _ to: String, _ every: String, _ zone: String = "UTC") throws -> [Window] {
        try plan(smallest + "window: { from: \"\(from)\", to: \"\(to)\", every: \(every), timezone: \(zone) }\n").windows
    }

    private func hours(_ windows: [Window]) -> [Double] {
        windows.compactMap { $0.range.length.map { $0 / .seconds(3600) } }
    }

    @Test("the days on which clocks change have 23 and 25 hours")
    func changeDays() throws {
        #expect(hours(try windows("2026-03-28", "2026-03-31", "day", "Europe/Zagreb")) == [24, 23, 24])
        #expect(hours(try windows("2026-10-24", "2026-10-27", "day", "Europe/Zagreb")) == [24, 25, 24])
    }

    @Test("a day whose midnight does not exist begins at its first instant")
    func skippedMidnight() throws {
        let windows = try windows("2018-11-03", "2018-11-06", "day", "America/Sao_Paulo")
        #expect(windows.map(\.key) == ["2018-11-03", "2018-11-04", "2018-11-05"])
        #expect(
            try windows.map(\.range.start) == [at("2018-11-03T03:00:00Z"), at("2018-11-04T03:00:00Z"), at("2018-11-05T02:00:00Z")])
        #expect(hours(windows) == [24, 23, 24])
    }

    @Test("a midnight that comes twice begins its day once")
    func repeatedMidnight() throws {
        #expect(hours(try windows("2018-02-17", "2018-02-19", "day", "America/Sao_Paulo")) == [25, 24])
        #expect(hours(try windows("2025-11-01", "2025-11-04", "day", "America/Havana")) == [24, 25, 24])
        #expect(hours(try windows("2010-11-06", "2010-11-09", "day", "America/St_Johns")) == [24, 25, 24])
    }

    @Test("a day that a zone left out is left out")
    func skippedDay() throws {
        let windows = try windows("2011-12-29", "2012-01-01", "day", "Pacific/Apia")
        #expect(windows.map(\.key) == ["2011-12-29", "2011-12-31"])
    }

    @Test("an hour that comes twice is two windows, and the later one's key has its offset")
    func repeatedHour() throws {
        let windows = try windows("2026-10-25T01:00", "2026-10-25T04:00", "hour", "Europe/Zagreb")
        #expect(windows.map(\.key) == ["2026-10-25T01", "2026-10-25T02", "2026-10-25T02+0100", "2026-10-25T03"])
        #expect(hours(windows) == [1, 1, 1, 1])
        #expect(windows.last?.paths == ["conversations/dt=2026-10-25/conversations-2026-10-25T03.ndjson.gz"])
        let west = try self.windows("2026-11-01T05:30Z", "2026-11-01T07:30Z", "hour", "America/New_York")
        #expect(west.map(\.key) == ["2026-11-01T01", "2026-11-01T01-0500", "2026-11-01T02"])
    }

    @Test("a window keeps its key where the span begins within it, even in the later of two hours")
    func stableKeys() throws {
        #expect(try windows("2026-10-25T01:15Z", "2026-10-25T01:45Z", "hour", "Europe/Zagreb").map(\.key) == ["2026-10-25T02+0100"])
        #expect(try windows("2026-11-01T15:00", "2026-11-02T09:00", "day").map(\.key) == ["2026-11-01", "2026-11-02"])
        let cut = try windows("2026-10-05", "2026-10-06", "month")
        #expect(cut.map(\.key) == ["2026-10"])
        #expect(cut.first?.paths == ["conversations/dt=2026-10-01/conversations.ndjson.gz"])
        #expect(hours(cut) == [24])
    }

    @Test("an hour that clocks skip is no window")
    func skippedHour() throws {
        let windows = try windows("2026-03-29T01:00", "2026-03-29T04:00", "hour", "Europe/Zagreb")
        #expect(windows.map(\.key) == ["2026-03-29T01", "2026-03-29T03"])
        #expect(hours(windows) == [1, 1])
    }

    @Test("where clocks change by half an hour, hours stay aligned to the zone's full hours")
    func lordHowe() throws {
        let autumn = try windows("2026-04-05T00:00", "2026-04-05T04:00", "hour", "Australia/Lord_Howe")
        #expect(autumn.map(\.key) == ["2026-04-05T00", "2026-04-05T01", "2026-04-05T01+1030", "2026-04-05T02", "2026-04-05T03"])
        #expect(hours(autumn) == [1, 1, 0.5, 1, 1])
        let spring = try windows("2026-10-04T01:00", "2026-10-04T04:00", "hour", "Australia/Lord_Howe")
        #expect(spring.map(\.key) == ["2026-10-04T01", "2026-10-04T02", "2026-10-04T03"])
        #expect(hours(spring) == [1, 0.5, 1])
        #expect(hours(try windows("2026-04-04", "2026-04-06", "day", "Australia/Lord_Howe")) == [24, 24.5])
    }

    @Test("hours of a zone with a half-hour offset begin at its own full hours")
    func kolkata() throws {
        let windows = try windows("2026-11-01", "2026-11-01T02:00", "hour", "Asia/Kolkata")
        #expect(try windows.map(\.range.start) == [at("2026-10-31T18:30:00Z"), at("2026-10-31T19:30:00Z")])
        #expect(windows.map(\.key) == ["2026-11-01T00", "2026-11-01T01"])
    }

    @Test(
        "weeks are those of ISO 8601, and belong to the year of their Thursday",
        arguments: [
            ("2026-11-02", "2026-W45"), ("2020-12-31", "2020-W53"), ("2021-01-03", "2020-W53"), ("2021-01-04", "2021-W01"),
            ("2024-12-30", "2025-W01"), ("2016-01-03", "2015-W53"), ("2026-01-01", "2026-W01"), ("2023-01-01", "2022-W52"),
        ])
    func weeks(_ day: String, _ key: String) throws {
        let window = try #require(try windows(day, "\(day)T12:00", "week", "Europe/Zagreb").first)
        #expect(window.key == key)
    }

    @Test("months have the length of the calendar")
    func months() throws {
        let windows = try windows("2024-01-01", "2024-05-01", "month", "Europe/Zagreb")
        #expect(windows.map(\.key) == ["2024-01", "2024-02", "2024-03", "2024-04"])
        #expect(hours(windows) == [744, 696, 743, 720])
    }

    @Test("two years of hours are planned, each with its own key and path")
    func twoYears() throws {
        let windows = try windows("2024-11-01", "2026-11-01", "hour", "Europe/Zagreb")
        #expect(windows.count == 17_520)
        #expect(Set(windows.map(\.key)).count == 17_520)
        #expect(Set(windows.map(\.paths)).count == 17_520)
    }
}
