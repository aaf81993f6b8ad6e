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
    /// What the window that stands there covers. Nil where none does, or one of another declaration.
    public var covered: TimeRange?
    /// Whether it is well, and exported again for no other reason than that it is recent.
    public var isLookback = false
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
    }

    /// Whether the next run exports the window.
    public var needsExport: Bool { state != .committed }

    /// What stands in a destination under a window's key.
    public enum CommitState: Sendable, Hashable {
        case nothing
        /// `missing`: a file of the manifest that is not there, or has another size.
        case manifest(Manifest, missing: String?)
        /// There is a manifest, and it cannot be read.
        case unreadable
    }

    /// Compares a window with what stands in the destination.
    /// - Parameter query: The filters as they are sent, by which rows of another declaration can be compared all the same.
    public init(
        of window: Window, commitState: CommitState, fingerprint: String, windowing: Windowing, isForced: Bool,
        query: [String: String]? = nil
    ) {
        let (manifest, missing): (Manifest, String?)
        switch commitState {
        case .nothing:
            self.init(window, .due, "not exported yet")
            return
        case .unreadable:
            self.init(window, .due, "its manifest cannot be read")
            return
        case .manifest(let found, let file):
            (manifest, missing) = (found, file)
        }
        defer {
            if manifest.fingerprint == fingerprint || manifest.query == query, self.window.range.contains(manifest.window.range) {
                comparableRows = manifest.proof.distinctIDs
            }
        }
        if manifest.fingerprint != fingerprint {
            self.init(window, .due, "the declaration has changed since")
            return
        }
        defer {
            (rows, columnsDigest) = (manifest.proof.distinctIDs, manifest.newKeys?.columns)
            self.covered = manifest.window.range
        }
        // A calendar window that was cut short by --from, --to or a moving start never takes rows away from what is there.
        let covered = manifest.window.range
        var window = window
        if windowing.every != .all { window.range = window.range.union(covered) }
        if let missing {
            self.init(window, .due, "\(missing) is missing, cannot be opened or has another size")
        } else if manifest.status == .unsettled {
            let (rows, count) = (manifest.proof.distinctIDs, manifest.proof.countAfter)
            let counted = rows == count ? "" : ": \(rows) rows, where the service counted \(count)"
            self.init(window, .unsettled, "could not be proved\(counted)")
        } else if window.range != covered {
            self.init(window, .again, "it covered \(covered) only")
        } else if isForced {
            self.init(window, .again, "--force")
        } else if let after = windowing.lookbackStart, window.range.end > after {
            self.init(window, .again, "within lookback")
            isLookback = true
        } else {
            self.init(window, .committed, "proved, \(manifest.proof.distinctIDs) rows")
        }
    }

    private init(_ window: Window, _ state: State, _ reason: String) {
        self.window = window
        self.state = state
        self.reason = reason
    }
}
