import ExportAPI
import ExportCore
import ExportEngine
import ExportReport
import ExportStore
import Foundation
import Logging

/// Shows an export from plan to exit code: what `run`, `dump` and `demo` share.
struct Export: Sendable {
    let plan: ExportPlan
    var share = Share.whole
    /// Whether a destination that the pipeline has written under another name is taken over.
    var adopts = false
    let console: Console
    let logger: Logger
    var progress = ProgressMode.auto
    /// What `report` takes to show it, as it is typed. Nil where there is nothing to be shown.
    var reported: String?

    /// Makes the plan's destination equal to the plan, and tells of the run's end.
    /// - Throws: `CommandFailure`, and what ended the run before it began. What was committed is in the destination.
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
    /// - Parameter columns: Those of every window. Nil: as they are found.
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

    /// Shows what the windows came to.
    private func show(_ report: RunReport, _ reporter: RunReporter, _ destination: String) {
        reporter.summarize(report, of: plan, destination: destination)
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
    }

    /// Says how many windows a run of single units leaves out that nobody has exported. One that was started for a unit knows no other way
    /// that they are missing.
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

/// The service of a job, and what it is asked shown while it is.
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
