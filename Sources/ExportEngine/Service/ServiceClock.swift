import ExportAPI
import ExportCore

/// Decides which windows have ended by the service's clock, not by this machine's.
enum ServiceClock {
    /// The largest plausible difference between the clocks. With a larger one, certificates would be refused.
    private static let furthest = Duration.seconds(31 * 86_400)

    /// The service's clock, if a window ends late enough for it to matter. `nil` otherwise, or if the service does not show its clock.
    /// - Throws: `CancellationError`.
    static func reading(for windows: [Window], _ client: ServiceClient, now: Instant) async throws -> ClockReading? {
        guard let end = windows.map(\.range.end).max(), end > now.advanced(by: .zero - furthest) else { return nil }
        try await client.readClock()
        return client.clockReading
    }

    /// The windows as far as they have ended. Windows that have not begun are left out, and a current one is shortened, so that a later run
    /// exports it again. Committed windows are not shortened.
    static func ended(_ states: [WindowState], by reading: ClockReading, settle: Duration) -> [WindowState] {
        let now = reading.service.advanced(by: .zero - settle)
        return states.compactMap { state in
            var state = state
            let end = state.covered.map { max($0.end, now) } ?? now
            guard state.window.range.end > end else { return state }
            if let start = state.window.range.start, start >= end { return nil }
            state.window.range.end = end
            return state
        }
    }
}
