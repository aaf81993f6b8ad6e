import ExportAPI
import ExportCore
import ExportEngine
import ExportReport
import ExportStore
import Foundation
import Logging

/// One export from plan to exit code: what `run`, `dump` and `demo` share.
struct Export: Sendable {
    let plan: ExportPlan
    var share = Share.whole
    let isForced: Bool
    let console: Console
    let logger: Logger
    var progress = ProgressMode.auto
    /// What `report` takes to show it, as it is typed. Nil where there is nothing to be shown.
    var reported: String?

    /// Makes a destination equal to the plan.
    /// - Parameters:
    ///   - interruption: For the record of a run that is cancelled.
    ///   - outcome: Takes what the run came to.
    /// - Returns: the status for the shell. What was committed is in the destination.
    func run(
        into destination: any PersistentDestination, interruption: Interruption, outcome: RunOutcome
    ) async throws -> ExitStatus {
        let identity = identity(try plan.fingerprint)
        let holder =
            "process \(ProcessInfo.processInfo.processIdentifier) on \(ProcessInfo.processInfo.hostName), run \(identity.run)"
        try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
        let states = try await states(of: plan.narrowed(to: share), in: destination, identity.fingerprint)
        // With several keys, by several runs, or what these have left to it.
        let isUnderWay = try await SharedRun.isUnderWay(states, in: destination)
        let isShared = isUnderWay || share != .whole || plan.agents.count > 1
        guard states.contains(where: \.needsExport) else {
            await destination.cleanUp(share)
            if isShared { try await completeColumns(in: destination, identity, holder) }
            var summary = RunSummary()
            (summary.windows, summary.skipped) = (states.count, states.count)
            summary.add(tableRows: plan.noRows)
            outcome.take(run: identity.run, summary)
            console.note(
                "\(plan.pipeline): nothing to do: \(Figures.count(states.count, "window")) committed in \(destination.name)")
            return .done
        }
        // Without a key nothing is begun.
        try Service.checkKeys(of: plan)
        try await checkExtra()
        let declaration = LockDeclaration(pipeline: plan.pipeline, every: plan.windowing.every)
        let status = try await destination.withLock(holder: holder, share: share, for: declaration) {
            // Another pipeline's run may have begun, and ended, since it was looked at.
            try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
            // What another run has committed until the lock was free is not due any more.
            var record = RunRecord(
                run: identity.run, pipeline: plan.pipeline, version: identity.version, startedAt: .now, endedAt: .now,
                exitCode: 0, summary: RunSummary())
            do {
                let report = try await run(to: destination, as: identity, isShared: isShared)
                let status = report.isInterrupted ? interruption.status ?? .interrupted : report.exitStatus
                (record.summary, record.reason) = (report.summary, report.reason)
                record.agents = report.agents.isEmpty ? nil : report.agents.map(RunRecord.Agent.init)
                outcome.take(run: identity.run, report.summary, reason: report.reason)
                await write(record, status, to: destination)
                if report.isInterrupted { throw CancellationError() }
                if [.done, .unsettled].contains(status) { try destination.removeSpools(of: share) }
                return status
            } catch let error as StoreError {
                record.reason = error.description
                await write(record, CommandFailure(error).status, to: destination)
                throw error
            }
        }
        if isShared, share == .whole || [.done, .unsettled].contains(status) {
            try await completeColumns(in: destination, identity, holder)
        }
        return status
    }

    /// Says how many windows a run of single units leaves out that nobody has exported. One that was started for a unit knows no other way
    /// that they are missing.
    func noteWindowsLeft(in destination: any PersistentDestination) async throws {
        guard case .units(let units) = share else { return }
        let there = Set(try await destination.windowKeys())
        let left = plan.windows.count { !units.contains($0.key) && !there.contains($0.key) }
        guard left > 0 else { return }
        console.note(
            "\(plan.pipeline): \(Figures.count(left, "other window")) of the declaration not there yet, which --unit leaves out: a run without it exports all that is due"
        )
    }

    /// Gives the windows of a destination that several runs shared their columns, once all of them stand.
    private func completeColumns(
        in destination: any PersistentDestination, _ identity: ExportRun.Identity, _ holder: String
    ) async throws {
        let completion = ColumnCompletion(
            of: plan, in: destination, fingerprint: identity.fingerprint, needsAll: share != .whole)
        // One that died at it may have left a window half-way.
        var isDue = try await destination.lockHolders().contains { $0.holdsAll && !$0.isActive }
        if !isDue { isDue = try await completion.isDue() }
        guard isDue else { return }
        _ = try await destination.withExclusiveLock(holder: holder) {
            guard try await completion.isDue() else { return }
            console.note("\(plan.pipeline): giving windows the columns that turned up in each other")
            try await completion.run()
        }
    }

    private func write(_ record: RunRecord, _ status: ExitStatus, to destination: any PersistentDestination) async {
        var record = record
        (record.endedAt, record.exitCode) = (.now, Int(status.rawValue))
        do {
            try await destination.record(record)
        } catch {
            // The windows are committed all the same.
            console.warn("the record of this run was not written: \(error)")
        }
    }

    /// Writes every window of the plan, one after the other, to a file or a stream.
    /// - Parameter columns: Those of every window. Nil: as they are found.
    func run(through destination: any Destination, columns: ColumnCatalog? = nil) async throws -> ExitStatus {
        let identity = identity(try plan.fingerprint)
        let states = try await states(of: plan, in: destination, identity.fingerprint)
        try await checkExtra()
        let report = try await watched(destination.name) { clients, report in
            try await ExportRun(plan, to: destination, from: clients[0], as: identity, isSequential: true, report: report).run(
                states, columns: columns)
        }
        if report.isInterrupted { throw CancellationError() }
        return report.exitStatus
    }

    /// - Throws: `CommandFailure` where the service ignores what is sent as it stands: nothing is written then.
    private func checkExtra() async throws {
        guard !plan.filters.extra.isEmpty, !plan.filters.isExtraUnchecked else { return }
        try await Service.withClients(for: plan, logger: logger) { try await Service.checkExtra(of: plan, by: $0) }
    }

    private func states(
        of plan: ExportPlan, in destination: any Destination, _ fingerprint: String
    ) async throws -> [WindowState] {
        try await ExportRun.states(of: plan, in: destination, fingerprint: fingerprint, isForced: isForced)
    }

    private func run(
        to destination: any PersistentDestination, as identity: ExportRun.Identity, isShared: Bool
    ) async throws -> RunReport {
        let states = isShared ? [] : try await states(of: plan, in: destination, identity.fingerprint)
        return try await watched(destination.name) { clients, report in
            guard isShared else {
                return try await ExportRun(plan, to: destination, from: clients[0], as: identity, report: report).run(states)
            }
            return try await SharedRun(
                share, of: plan, to: destination, from: clients, as: identity, isForced: isForced, report: report
            ).run()
        }
    }

    /// Runs `body` with the service, and shows how it goes and what it came to.
    private func watched(
        _ destination: String,
        _ body: @escaping @Sendable ([ServiceClient], @escaping @Sendable (RunEvent) -> Void) async throws -> RunReport
    ) async throws -> RunReport {
        let reporter = RunReporter(console: console, mode: progress, pipeline: plan.pipeline, destination: destination)
        var report = try await Service.withClients(for: plan, logger: logger) { clients in
            try await reporter.watching(clients) { try await body(clients) { reporter.report($0) } }
        }
        report.summary.add(tableRows: plan.noRows)
        reporter.summarize(report, of: plan)
        if let reported, report.summary.committed + report.summary.skipped > 0 {
            console.note("  see agentsight-export report \(reported)")
        }
        // Of an interruption the command tells itself.
        if let stop = report.stop, !report.isInterrupted, report.exitStatus != .brokenPipe {
            console.error(CommandFailure(stop).message)
        }
        for agent in report.agents where !report.isInterrupted {
            if let stop = agent.report.stop { console.error("agent \(agent.name): \(CommandFailure(stop).message)") }
        }
        return report
    }

    /// A run's name sorts by its time, to the millisecond: `20261125T035731.522Z-1a2b3c4d`.
    private func identity(_ fingerprint: String) -> ExportRun.Identity {
        let now = Instant.now
        let second = now.description.prefix(19).filter { $0 != "-" && $0 != ":" }
        let time = second + String(format: ".%03d", now.microseconds / 1000 % 1000)
        let tail = String(format: "%08x", UInt32.random(in: 0 ... .max))
        return ExportRun.Identity(run: "\(time)Z-\(tail)", version: Version.text, fingerprint: fingerprint)
    }
}

extension ExportPlan {
    /// No row of each table that is to be written: a figure that is missing fires no alarm.
    fileprivate var noRows: [String: Int] { Dictionary(outputs.map { ($0.table.rawValue, 0) }) { first, _ in first } }
}
