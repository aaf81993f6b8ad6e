/// Decides what each window of a declaration needs, by its state in a destination.
///
/// A pure value without a clock or a destination, shared by runs, plans and reports.
public struct WindowPolicy: Sendable, Hashable {
    /// The fingerprint of the declaration, as manifests have it.
    public let fingerprint: String
    private let windowing: Windowing
    /// The filters as they are sent, to recognize comparable rows of another declaration.
    private let query: [String: String]
    /// When the windows were compared with the service, and the results.
    private let looks: LookRecords

    /// The parts of the declaration. If `nil`, a window of another declaration is due, whatever differs.
    private let declared: DeclaredParts?

    /// Creates the policy of a declaration.
    public init(
        fingerprint: String, windowing: Windowing, query: [String: String], declared: DeclaredParts? = nil,
        looks: LookRecords = LookRecords()
    ) {
        self.fingerprint = fingerprint
        self.windowing = windowing
        self.query = query
        self.declared = declared
        self.looks = looks
    }

    /// Whether a window was written by this declaration, so that its rows and files are up to date.
    public func wrote(_ manifest: Manifest) -> Bool { change(since: manifest, paths: []) == nil }

    /// Whether a window has the rows that this declaration selects, however they are written.
    public func asked(for manifest: Manifest) -> Bool {
        switch change(since: manifest, paths: []) {
        case nil, .outputs: true
        case .query: false
        }
    }

    private func change(since manifest: Manifest, paths: [String]) -> DeclaredParts.Change? {
        if manifest.fingerprint == fingerprint { return nil }
        guard let declared else { return .query("the pipeline file has changed since") }
        return declared.change(since: manifest, paths: paths)
    }

    /// The state of a window, by its commit in the destination.
    public func state(of window: Window, commitState: WindowState.CommitState) -> WindowState {
        switch commitState {
        case .nothing: return WindowState(window, .due, "not exported yet")
        case .unreadable: return WindowState(window, .due, "its manifest cannot be read")
        case .manifest(let manifest, let missing):
            let change = change(since: manifest, paths: window.paths)
            var state =
                switch change {
                case .query(let reason): WindowState(window, .due, reason)
                case .outputs(let reason): self.state(of: window, manifest, missing: missing).changed(reason, manifest)
                case nil: self.state(of: window, manifest, missing: missing).keeping(manifest, isDeclared: declared?.keepsRows)
                }
            (state.source, state.run) = (manifest.source, manifest.run)
            (state.committedAt, state.sums, state.rowsIdentity) = (manifest.committedAt, manifest.sums, manifest.rowsIdentity)
            if asked(for: manifest) || manifest.query == query, state.window.range.contains(manifest.window.range) {
                state.comparableRows = manifest.proof.distinctIDs
            }
            return state
        }
    }

    private func state(of window: Window, _ manifest: Manifest, missing: String?) -> WindowState {
        let covered = manifest.window.range
        var window = window
        // A calendar window that was shortened by --from, --to or a moving start never removes committed rows.
        if windowing.every != .all { window.range = window.range.union(covered) }
        var state = decision(on: window, manifest)
        if let missing { state = state.missing(missing, manifest) }
        (state.rows, state.columnsDigest, state.covered) = (manifest.proof.distinctIDs, manifest.newKeys?.columns, covered)
        return state
    }

    private func decision(on window: Window, _ manifest: Manifest) -> WindowState {
        let covered = manifest.window.range
        if manifest.status == .unsettled {
            let (rows, count) = (manifest.proof.distinctIDs, manifest.proof.countAfter)
            let counted = rows == count ? "" : ": \(rows) rows, but the service counted \(count)"
            return WindowState(window, .unsettled, "could not be proved\(counted)")
        }
        if window.range != covered { return WindowState(window, .again, "it covered only \(covered)") }
        switch windowing.again {
        case .all(let reason):
            return WindowState(window, .again, reason)
        case .endingAfter(let after) where window.range.end > after:
            var state = WindowState(window, .again, "within lookback")
            state.isLookback = true
            return state
        case .endingAfter, .never:
            return compared(window, manifest)
        }
    }

    /// The state of a committed, proved and unchanged window, by the results of looks and the looks that are due.
    private func compared(_ window: Window, _ manifest: Manifest) -> WindowState {
        if let difference = looks.windows[window.key]?.difference, manifest.committedAt < difference.foundAt {
            var state = WindowState(window, .again, "\(difference)")
            if difference.look == .lean, manifest.rowsFile != nil, manifest.digests != nil,
                let endpoint = manifest.source?.endpoint, looks.lists?[endpoint] == true
            {
                state.patchLook = .lean
            }
            return state
        }
        guard let look = dueLook(at: window, manifest) else {
            let rows = manifest.proof.distinctIDs
            return WindowState(window, .committed, "proved, \(rows) \(rows == 1 ? "row" : "rows")")
        }
        let last = looks.lastLook(at: window.key, look).map { ", last at \($0.inWholeSeconds)" } ?? ""
        var state = WindowState(window, .look, "a \(look.rawValue) look is due\(last)")
        state.look = look
        return state
    }

    /// The most thorough look that is due.
    private func dueLook(at window: Window, _ manifest: Manifest) -> LookKind? {
        LookKind.allCases.reversed().first { look in
            guard let tier = windowing.refresh.first(where: { $0.look == look && $0.covers(window.range) }) else { return false }
            guard let lastBefore = tier.lastBefore else { return true }
            // An export counts as a look. Rendering or patching a window does not.
            let exported = manifest.rowsExportedAt
            let last = looks.lastLook(at: window.key, look).map { max($0, exported) } ?? exported
            return last < lastBefore
        }
    }
}

extension WindowState {
    /// Whether nothing is wrong with the rows of the window, as far as the destination shows.
    private var hasItsRows: Bool { state == .committed || state == .look || state == .render }

    /// The same where the files are to be written from the stored rows. A look that is due is made all the same, before that.
    private func rendered(_ reason: String) -> WindowState {
        var state = self
        (state.state, state.reason) = (.render, look == nil ? reason : "\(reason), and \(self.reason)")
        return state
    }

    /// The same where a file of the window is missing.
    fileprivate func missing(_ path: String, _ manifest: Manifest) -> WindowState {
        let reason = "\(path) is missing, cannot be opened or has another size"
        guard hasItsRows, let rows = manifest.rowsFile, !rows.path.equalsExactly(path) else {
            return WindowState(window, .due, reason)
        }
        return rendered(reason)
    }

    /// The same where the outputs have changed since the window was written.
    fileprivate func changed(_ reason: String, _ manifest: Manifest) -> WindowState {
        var state = self
        state.isLookback = false
        state.patchLook = nil
        guard hasItsRows else {
            state.reason += ", and \(reason)"
            return state
        }
        guard manifest.rowsFile != nil else {
            (state.state, state.look) = (.due, nil)
            state.reason = "\(reason), and the window has no stored rows (keep_rows), so it is exported again"
            return state
        }
        return rendered(reason)
    }

    /// The state if the window has kept rows although the declaration does not, or no longer, keep them.
    /// - Parameter isDeclared: Whether the declaration keeps rows. `nil` if that is not known.
    fileprivate func keeping(_ manifest: Manifest, isDeclared: Bool?) -> WindowState {
        // With shared runs, the completion of columns removes them.
        guard hasItsRows, isDeclared == false, manifest.newKeys == nil, manifest.keptRows != nil else { return self }
        return rendered("its rows are kept, which the pipeline file does not ask for")
    }
}
