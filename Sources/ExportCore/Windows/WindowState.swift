/// The state of a declared window in the destination.
public struct WindowState: Sendable, Hashable {
    /// The window of the declaration, with the span that an export would cover.
    public var window: Window
    /// Whether the window is exported, and why.
    public var state: State
    /// The reason for the state, in a few words.
    public var reason: String
    /// The number of rows of the committed window. `nil` if there is none.
    public var rows: Int?
    /// The number of rows of the committed window, if they were exported with the same filters, over a span that this one covers. `nil`
    /// otherwise.
    public var comparableRows: Int?
    /// The span of the committed window. `nil` if there is none, or one of another declaration.
    public var covered: TimeRange?
    /// The kind of look that is due. `nil` if none is.
    public var look: LookKind?
    /// The kind of look that is repeated before patching a window in which an earlier look found differences. If `nil`, the window is
    /// exported whole.
    public var patchLook: LookKind?
    /// Whether the only reason for exporting the window again is that it is within `lookback`.
    public var isLookback = false
    /// The source of the committed rows. `nil` if there are none, or their manifest does not record it.
    public var source: Manifest.RowSource?
    /// The run that committed the window. `nil` if it is not committed.
    public var run: String?
    /// When the window was committed. `nil` if it is not committed.
    public var committedAt: Instant?
    /// Identifies the committed rows: the same if they are the same. `nil` if there are none.
    public var rowsIdentity: String?
    /// The counts that the service should have for the committed rows. `nil` if there are none, or their manifest does not record them.
    public var sums: RowSums?
    /// The digest of the columns that the window was written with, if it found keys that may not be columns yet.
    public var columnsDigest: String?

    /// Whether a window is committed, and what the next run does with it.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Committed, proved and unchanged.
        case committed
        /// Not committed, or committed by another declaration.
        case due
        /// Committed, and to be exported again.
        case again
        /// Committed, but not proved.
        case unsettled
        /// Committed, and to be rewritten from stored rows.
        case render
        /// Committed, and to be compared with the service.
        case look
    }

    /// The action of a run for a window.
    public enum Need: Sendable, Hashable {
        /// Leave it alone.
        case nothing
        /// Request its rows and commit it anew.
        case export
        /// Rewrite it from stored rows.
        case render
        /// Compare it with the service, and leave it alone if it is the same.
        case look(LookKind)
    }

    /// The action of a run for the window; `reason` says why.
    public var need: Need {
        switch state {
        case .committed: .nothing
        case .look: look.map(Need.look) ?? .nothing
        case .due, .again, .unsettled: .export
        case .render: .render
        }
    }

    /// Whether a run commits the window anew, from the service's rows or from stored rows.
    public var isOutdated: Bool {
        switch need {
        case .export, .render: true
        case .nothing, .look: false
        }
    }

    /// The state of a window in a destination.
    public enum CommitState: Sendable, Hashable {
        case nothing
        /// The window has a manifest. `missing`: a file of the manifest that is missing or has another size.
        case manifest(Manifest, missing: String?)
        /// There is a manifest, but it cannot be read.
        case unreadable
    }

    init(_ window: Window, _ state: State, _ reason: String) {
        self.window = window
        self.state = state
        self.reason = reason
    }
}
