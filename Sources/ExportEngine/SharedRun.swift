public import ExportAPI
public import ExportCore
import ExportFormats
public import ExportStore

/// One of several runs that make a destination equal to a declaration side by side, each a share of its windows.
///
/// What they have in common is the columns. While they are at work these must not hang on who comes first, nor on what is at work
/// beside whom: so they are settled before all else, by the first window that has rows, whoever exports it, and stand from there on.
/// Keys that turn up later are in the rest of their windows, and in their manifests. Once all windows stand, the last run gives them
/// the columns that a single run would have given them (`ColumnCompletion`).
public struct SharedRun: Sendable {
    /// As it is declared.
    private let declared: ExportPlan
    /// With what is kept of its windows until all of them stand.
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
        declared = plan
        self.plan = plan.keepingRows
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
            if plan.discoversColumns {
                try await destination.withColumns(holder: identity.run) { try await settle(&whole, &settled) }
                // Another run may have exported one of this share.
                states = try await self.states(of: plan.narrowed(to: share))
            }
            let columns = try await destination.columns()
            let due = states.filter(\.isToBeExported).map(\.window)
            whole.add(await exporter(of: plan).export(due, columns: ColumnPlan(of: plan, columns, isFixed: true), stored: columns))
            whole.summary.windows = Set(states.map(\.window.key)).union(settled).count
            whole.summary.skipped = whole.summary.windows - due.count - settled.count
        } catch {
            whole.stop = error
            whole.summary.windows = max(states.count, settled.count)
        }
        whole.summary.take(client.counts)
        return whole
    }

    private func exporter(of plan: ExportPlan) -> ExportRun {
        ExportRun(plan, to: destination, from: client, as: identity, report: report)
    }

    private func states(of plan: ExportPlan) async throws -> [WindowState] {
        try await ExportRun.states(of: plan, in: destination, fingerprint: identity.fingerprint, isForced: isForced)
    }

    /// Sees to it that columns are known: by the names that the service has, and where it has none for a field, by the first window
    /// that has rows. They are held.
    /// - Parameter settled: Takes the windows that were exported for it.
    private func settle(_ whole: inout RunReport, _ settled: inout [String]) async throws {
        var stored = try await destination.columns()
        var columns = ColumnPlan(of: declared, stored)
        try await columns.addNamedKeys(from: client)
        if columns.isBlank {
            let states = try await states(of: declared)
            let isSettled = states.contains { $0.state != .due && $0.rows != 0 }
            for state in states where !isSettled && state.state == .due {
                let report = await exporter(of: declared).export([state.window], columns: columns, stored: stored)
                whole.add(report)
                if let stop = report.stop { throw stop }
                if let failure = report.failures.first { throw ColumnsUnsettled(failure: failure) }
                settled.append(state.window.key)
                stored = try await destination.columns()
                guard report.summary.rows == 0 else { return }
                columns = ColumnPlan(of: declared, stored)
            }
        }
        if columns.catalog != stored { try await destination.store(columns.catalog) }
    }
}

/// The window that was to settle the columns was not exported: what others would write without it is not known.
public struct ColumnsUnsettled: Error, Sendable, CustomStringConvertible {
    public let failure: WindowFailure

    public var description: String { "window \(failure.window) comes first, since it settles the columns: \(failure.reason)" }
}

extension ColumnPlan {
    init(of plan: ExportPlan, _ catalog: ColumnCatalog, isFixed: Bool = false) {
        self.init(plan.outputs, detail: plan.source.detail, catalog: catalog, isFixed: isFixed)
    }
}

extension ExportPlan {
    /// Whether keys of rows become columns.
    var discoversColumns: Bool { !ColumnPlan(of: self, ColumnCatalog()).discoveries.isEmpty }

    /// The place of an output that has the rows as they came.
    var rowsOutput: Int? { outputs.firstIndex { $0.table == .conversations && $0.format == .ndjson && $0.columns == nil } }

    /// The same, with an output of the rows as they came where they may have to be written once more.
    var keepingRows: ExportPlan {
        guard discoversColumns, rowsOutput == nil else { return self }
        var plan = self
        plan.outputs.append(
            Output(
                table: .conversations, format: .ndjson, compression: .gzip(level: nil), path: StateLayout.rows("{window}"),
                columns: nil,
                dialect: .warehouse))
        plan.windows = windows.map { Window(key: $0.key, range: $0.range, paths: $0.paths + [StateLayout.rows($0.key)]) }
        return plan
    }
}

extension RunReport {
    fileprivate mutating func add(_ other: RunReport) {
        summary.addWindows(of: other.summary)
        failures += other.failures
        stop = stop ?? other.stop
    }
}
