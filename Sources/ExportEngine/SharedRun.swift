public import ExportAPI
public import ExportCore
public import ExportStore

/// One of several runs that make a destination equal to a declaration side by side, each a share of its windows.
///
/// What they have in common is the columns. They must not hang on who comes first, nor on what is at work beside whom: so they are
/// settled before all else, by the first window that has rows, whoever exports it, and stand from there on. Keys that turn up later are in
/// the rest of their windows, and in their manifests; once all windows stand, the last run makes columns of them, in the order of
/// time.
public struct SharedRun: Sendable {
    private let plan: ExportPlan
    private let share: Share
    private let destination: any LastingDestination
    private let client: ServiceClient
    private let identity: ExportRun.Identity
    private let isForced: Bool
    private let report: @Sendable (RunEvent) -> Void

    /// - Parameter plan: Of all windows. The lock of the share is held.
    public init(
        _ share: Share, of plan: ExportPlan, to destination: any LastingDestination, from client: ServiceClient,
        as identity: ExportRun.Identity, isForced: Bool, report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.plan = plan
        self.share = share
        self.destination = destination
        self.client = client
        self.identity = identity
        self.isForced = isForced
        self.report = report
    }

    /// Exports the windows of the share that are not committed.
    ///
    /// A run that is cancelled reports what it did until then, with a `CancellationError` as its `stop`.
    /// - Throws: `StoreError` where the destination cannot even be read. All else is in the report.
    public func run() async throws -> RunReport {
        var states = try await states(of: plan.narrowed(to: share))
        let due = states.count(where: \.isToBeExported)
        report(.started(due: due, skipped: states.count - due))
        var whole = RunReport(summary: RunSummary(), failures: [], stop: nil)
        var settled: [String] = []
        do {
            if discovers {
                try await destination.withColumns(holder: identity.run) { try await settle(&whole, &settled) }
                // Another run may have exported one of this share.
                states = try await self.states(of: plan.narrowed(to: share))
            }
            let columns = try await destination.columns()
            let due = states.filter(\.isToBeExported).map(\.window)
            whole.add(await exporter.export(due, columns: columnPlan(columns, isFixed: true), stored: columns))
            whole.summary.windows = Set(states.map(\.window.key)).union(settled).count
            whole.summary.skipped = whole.summary.windows - due.count - settled.count
            if whole.stop == nil, discovers { try await complete() }
        } catch {
            whole.stop = error
            whole.summary.windows = max(states.count, settled.count)
        }
        whole.summary.take(client.counts)
        return whole
    }

    private var exporter: ExportRun {
        ExportRun(plan, to: destination, from: client, as: identity, report: report)
    }

    /// Whether keys of rows become columns.
    private var discovers: Bool { !columnPlan(ColumnCatalog(), isFixed: true).discoveries.isEmpty }

    private func columnPlan(_ catalog: ColumnCatalog, isFixed: Bool) -> ColumnPlan {
        ColumnPlan(plan.outputs, detail: plan.source.detail, catalog: catalog, isFixed: isFixed)
    }

    private func states(of plan: ExportPlan) async throws -> [WindowState] {
        try await ExportRun.states(of: plan, in: destination, fingerprint: identity.fingerprint, isForced: isForced)
    }

    /// Sees to it that columns are known: by the names that the service has, and where it has none for a field, by the first window
    /// that has rows. They are held.
    /// - Parameter settled: Takes the windows that were exported for it.
    private func settle(_ whole: inout RunReport, _ settled: inout [String]) async throws {
        var stored = try await destination.columns()
        var columns = columnPlan(stored, isFixed: false)
        try await columns.addNamedKeys(from: client)
        if columns.isBlank {
            let states = try await states(of: plan)
            let isSettled = states.contains { $0.state != .due && $0.rows != 0 }
            for state in states where !isSettled && state.state == .due {
                let report = await exporter.export([state.window], columns: columns, stored: stored)
                whole.add(report)
                if let stop = report.stop { throw stop }
                if let failure = report.failures.first { throw ColumnsUnsettled(failure: failure) }
                settled.append(state.window.key)
                stored = try await destination.columns()
                guard report.summary.rows == 0 else { return }
                columns = columnPlan(stored, isFixed: false)
            }
        }
        if columns.catalog != stored { try await destination.store(columns.catalog) }
    }

    /// Makes columns of the keys that windows have brought, once all windows stand.
    private func complete() async throws {
        let states = try await states(of: plan)
        guard !states.contains(where: { $0.state == .due }), states.contains(where: { !$0.discoveredKeys.isEmpty }) else { return }
        try await destination.withColumns(holder: identity.run) {
            let stored = try await destination.columns()
            let completed = stored.completed(by: states)
            if completed != stored { try await destination.store(completed) }
        }
    }
}

/// The window that was to settle the columns was not exported: what others would write without it is not known.
public struct ColumnsUnsettled: Error, Sendable, CustomStringConvertible {
    public let failure: WindowFailure

    public var description: String { "window \(failure.window) comes first, since it settles the columns: \(failure.reason)" }
}

extension ColumnCatalog {
    /// The same with the keys that windows brought and that nobody has made columns of yet.
    func completed(by states: [WindowState]) -> ColumnCatalog {
        var completed = self
        for state in states where !state.discoveredKeys.isEmpty { completed.add(state.discoveredKeys, window: state.window.key) }
        return completed
    }
}

extension RunReport {
    fileprivate mutating func add(_ other: RunReport) {
        summary.addWindows(of: other.summary)
        failures += other.failures
        stop = stop ?? other.stop
    }
}
