import ExportCore
import ExportFormats
import ExportStore

/// Gives windows that several runs have exported the columns that a single run would have given them: all that any of them brought.
/// Nothing is fetched again: the windows are rendered from the rows that stand there, as they came.
///
/// Done again from any point, it comes to the same: what the windows brought stays in their manifests, and counts until the
/// columns are stored, which comes last.
struct ColumnCompletion: Sendable {
    private let plan: ExportPlan
    private let destination: any PersistentDestination
    private let policy: WindowPolicy
    private let needsAll: Bool

    /// - Parameter needsAll: Whether it waits until all windows stand, since another run may bring what is missing. A run that was alone
    ///   leaves out what failed, as a single run does.
    init(of plan: ExportPlan, in destination: any PersistentDestination, needsAll: Bool) throws {
        self.needsAll = needsAll
        self.plan = plan
        self.destination = destination
        policy = try plan.policy
    }

    /// Whether the windows are there, and some have not got their columns. Nothing is changed.
    /// - Parameter known: How windows stood that the run has looked at, and has left alone. None: all are looked at.
    /// - Throws: `StoreError`, `LayoutError`, `CancellationError`.
    func isDue(known: [WindowState] = []) async throws -> Bool {
        guard plan.discoversColumns else { return false }
        let keys = try await destination.windowKeys()
        if needsAll, keys.count < plan.windows.count { return false }
        let stored = try await destination.columns()
        // A plan that was narrowed does not know what the windows outside it bring.
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
                // Where the columns have grown, it is due whatever the windows have.
                isDue = try isDue || holdsRows(manifest) || !hasColumns(manifest, of: stored)
            }
        }
        return (stand || !needsAll) && (isDue || catalog != stored)
    }

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

    /// What stands for a window, as far as its columns go.
    private enum Found {
        /// It is not exported.
        case nothing
        /// It has its columns: a run wrote it that was alone, or they were completed.
        case complete
        /// It brought keys that may be no columns yet.
        case newKeys(Manifest)
    }

    /// Goes through the windows in the order of time, as a single run seals them.
    /// - Returns: The columns behind the last.
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
            // One without rows was written before any column was known.
            guard let newKeys = manifest.newKeys,
                newKeys.columns == digest || manifest.proof.distinctIDs == 0 && !newKeys.isFinal
            else { return try await body(window, .complete) }
            _ = try columns.seal(window.key, keys: newKeys.keys, agent: window.agent)
            try await body(window, .newKeys(manifest))
        }
        return columns.catalog
    }

    /// Whether a window's files are not yet as they are to be.
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

    /// Whether a window holds its rows only until it has its columns.
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
