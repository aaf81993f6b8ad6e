import ExportCore
import ExportPipelines
import Foundation
import TestSupport
import Testing

@Suite struct CalendarPropertyTests {
    private static let zones = [
        "UTC", "Europe/Zagreb", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Havana",
        "America/Caracas", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Tehran", "Asia/Gaza", "Asia/Pyongyang",
        "Africa/Casablanca",
        "Africa/Cairo", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Antarctica/Troll", "Europe/Istanbul",
    ]

    @Test("windows cover any span of any zone without gaps or overlaps, under keys and paths of their own", arguments: zones)
    func partition(_ zone: String) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<15 {
            let every = WindowLength.allCases.randomElement(using: &random) ?? .day
            let start = Instant(microseconds: Int64.random(in: 0...1_790_000_000_000_000, using: &random))
            let days = Int64.random(in: 0...(every == .hour ? 120 : 2000), using: &random)
            let end = min(try at(noon), start.advanced(by: .seconds(days * 86_400 + Int64.random(in: 1...86_400, using: &random))))
            let windows = try self.windows(start, end, every, zone)
            let story = Comment("seed \(seed): \(every) from \(start) to \(end) in \(zone)")

            #expect(windows.first?.range.start == start, story)
            #expect(windows.last?.range.end == end, story)
            #expect(zip(windows, windows.dropFirst()).allSatisfy { $0.range.end == $1.range.start }, story)
            #expect(windows.allSatisfy { $0.range.length ?? .zero > .zero }, story)
            #expect(Set(windows.map(\.key)).count == windows.count, story)
            #expect(Set(windows.map(\.paths)).count == windows.count, story)

            // Each window stands alone as it stands among others: what was committed under a key is found again under it.
            if let window = windows.randomElement(using: &random), let start = window.range.start, every != .all {
                #expect(try self.windows(start, window.range.end, every, zone) == [window], story)
            }
        }
    }

    @Test("days begin where the calendar of the system says they do", arguments: zones)
    func startOfDay(_ zone: String) throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zone))
        for window in try windows(at("2015-01-01T00:00:00Z"), at("2019-01-01T00:00:00Z"), .day, zone).dropFirst() {
            let start = try #require(window.range.start)
            let date = Date(timeIntervalSince1970: Double(start.microseconds) / 1_000_000)
            #expect(calendar.startOfDay(for: date) == date, "\(window.key) in \(zone)")
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            #expect(window.key == String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0), "\(zone)")
        }
    }

    private func windows(_ start: Instant, _ end: Instant, _ every: WindowLength, _ zone: String) throws -> [Window] {
        try plan(
            smallest + "window: { from: \"\(start)\", to: \"\(end)\", every: \(every.rawValue), timezone: \(zone) }\n"
        ).windows
    }
}
