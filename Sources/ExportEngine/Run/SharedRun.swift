import ExportAPI
import ExportCore
import ExportStore
import FoundationEssentials

/// One of several runs that make a destination equal to a declaration side by side, each a share of its windows.
///
/// What they have in common is the columns. While they are at work these must not hang on who comes first, nor on what is at work
/// beside whom: so they are settled before all else, by the first window that has rows, whoever exports it, and stand from there on.
/// Keys that turn up later are in the rest of their windows, and in their manifests. Once all windows stand, the last run gives them
/// the columns that a single run would have given them (`ColumnCompletion`).
///
/// Those of several agents are such runs too, in one: each agent's windows are exported as if it were alone, with its own key, and a
/// failure of one does not stop the others.
struct SharedRun: Sendable {
    /// As it is declared.
    private let declared: ExportPlan
    /// With what is kept of its windows until all of them stand.
    private let plan: ExportPlan
    private let share: Share
    private let destination: any PersistentDestination
    private let clients: [ServiceClient]
    /// Whose rows each of them gives; of one that failed to say it nothing is exported.
    private let sources: [Result<Manifest.RowSource, any Error>]
    private let identity: ExportRun.Identity
    /// What looks found that windows are to be mended by, by their keys.
    private let patches: [String: WindowPatch]
    private let report: @Sendable (RunEvent) -> Void

    /// - Parameters:
    ///   - plan: Of all windows. The lock of the share is held.
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

    /// Whether windows wait for their columns, which runs of parts have left.
    /// - Throws: `StoreError`.
    static func isUnderWay(_ states: [WindowState], in destination: any Destination) async throws -> Bool {
        guard states.contains(where: { $0.columnsDigest != nil }) else { return false }
        let digest = try await destination.columns().digest
        return states.contains { $0.columnsDigest == digest }
    }

    /// What is exported with one key, and how far it has come.
    private struct Part: Sendable {
        let agent: Agent?
        var exporter: ExportRun
        let client: ServiceClient
        var report = RunReport(summary: RunSummary(), failures: [], stop: nil)
        /// Windows that were exported to settle the columns.
        var settled: Set<String> = []
    }

    /// Exports the windows of the share that are not committed.
    ///
    /// A run that is cancelled reports what it did until then, with a `CancellationError` as its `stop`.
    /// - Parameter known: How the windows of the share stood at the first look.
    /// - Throws: `StoreError` where the destination cannot even be read, or is another declaration's. All else is in the report.
    func run(_ known: [WindowState]) async throws -> RunReport {
        let look = try WindowLook(of: declared, in: destination)
        let settles = plan.discoversColumns && plan.parts.count == 1
        // What settles the columns looks at all windows, while it holds them.
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

    /// What all parts came to together, with what became of each of several agents.
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
            // What is cancelled is cancelled for all.
            if part.report.isInterrupted { whole.stop = whole.stop ?? part.report.stop }
            var report = part.report
            report.summary.take(part.client.counts)
            whole.agents.append(AgentReport(name: agent.name, report: report))
        }
        whole.summary.take(counts)
        return whole
    }

    /// Exports what is due of each key, all of them side by side.
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

    /// Sees to it that columns are known, by the names that the service has, and where it has none for a field, by the first window that
    /// has rows. They are held.
    ///
    /// Not of several agents: no key is worth that all the others wait for it. What their rows bring becomes columns in the end.
    /// - Parameter states: Those of all windows.
    private func settle(_ part: inout Part, _ states: [WindowState]) async throws {
        // Once a window was written with them they stand, whatever the service names since.
        if try await Self.isUnderWay(states, in: destination) { return }
        var columns = ColumnPlan(of: plan, try await destination.columns())
        try await columns.addNamedKeys(from: part.client)
        if columns.isBlank, try await settle(&columns, by: &part, states) { return }
        if try await destination.columns() != columns.catalog { try await destination.store(columns.catalog) }
    }

    /// Settles columns of which nothing is known by the first window that has rows.
    /// - Returns: Whether there was one, which has stored them.
    private func settle(_ columns: inout ColumnPlan, by part: inout Part, _ states: [WindowState]) async throws -> Bool {
        if states.contains(where: { $0.state != .due && $0.rows != 0 }) { return false }
        var exporter = part.exporter
        // When all windows stand, these get the columns of the others, too.
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

/// The window that was to settle the columns was not exported: what others would write without it is not known.
public struct ColumnsUnsettled: Error, Sendable, CustomStringConvertible {
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
