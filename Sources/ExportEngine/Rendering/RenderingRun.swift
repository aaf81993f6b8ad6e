import ExportCore
import ExportFormats
import ExportStore
import Foundation

/// Renders windows of a destination one after the other in the order of time, several of them being written at once.
struct RenderingRun: Sendable {
    private let plan: ExportPlan
    private let destination: any PersistentDestination
    private let identity: ExportRun.Identity
    private let report: @Sendable (RunEvent) -> Void
    private let kind: Kind

    /// Why windows are rendered.
    enum Kind: Sendable {
        /// Their outputs have changed since they were written.
        case outputs
        /// The same, while other runs are at work on the destination: columns are fixed until all windows stand.
        case outputsOfShared
        /// Columns were discovered after they were written. They stay windows of the run that exported them.
        case columns
    }

    /// The outcome for the windows.
    struct Outcome: Sendable {
        var summary = RunSummary()
        var columnUse = ColumnUse()
        /// Keys of windows that were rendered.
        var rendered: Set<String> = []
        /// Windows that could not be given their columns. Those whose outputs changed are exported again instead.
        var failures: [WindowFailure] = []
    }

    /// - Parameter plan: As it is declared, of all windows.
    init(
        _ kind: Kind, of plan: ExportPlan, in destination: any PersistentDestination, as identity: ExportRun.Identity,
        report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.kind = kind
        self.plan =
            switch kind {
            case .outputsOfShared: plan.keepingRows
            case .outputs, .columns: plan.keepsRows ? plan.keepingRows : plan
            }
        self.destination = destination
        self.identity = identity
        self.report = report
    }

    /// Renders windows. Those without stored rows, or with unfit ones, are told and left as they are.
    /// - Parameter keys: Of windows of the plan.
    /// - Throws: `StoreError`, `LayoutError`, `CancellationError`.
    func run(_ keys: Set<String>) async throws -> Outcome {
        let windows = plan.windows.filter { keys.contains($0.key) }
        guard !windows.isEmpty else { return Outcome() }
        let stored = try await destination.columns()
        var columns = ColumnPlan(of: plan, stored, isFixed: kind == .outputsOfShared)
        // Columns that collide already would fail every window.
        try columns.check()
        if kind == .outputs, !columns.discoveries.isEmpty { try await discover(windows, &columns) }
        var left = Set(windows.map(\.key))
        do {
            return try await render(windows, columns, stored, &left)
        } catch {
            for window in windows where left.contains(window.key) { try? destination.discard(window, keepingRows: false) }
            throw error
        }
    }

    /// Looks for the keys of all rows, in the order of time, so that every window has all columns.
    private func discover(_ windows: [Window], _ columns: inout ColumnPlan) async throws {
        let discoveries = columns.discoveries
        try await forEachInOrder(windows, width: Self.width) { window -> (Window, [DiscoveredKey]) in
            guard let file = try await destination.readableManifest(ofWindow: window.key)?.rowsFile else { return (window, []) }
            do {
                return (window, try await StoredRows(file: file, destination: destination).keys(discoveries))
            } catch {
                // It is told when the window is to be written.
                if RowsUnfit(error) != nil { return (window, []) }
                throw error
            }
        } deliver: { window, keys in
            let sealed = try columns.seal(window.key, keys: keys, agent: window.agent)
            if !sealed.collisions.isEmpty { report(.columnsCollide(window: window.key, sealed.collisions)) }
            if !sealed.full.isEmpty { report(.columnsFull(window: window.key, sealed.full)) }
        }
    }

    private static var width: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// How far a window is.
    private enum Step: Sendable {
        case rendered(WindowRendering.Rendered, over: Manifest)
        /// Its rows have to be copied first, which is a commit of its own.
        case copies(WindowRendering.Job)
        case unfit(RowsUnfit)
    }

    private func render(
        _ windows: [Window], _ columns: ColumnPlan, _ stored: ColumnCatalog, _ left: inout Set<String>
    ) async throws -> Outcome {
        let rendering = WindowRendering(plan: plan, destination: destination)
        let fixed = ColumnPlan(of: plan, columns.catalog, isFixed: true)
        var newColumns = columns.catalog == stored ? nil : columns.catalog
        var outcome = Outcome()
        var snapshot = RunSnapshot()
        snapshot.windows = windows.count
        try await forEachInOrder(windows, width: Self.width) { window in
            (window, try await step(window, fixed, rendering))
        } deliver: { (window: Window, step: Step) in
            var step = step
            if case .copies(let job) = step {
                step = try await fitting {
                    let old = try await rendering.copyRows(job)
                    return .rendered(try await rendering.write(.init(old, as: job.new, job.window, job.encoders)), over: old)
                }
            }
            let (done, old): (WindowRendering.Rendered, Manifest)
            switch step {
            case .rendered(let rendered, let over): (done, old) = (rendered, over)
            case .copies: return
            case .unfit(let unfit):
                try destination.discard(window, keepingRows: false)
                guard kind == .columns else { return report(.rowsUnfit(window: window.key, reason: unfit.reason)) }
                let failure = WindowFailure(
                    window: window.key, reason: "it lacks columns that were found after it: \(unfit.reason)", isRetryable: false)
                outcome.failures.append(failure)
                return report(.failed(failure))
            }
            try Task.checkCancellation()
            try await destination.commit(done.manifest, columns: newColumns, keeping: done.kept)
            newColumns = nil
            left.remove(window.key)
            outcome.take(done, over: old, kind)
            snapshot.committed += 1
            (snapshot.rows, snapshot.bytes) = (outcome.summary.rows, outcome.summary.bytes)
            snapshot.fraction = Double(snapshot.committed) / Double(snapshot.windows)
            if kind != .columns {
                report(.committed(done.manifest))
                report(.progressed(snapshot))
            }
        }
        return outcome
    }

    private func step(_ window: Window, _ fixed: ColumnPlan, _ rendering: WindowRendering) async throws -> Step {
        try await fitting {
            guard let old = try await destination.manifest(ofWindow: window.key) else {
                throw RowsUnfit(reason: "its manifest cannot be read")
            }
            let job = try await job(old, window, fixed)
            if try rendering.needsCopy(job) { return .copies(job) }
            return .rendered(try await rendering.write(job), over: old)
        }
    }

    /// Takes what is wrong with the rows of a window for a step of its own.
    private func fitting(_ body: () async throws -> Step) async throws -> Step {
        do { return try await body() } catch {
            guard let unfit = RowsUnfit(error) else { throw error }
            return .unfit(unfit)
        }
    }

    private func job(_ old: Manifest, _ window: Window, _ fixed: ColumnPlan) async throws -> WindowRendering.Job {
        guard let file = old.rowsFile else { throw RowsUnfit(reason: "no file has its rows as they came") }
        let rows = StoredRows(file: file, destination: destination)
        if old.fingerprints == nil, try await !rows.has(plan.source.detail) {
            throw RowsUnfit(reason: "its rows have another detail than source.detail")
        }
        var columns = fixed
        let keys = kind == .outputsOfShared && !columns.discoveries.isEmpty ? try await rows.keys(columns.discoveries) : []
        let sealed = try columns.seal(window.key, keys: keys, agent: window.agent)
        var new = old
        new.fingerprint = identity.fingerprint
        new.fingerprints = try plan.fingerprints
        new.discoveredColumns = fixed.catalog.columns.count
        // Manifests of 0.1.0 do not name the agent, and the files to come may not have its rows as they came.
        if old.source == nil, let agent = try await rows.agent() {
            new.source = Manifest.RowSource(agent: agent, endpoint: plan.part(of: window).source.endpoint)
        }
        if kind != .columns {
            new.exportedAt = old.rowsExportedAt
            (new.run, new.committedAt, new.version) = (identity.run, .now, identity.version)
            new.newKeys =
                kind == .outputsOfShared && !columns.discoveries.isEmpty
                ? Manifest.NewKeys(columns: try fixed.catalog.digest, keys: keys) : nil
        }
        return WindowRendering.Job(old, as: new, window, sealed.encoders)
    }
}

extension RenderingRun.Outcome {
    fileprivate mutating func take(_ done: WindowRendering.Rendered, over old: Manifest, _ kind: RenderingRun.Kind) {
        rendered.insert(done.manifest.window.key)
        guard kind != .columns else {
            // Its rows are counted already.
            summary.bytes += done.manifest.bytes - old.bytes
            return
        }
        columnUse.add(done.columnUse)
        summary.committed += 1
        summary.rendered = (summary.rendered ?? 0) + 1
        summary.rows += done.manifest.proof.distinctIDs
        summary.add(tableRows: done.manifest.tableRows)
        summary.bytes += done.manifest.bytes
    }
}
