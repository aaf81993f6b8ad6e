import ExportCore
import Testing

@testable import ExportEngine

@Suite struct ServiceClockTests {
    private static let hour: Int64 = 3600

    private func state(_ hours: Range<Int64>, covered: Range<Int64>? = nil) -> WindowState {
        func range(_ hours: Range<Int64>) -> TimeRange {
            TimeRange(start: Instant(seconds: hours.lowerBound * Self.hour), end: Instant(seconds: hours.upperBound * Self.hour))
        }
        let window = Window(key: "\(hours.lowerBound)", range: range(hours), paths: ["x"])
        var state = WindowPolicy(fingerprint: "f", windowing: Windowing(every: .day, timezone: "UTC"), query: [:])
            .state(of: window, commitState: .nothing)
        state.covered = covered.map(range)
        return state
    }

    /// Begin and end of what is left of windows, in hours.
    private func ended(_ states: [WindowState], at hour: Int64, settle: Duration = .zero) -> [[Int64]] {
        let now = Instant(seconds: hour * Self.hour)
        return ServiceClock.ended(states, by: ClockReading(service: now, machine: now), settle: settle).map { state in
            [state.window.range.start, state.window.range.end].map { ($0?.microseconds ?? -1) / 1_000_000 / Self.hour }
        }
    }

    @Test("windows that have ended are left as they are; one that is under way is cut short; one that has not begun is left out")
    func cut() {
        let days = [state(0..<24), state(24..<48), state(48..<72)]
        #expect(ended(days, at: 72) == [[0, 24], [24, 48], [48, 72]])
        #expect(ended(days, at: 50) == [[0, 24], [24, 48], [48, 50]])
        #expect(ended(days, at: 48) == [[0, 24], [24, 48]])
        #expect(ended(days, at: 50, settle: .seconds(3 * Self.hour)) == [[0, 24], [24, 47]])
        #expect(ended(days, at: -1) == [])
    }

    @Test("what a window covers already is not taken back by a service whose clock was set back")
    func covered() {
        #expect(ended([state(24..<48, covered: 24..<40)], at: 30) == [[24, 40]])
        #expect(ended([state(24..<48, covered: 24..<40)], at: 44) == [[24, 44]])
        #expect(ended([state(24..<48, covered: 24..<48)], at: 0) == [[24, 48]])
    }
}
