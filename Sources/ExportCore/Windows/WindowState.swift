/// How a window of the declaration stands in the destination.
public struct WindowState: Sendable, Hashable {
    /// The window of the declaration, with the span that an export would cover.
    public var window: Window
    /// Whether the window is exported, and why.
    public var state: State
    /// In a few words, for people.
    public var reason: String
    /// Rows of the window that stands there. Nil where none does.
    public var rows: Int?
    /// Rows of the window that stands there, where they were asked for with the same filters, over a span that this one covers. Nil else.
    public var comparableRows: Int?
    /// The span of the committed window. Nil if there is none, or one of another declaration.
    public var covered: TimeRange?
    /// How the window is to be compared with the service. Nil where it is not.
    public var look: LookKind?
    /// The kind of look that is repeated before a window is patched that an earlier look found different. Nil: it is exported whole.
    public var patchLook: LookKind?
    /// Whether it is well, and exported again for no other reason than that it is recent.
    public var isLookback = false
    /// Whose rows the window that stands there has. Nil where none does, or its manifest does not say.
    public var source: Manifest.RowSource?
    /// The run that committed the window that stands there. Nil where none does.
    public var run: String?
    /// When the window that stands there was committed. Nil where none does.
    public var committedAt: Instant?
    /// Stands for the rows that stand there: the same where they are. Nil where none do.
    public var rowsIdentity: String?
    /// The counts that the service should have for the committed rows. Nil if there are none, or their manifest does not record them.
    public var sums: RowSums?
    /// The digest of the columns that it was written with, if it brought keys that may be no columns yet.
    public var columnsDigest: String?

    /// Whether a window is there, and whether the next run exports it.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// There, proved and unchanged.
        case committed
        /// Not there, or there by another declaration.
        case due
        /// There, and to be exported again.
        case again
        /// There, but not proved.
        case unsettled
        /// There, and to be rewritten from stored rows.
        case render
        /// There, and to be compared with the service.
        case look
    }

    /// The action of a run for a window.
    public enum Need: Sendable, Hashable {
        /// It is left alone.
        case nothing
        /// Its rows are asked for, and it is committed anew.
        case export
        /// It is rewritten from stored rows.
        case render
        /// It is compared with the service, and left alone where it is the same.
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

    /// Whether a run commits the window anew, from the service's rows or from those that are there.
    public var isOutdated: Bool {
        switch need {
        case .export, .render: true
        case .nothing, .look: false
        }
    }

    /// The state of a window in a destination.
    public enum CommitState: Sendable, Hashable {
        case nothing
        /// `missing`: a file of the manifest that is not there, or has another size.
        case manifest(Manifest, missing: String?)
        /// There is a manifest, and it cannot be read.
        case unreadable
    }

    init(_ window: Window, _ state: State, _ reason: String) {
        self.window = window
        self.state = state
        self.reason = reason
    }
}
