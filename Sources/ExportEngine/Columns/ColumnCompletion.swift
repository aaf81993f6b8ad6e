import ExportCore
import ExportFormats
import ExportStore

/// Gives windows of several runs the columns that a single run would have given them: those of all keys found in any window. Nothing is
/// fetched again, since the windows are rendered from their original rows.
///
/// The completion is idempotent: new keys stay in the manifests and count until the columns are stored, which is the last step.
struct ColumnCompletion: Sendable {
    private let plan: ExportPlan
    private let destination: any PersistentDestination
    private let policy: WindowPolicy
    private let needsAll: Bool

    /// Creates the completion of a plan's windows.
    /// - Parameter needsAll: Whether it waits until all windows are committed, because another run may export the missing ones. A single
    ///   run leaves out failed windows.
    init(of plan: ExportPlan, in destination: any PersistentDestination, needsAll: Bool) throws {
        self.needsAll = needsAll
        self.plan = plan
        self.destination = destination
        policy = try plan.policy
    }

    /// Whether the windows are committed and some of them lack columns. Changes nothing.
    /// - Parameter known: The states of windows that the run has examined and left alone. If empty, all windows are examined.
    /// - Throws: `StoreError`, `LayoutError`, `CancellationError`.
    func isDue(known: [WindowState] = []) async throws -> Bool {
        guard plan.discoversColumns else { return false }
        let keys = try await destination.windowKeys()
        if needsAll, keys.count < plan.windows.count { return false }
        let stored = try await destination.columns()
        // A narrowed plan does not know the keys of the windows outside it.
        let (digest, planned) = (try stored.digest, Set(plan.windows.map(\.key)))
        for key in keys where !planned.contains(key) {
            if try await destination.manifest(ofWindow: key)?.newKeys?.columns == digest { return false }
        }
        var (stand, isDue) = (true, false)
        let catalog = try await forEachWindow(from: stored, known: known) { _, found in
            switch found {
            case .nothing: stand = false
            case .complete: break
            case .newKeys(let manifest):
                // If columns were added, the completion is due whatever columns the windows have.
                isDue = try isDue || holdsRows(manifest) || !hasColumns(manifest, of: stored)
            }
        }
        return (stand || !needsAll) && (isDue || catalog != stored)
    }

    /// Renders the windows that lack columns, and stores the columns.
    /// - Throws: `StoreError`, `EncodingError`, `LayoutError`, `CancellationError`.
    func run() async throws {
        let stored = try await destination.columns()
        let catalog = try await forEachWindow(from: stored) { _, _ in }
        _ = try await forEachWindow(from: stored) { window, found in
            if case .newKeys(let manifest) = found, try isToBeWritten(manifest, over: stored, with: catalog) {
                try await write(manifest, of: window, with: catalog)
            }
        }
        if catalog != stored { try await destination.store(catalog) }
    }

    /// The state of a window's columns.
    private enum Found {
        /// The window is not exported.
        case nothing
        /// Its columns are complete: a single run wrote it, or they were completed.
        case complete
        /// It has new keys that may not be columns yet.
        case newKeys(Manifest)
    }

    /// Visits the windows in the order of time, in which a single run seals them.
    /// - Returns: The columns after the last window.
    private func forEachWindow(
        from stored: ColumnCatalog, known: [WindowState] = [], _ body: (Window, Found) async throws -> Void
    ) async throws -> ColumnCatalog {
        let digest = try stored.digest
        let complete = Set(known.lazy.filter { $0.need == .nothing && $0.columnsDigest != digest }.map(\.window.key))
        var columns = ColumnPlan(of: plan, stored)
        try await forEachInOrder(plan.windows, width: WindowLook.width) { window in
            let isComplete = complete.contains(window.key)
            return (window, isComplete, isComplete ? nil : try await destination.manifest(ofWindow: window.key))
        } deliver: { (window: Window, isComplete: Bool, manifest: Manifest?) in
            if isComplete { return try await body(window, .complete) }
            guard let manifest, policy.wrote(manifest) else { return try await body(window, .nothing) }
            // A window without rows was written before any column was known.
            guard let newKeys = manifest.newKeys,
                newKeys.columns == digest || manifest.proof.distinctIDs == 0 && !newKeys.isFinal
            else { return try await body(window, .complete) }
            _ = try columns.seal(window.key, keys: newKeys.keys, agent: window.agent)
            try await body(window, .newKeys(manifest))
        }
        return columns.catalog
    }

    /// Whether the files of a window have to be rewritten.
    private func isToBeWritten(
        _ manifest: Manifest, over stored: ColumnCatalog, with catalog: ColumnCatalog
    ) throws -> Bool {
        guard let newKeys = manifest.newKeys, !newKeys.isFinal else { return false }
        if holdsRows(manifest) { return true }
        if try !hasColumns(manifest, of: catalog) { return true }
        return try layouts(of: manifest, stored, newKeys.keys) != layouts(of: manifest, catalog, [])
    }

    /// Whether the files of a window have all columns of a catalog, whatever their types.
    private func hasColumns(_ manifest: Manifest, of catalog: ColumnCatalog) throws -> Bool {
        guard manifest.newKeys?.isFinal == false else { return true }
        let names = try layouts(of: manifest, catalog, []).map { $0?.map(\.name) }
        return zip(manifest.outputFiles, names).allSatisfy { $0.columns == $1 }
    }

    private func layouts(
        of manifest: Manifest, _ catalog: ColumnCatalog, _ keys: [DiscoveredKey]
    ) throws -> [[TableColumn]?] {
        var columns = ColumnPlan(of: plan, catalog, isFixed: true)
        let agent = Window.parts(ofKey: manifest.window.key).agent
        return try columns.seal(manifest.window.key, keys: keys, agent: agent).layouts.map { $0?.columns }
    }

    /// Whether a window keeps its rows only until it has its columns.
    private func holdsRows(_ manifest: Manifest) -> Bool {
        !plan.keepsRows && manifest.keptRows != nil && manifest.newKeys?.isFinal == false
    }

    private func write(_ manifest: Manifest, of window: Window, with catalog: ColumnCatalog) async throws {
        let declared = plan.keepsRows ? plan.keepingRows : plan
        guard let window = declared.windows.first(where: { $0.key == window.key }) else { return }
        var (new, columns) = (manifest, ColumnPlan(of: declared, catalog, isFixed: true))
        new.newKeys?.isFinal = true
        let encoders = try columns.seal(window.key, keys: [], agent: window.agent).encoders
        let rendering = WindowRendering(plan: declared, destination: destination)
        var job = WindowRendering.Job(manifest, as: new, window, encoders)
        if try rendering.needsCopy(job) { job = .init(try await rendering.copyRows(job), as: new, window, encoders) }
        let done = try await rendering.write(job)
        try await destination.commit(done.manifest, columns: nil, keeping: done.kept)
    }
}
