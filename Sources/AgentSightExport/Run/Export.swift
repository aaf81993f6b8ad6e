import ExportAPI
import ExportCore
import ExportEngine
import ExportReport
import ExportStore
import Foundation
import Logging

/// Runs an export from plan to exit code, and shows it: the common part of `run`, `dump` and `demo`.
struct Export: Sendable {
    let plan: ExportPlan
    var share = Share.whole
    /// Whether to take over a destination that the pipeline has written under another name.
    var adopts = false
    let console: Console
    let logger: Logger
    var progress = ProgressMode.auto
    /// The argument of `report` that shows the export, as it is typed. `nil` if there is nothing to show.
    var reported: String?

    /// Exports the missing and outdated windows of the plan, and reports the end of the run.
    /// - Throws: `CommandFailure`, and errors that ended the run before it began. Committed windows stay.
    func run(_ notifier: RunNotifier) async throws -> ExitStatus {
        for warning in plan.warnings { console.warn("\(plan.pipeline), \(warning)") }
        let (result, interruption) = try await Interruption.withHandling { interruption in
            let reporter = RunReporter(console: console, mode: progress, pipeline: plan.pipeline)
            let job = try job(reporter, interruption)
            do {
                return (try await run(job, reporter), interruption)
            } catch {
                return (job.ended(by: error), interruption)
            }
        }
        await notifier.notify(result.record)
        if result.isInterrupted { throw interruption.failure }
        if let failure = result.failure { throw failure }
        return ExitStatus(rawValue: Int32(result.record.exitCode)) ?? .someWindowsFailed
    }

    private func run(_ job: ExportJob, _ reporter: RunReporter) async throws -> JobResult {
        try await OpenDestination.with(plan.destination, logger: logger) { destination in
            let process = ProcessInfo.processInfo
            let result = await job.run(
                in: destination, share: share, holder: "process \(process.processIdentifier) on \(process.hostName)")
            if let report = result.report { show(report, reporter, destination.name) }
            if result.isIdle {
                let windows = Figures.count(result.record.summary.windows, "window")
                console.note("\(plan.pipeline): nothing to do: \(windows) committed in \(destination.name)")
            }
            if let error = result.unwritten { console.warn("the record of this run was not written: \(error)") }
            if result.failure == nil { await noteWindowsLeft(in: destination) }
            return result
        }
    }

    /// Writes every window of the plan, one after the other, to a file or a stream.
    /// - Parameter columns: The columns of every window. `nil`: as they are found.
    func stream(
        through destination: any Destination, columns: ColumnCatalog? = nil, _ interruption: Interruption
    ) async throws -> ExitStatus {
        let reporter = RunReporter(console: console, mode: progress, pipeline: plan.pipeline)
        let report = try await job(reporter, interruption).stream(through: destination, columns: columns)
        show(report, reporter, destination.name)
        if report.isInterrupted { throw CancellationError() }
        return report.exitStatus
    }

    private func job(_ reporter: RunReporter, _ interruption: Interruption) throws -> ExportJob {
        ExportJob(
            plan, as: try .init(of: plan, version: Version.text, at: .now),
            from: WatchedService(logger: logger, reporter: reporter), adopts: adopts,
            exitCode: { report in
                Int((report.isInterrupted ? interruption.status ?? .interrupted : report.exitStatus).rawValue)
            }, report: reporter.report)
    }

    /// Shows the results of the windows.
    private func show(_ report: RunReport, _ reporter: RunReporter, _ destination: String) {
        reporter.summarize(report, of: plan, destination: destination)
        if let reported, report.summary.committed + report.summary.skipped > 0 {
            console.note("  see agentsight-export report \(reported)")
        }
        // The command itself reports an interruption.
        if let stop = report.stop, !report.isInterrupted, report.exitStatus != .brokenPipe {
            console.error(CommandFailure(stop).message)
        }
        for agent in report.agents where !report.isInterrupted {
            if let stop = agent.report.stop { console.error("agent \(agent.name): \(CommandFailure(stop).message)") }
        }
    }

    /// Reports how many windows are missing that a run of single units leaves out. Such a run has no other way to show that they are
    /// missing.
    private func noteWindowsLeft(in destination: any PersistentDestination) async {
        guard case .units(let units) = share else { return }
        let there: Set<String>
        do { there = Set(try await destination.windowKeys()) } catch {
            return console.warn("\(plan.pipeline): the windows that --unit leaves out cannot be listed: \(error)")
        }
        let left = plan.windows.count { !units.contains($0.key) && !there.contains($0.key) }
        guard left > 0 else { return }
        console.note(
            "\(plan.pipeline): \(Figures.count(left, "other window")) of the pipeline not exported yet: a run without --unit exports all that is due"
        )
    }
}

/// The service of a job, whose requests are shown while it runs.
private struct WatchedService: ServiceAccess {
    let logger: Logger
    let reporter: RunReporter

    func withClients<Value: Sendable>(
        of plan: ExportPlan, _ body: @escaping @Sendable ([ServiceClient]) async throws -> Value
    ) async throws -> Value {
        try await Service.withClients(for: plan, logger: logger) { clients in
            try await reporter.watching(clients) { try await body(clients) }
        }
    }
}
