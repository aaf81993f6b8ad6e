import ExportAPI
import ExportCore

/// Decides by the service's clock, not by this machine's, which windows have ended.
enum ServiceClock {
    /// A clock that is further off is noticed by certificates.
    private static let furthest = Duration.seconds(31 * 86_400)

    /// The service's clock, if any of the windows ends so late that it matters. Otherwise, or if the service does not show its clock, nil.
    /// - Throws: `CancellationError`.
    static func reading(for windows: [Window], _ client: ServiceClient, now: Instant) async throws -> ClockReading? {
        guard let end = windows.map(\.range.end).max(), end > now.advanced(by: .zero - furthest) else { return nil }
        try await client.readClock()
        return client.clockReading
    }

    /// The windows as far as they have ended: those that have not begun are left out, and one that is under way is cut short, so that a
    /// later run exports it again. What stands there already is not taken back.
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
