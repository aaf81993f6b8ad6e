import ExportAPI
import ExportCore
import ExportStore
import FoundationEssentials

/// One of several parallel runs that export one declaration to a destination, each a share of its windows.
///
/// The runs share their columns, which must not depend on which run is faster. The columns are therefore settled first, by the first window
/// that has rows, whichever run exports it, and then stay fixed. Keys found later are in the rest of their windows and in their manifests.
/// When all windows are committed, the last run gives them the columns that a single run would have given them (`ColumnCompletion`).
///
/// A run over several agents works in the same way: each agent's windows are exported with its own key, and a failure of one agent does not
/// stop the others.
struct SharedRun: Sendable {
    /// The plan as it is declared.
    private let declared: ExportPlan
    /// The plan that also keeps rows until all windows are committed.
    private let plan: ExportPlan
    private let share: Share
    private let destination: any PersistentDestination
    private let clients: [ServiceClient]
    /// The agent of each client's rows. Nothing is exported for a client whose agent is unknown.
    private let sources: [Result<Manifest.RowSource, any Error>]
    private let identity: ExportRun.Identity
    /// The patches that looks found, by the keys of their windows.
    private let patches: [String: WindowPatch]
    private let report: @Sendable (RunEvent) -> Void

    /// Creates the run of a share, whose lock the caller holds.
    /// - Parameters:
    ///   - plan: The plan of all windows.
    ///   - clients: One for each of the plan's parts.
    init(
        _ share: Share, of plan: ExportPlan, to destination: any PersistentDestination, from clients: [ServiceClient],
        of sources: [Result<Manifest.RowSource, any Error>], as identity: ExportRun.Identity,
        patches: [String: WindowPatch] = [:], report: @escaping @Sendable (RunEvent) -> Void
    ) {
        declared = plan
        self.plan = plan.keepingRows
        self.share = share
        self.destination = destination
        self.clients = clients
        self.sources = sources
        self.identity = identity
        self.patches = patches
        self.report = report
    }

    /// Whether partial runs have left windows whose columns are incomplete.
    /// - Throws: `StoreError`.
    static func isUnderWay(_ states: [WindowState], in destination: any Destination) async throws -> Bool {
        guard states.contains(where: { $0.columnsDigest != nil }) else { return false }
        let digest = try await destination.columns().digest
        return states.contains { $0.columnsDigest == digest }
    }

    /// The export with one key, and its progress.
    private struct Part: Sendable {
        let agent: Agent?
        var exporter: ExportRun
        let client: ServiceClient
        var report = RunReport(summary: RunSummary(), failures: [], stop: nil)
        /// The windows that were exported to settle the columns.
        var settled: Set<String> = []
    }

    /// Exports the windows of the share that are not committed.
    ///
    /// A cancelled run reports what it did until then, with a `CancellationError` as its `stop`.
    /// - Parameter known: The states of the share's windows when they were first examined.
    /// - Throws: `StoreError` if the destination cannot be read, or belongs to another declaration. All other errors are in the report.
    func run(_ known: [WindowState]) async throws -> RunReport {
        let look = try WindowLook(of: declared, in: destination)
        let settles = plan.discoversColumns && plan.parts.count == 1
        // The run that settles the columns examines all windows while it holds the columns lock.
        var states = settles ? known : try await look.states(of: plan.narrowed(to: share).windows, known: known)
        let due = states.count(where: \.isOutdated)
        report(.started(due: due, skipped: states.count - due))
        let encoding = FairSemaphore(ProcessInfo.processInfo.activeProcessorCount), committing = FairSemaphore(1)
        let snapshots = RunSnapshots()
        var parts = zip(plan.parts, clients).enumerated().map { number, pair in
            let ((agent, plan), client) = pair
            var exporter = ExportRun(plan, to: destination, from: client, as: identity) { event in
                if case .progressed(let snapshot) = event {
                    report(.progressed(snapshots.take(snapshot, of: number)))
                } else {
                    report(event)
                }
            }
            exporter.patching = WindowPatching(plan: plan, destination: destination, patches: patches)
            if clients.count > 1 { exporter.sharedSlots = .init(number: number, encoding: encoding, committing: committing) }
            var part = Part(agent: agent, exporter: exporter, client: client)
            switch sources[number] {
            case .success(let source): part.exporter.source = source
            case .failure(let error): part.report.stop = error
            }
            return part
        }
        var stop: (any Error)?
        do {
            if let error = parts.count == 1 ? parts[0].report.stop : nil { throw error }
            if settles {
                states = try await destination.withColumnsLock(holder: identity.run) {
                    let all = try await look.states(of: plan.windows, known: known)
                    try await settle(&parts[0], all)
                    return all.filter { share.covers($0.window.key) && !parts[0].settled.contains($0.window.key) }
                }
            }
            try await export(states, &parts)
        } catch let error as StoreError where error.isOfOtherDeclaration {
            throw error
        } catch {
            stop = error
        }
        return summed(parts, stop)
    }

    /// The result of all parts together, with the results of several agents.
    private func summed(_ parts: [Part], _ stop: (any Error)?) -> RunReport {
        var whole = RunReport(summary: RunSummary(), failures: [], stop: stop)
        var counts = RequestCounts()
        for part in parts {
            whole.summary.addWindows(of: part.report.summary)
            whole.summary.windows += part.report.summary.windows
            whole.summary.skipped += part.report.summary.skipped
            whole.failures += part.report.failures
            whole.columnUse.add(part.report.columnUse)
            counts.add(part.client.counts)
            guard let agent = part.agent else {
                whole.stop = whole.stop ?? part.report.stop
                continue
            }
            // A cancellation applies to all parts.
            if part.report.isInterrupted { whole.stop = whole.stop ?? part.report.stop }
            var report = part.report
            report.summary.take(part.client.counts)
            whole.agents.append(AgentReport(name: agent.name, report: report))
        }
        whole.summary.take(counts)
        return whole
    }

    /// Exports the due windows of all keys in parallel.
    private func export(_ states: [WindowState], _ parts: inout [Part]) async throws {
        let columns = try await destination.columns()
        let byAgent = Dictionary(grouping: states, by: \.window.agent)
        try await withThrowingTaskGroup(of: (Int, RunReport).self) { group in
            for number in parts.indices {
                let states = byAgent[parts[number].agent?.name] ?? []
                let due = states.filter(\.isOutdated)
                let windows = Set(states.map(\.window.key)).union(parts[number].settled).count
                parts[number].report.summary.windows = windows
                parts[number].report.summary.skipped = windows - due.count - parts[number].settled.count
                guard !due.isEmpty, parts[number].report.stop == nil else { continue }
                let (exporter, plan) = (parts[number].exporter, plan)
                group.addTask {
                    (number, await exporter.export(due, columns: ColumnPlan(of: plan, columns, isFixed: true), stored: columns))
                }
            }
            for try await (number, report) in group { parts[number].report.add(report) }
        }
    }

    /// Settles the columns by the keys that the service lists or, for a field without any, by the first window that has rows. The columns
    /// then stay fixed.
    ///
    /// With several agents, columns are not settled first, because all other agents would wait for one. Their keys become columns at the
    /// end.
    /// - Parameter states: The states of all windows.
    private func settle(_ part: inout Part, _ states: [WindowState]) async throws {
        // Once a window was written with the columns, they stay fixed, whatever the service lists later.
        if try await Self.isUnderWay(states, in: destination) { return }
        var columns = ColumnPlan(of: plan, try await destination.columns())
        try await columns.addNamedKeys(from: part.client)
        if columns.isBlank, try await settle(&columns, by: &part, states) { return }
        if try await destination.columns() != columns.catalog { try await destination.store(columns.catalog) }
    }

    /// Settles columns without known keys by the first window that has rows.
    /// - Returns: Whether there was one. Its commit has stored the columns.
    private func settle(_ columns: inout ColumnPlan, by part: inout Part, _ states: [WindowState]) async throws -> Bool {
        if states.contains(where: { $0.state != .due && $0.rows != 0 }) { return false }
        var exporter = part.exporter
        // When all windows are committed, this window also gets the columns of the others.
        exporter.notesKeys = true
        for state in states where state.state == .due {
            let stored = try await destination.columns()
            let report = await exporter.export([state], columns: columns, stored: stored)
            part.report.summary.addWindows(of: report.summary)
            part.report.failures += report.failures
            part.report.columnUse.add(report.columnUse)
            if let stop = report.stop { throw stop }
            if let failure = report.failures.first { throw ColumnsUnsettled(failure: failure) }
            part.settled.insert(state.window.key)
            if report.summary.rows > 0 { return true }
        }
        return false
    }
}

/// The error that the window which should settle the columns failed, so that the columns of the other windows are unknown.
public struct ColumnsUnsettled: Error, Sendable, CustomStringConvertible {
    /// The window that failed, and why.
    public let failure: WindowFailure

    public var description: String {
        "window \(failure.window) has to be exported first, because it determines the columns: \(failure.reason)"
    }
}

extension RunReport {
    fileprivate mutating func add(_ other: RunReport) {
        summary.addWindows(of: other.summary)
        failures += other.failures
        columnUse.add(other.columnUse)
        stop = stop ?? other.stop
    }
}
