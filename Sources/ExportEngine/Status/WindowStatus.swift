public import ExportCore

/// The status of a window in a destination, for display.
public struct WindowStatus: Sendable, Hashable {
    /// The category under which calendars and reports show a window.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case proved
        /// Proved, and exported again by the next run, since it is recent.
        case lookback
        case unsettled, again
        /// Proved, and rewritten by the next run from stored rows.
        case render
        case missing, unreadable
        /// A newer version wrote it.
        case newer
    }

    /// The window's key.
    public var key: String
    /// How the window is shown.
    public var kind: Kind
    /// Why the window is due, if a declaration says that it is.
    public var reason: String?
    /// When the window was last compared with the service, and how. `nil` if it never was.
    public var lastLook: LastLook?

    /// When a window was compared with the service, and how.
    public struct LastLook: Sendable, Hashable {
        /// The kind of look.
        public var kind: LookKind
        /// The time of the look, by this machine's clock.
        public var at: Instant
        /// Whether the look found a difference that was not exported yet.
        public var differs: Bool

        /// Creates the record of the last look at a window. `nil` if there is none.
        init?(at window: String, in records: LookRecords) {
            guard let record = records.windows[window] else { return nil }
            let looks = LookKind.allCases.compactMap { kind in record.looked[kind.rawValue].map { (kind, $0) } }
            guard let last = looks.max(by: { ($0.1, $0.0) < ($1.1, $1.0) }) else { return nil }
            (kind, at, differs) = (last.0, last.1, record.difference != nil)
        }
    }

    /// Creates the status of a declared window.
    init(_ state: WindowState, isThere: Bool, isReadable: Bool) {
        key = state.window.key
        reason = state.need == .nothing ? nil : state.reason
        kind =
            switch state.state {
            case _ where !isReadable: .unreadable
            case .committed, .look: .proved
            case .unsettled: .unsettled
            case .render: .render
            case .again where state.isLookback: .lookback
            case .due where !isThere: .missing
            case .due, .again: .again
            }
    }

    init(newer key: String) {
        self.key = key
        kind = .newer
    }

    /// Creates the status of a window from its manifest alone.
    init(_ key: String, _ manifest: Manifest?) {
        self.key = key
        kind = manifest.map { $0.status == .proved ? .proved : .unsettled } ?? .unreadable
    }

    /// The calendar group of a window: the day of an hour, the month of a day, the year of a week or a month.
    public var group: String {
        let (agent, span) = Window.parts(ofKey: key)
        let unit =
            switch WindowLength(ofKey: key) {
            case .hour: String(span.prefix(10))
            case .day: String(span.prefix(7))
            case .week, .month: String(span.prefix(4))
            default: ""
            }
        return agent.map { "\($0) \(unit)" } ?? unit
    }
}
