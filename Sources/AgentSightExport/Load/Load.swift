import ExportCore
import ExportEngine
import ExportLoad
import ExportReport
import ExportStore
import ExportWarehouse
import Foundation
import Logging

/// Shows a load from the plan to its exit code: what `load` and `run --load` share.
struct Load: Sendable {
    let plan: ExportPlan
    let target: LoadTarget
    let options: LoadOptions
    var format = ResultFormat.text
    let console: Console
    let logger: Logger
    var isVerbose = false
    /// The notifier of the load's end. `nil` if there is none.
    var notifier: RunNotifier?

    /// Loads the windows that differ, and reports the end of the load, whatever its result.
    /// - Throws: `CommandFailure`.
    func run() async throws -> ExitStatus {
        let began = Instant.now
        func tell(_ status: ExitStatus, _ reason: String?, _ report: LoadReport?) async {
            let windows = WindowResult.State.allCases.map { ($0.rawValue, report?.count($0) ?? 0) }
            await notifier?.notify(
                LoadRecord(
                    pipeline: plan.pipeline, system: target.system.rawValue, startedAt: began, endedAt: .now,
                    exitCode: Int(status.rawValue), reason: reason, windows: Dictionary(uniqueKeysWithValues: windows),
                    rows: report?.loadedRows ?? 0, replacedCharacters: report?.replacedCharacters ?? 0))
        }
        do {
            let report = try await Interruption.withHandling { try await loadAndShow() }
            await tell(report.exitStatus, report.exitStatus == .done ? nil : report.firstReason, report)
            return report.exitStatus
        } catch {
            let failure = CommandFailure(error)
            await tell(failure.status, failure.message, nil)
            throw failure
        }
    }

    private func loadAndShow() async throws -> LoadReport {
        let report = try await OpenDestination.with(plan.destination, logger: logger) { destination in
            try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
            return try await job(in: destination).load { show($0) }
        }
        try show(report)
        return report
    }

    /// Exports, and loads what is committed then. Of both, the worse exit code counts.
    ///
    /// An export that could not begin loads nothing.
    func run(after export: () async throws -> ExitStatus) async throws -> ExitStatus {
        let exported: Result<ExitStatus, CommandFailure>
        do { exported = .success(try await export()) } catch { exported = .failure(CommandFailure(error)) }
        switch exported {
        case .success(let status) where [.wrongCommand, .keyRefused].contains(status): return status
        case .failure(let failure) where ![.tryAgain, .someWindowsFailed].contains(failure.status): throw failure
        case .success, .failure: break
        }
        let loaded = try await run()
        switch exported {
        case .success(let status): return status.worse(of: loaded)
        case .failure(let failure):
            throw CommandFailure(failure.message, failure.status.worse(of: loaded), isWhole: failure.isWhole)
        }
    }

    /// Compares the tables with the destination.
    /// - Throws: `CommandFailure`; `StoreError` where the destination cannot be read.
    func verify(cells: Int) async throws -> ExitStatus {
        let found = try await OpenDestination.with(plan.destination, logger: logger) { destination in
            try await destination.check(pipeline: plan.pipeline, every: plan.windowing.every)
            var problems: [LoadProblem] = []
            let result = try await job(in: destination).verify(cells: cells) { problems.append($0) }
            return (result: result, problems: problems)
        }
        let problems = found.problems
        switch format {
        case .json: try StandardOutput.write(json: LoadVerifyOutput(problems))
        case .text:
            for problem in problems {
                try StandardOutput.write("\(problem.window)  \(problem.table): \(problem.fault)".shown())
            }
            let compared = cells > 0 ? ", \(Figures.count(found.result.comparedRows, "row")) compared with the files" : ""
            try StandardOutput.write(
                """
                \(plan.pipeline) in \(target.system.rawValue): \(Figures.count(found.result.windows, "window")), \
                \(Figures.count(found.result.rows, "row"))\(compared): \(problems.isEmpty ? "verified" : "NOT VERIFIED")
                """)
        }
        return problems.isEmpty ? .done : .unsettled
    }

    /// What the warehouse has of each window.
    /// - Throws: `CommandFailure`, `LoadError`, `StoreError`.
    func status(in destination: any ReadableDestination) async throws -> [LoadedWindow] {
        try await job(in: destination).status()
    }

    private func job(in destination: any ReadableDestination) async throws -> LoadJob {
        try LoadJob(
            of: plan, layouts: plan.layouts(try await destination.columns()), in: destination, into: target, options: options,
            temporaryFolder: FileManager.default.temporaryDirectory.path)
    }

    private func show(_ window: WindowResult) {
        switch window.state {
        case .failed: console.error("window \(window.key), table \(window.table): \(window.reason ?? "not loaded")")
        case .unsettled, .orphaned: console.warn("window \(window.key), table \(window.table): \(window.reason ?? "")")
        case .loaded where isVerbose, .pruned where isVerbose:
            console.note(
                "window \(window.key), table \(window.table): \(Figures.count(window.rows, "row")) \(window.state.rawValue)")
        case .loaded, .pruned, .unchanged: break
        }
    }

    private func show(_ report: LoadReport) throws {
        if report.replacedCharacters > 0 {
            console.warn(
                """
                \(Figures.count(report.replacedCharacters, "character")) that the warehouse cannot store \
                \(report.replacedCharacters == 1 ? "was" : "were") replaced with U+FFFD: see replaced_characters in _agentsight_loads
                """)
        }
        switch format {
        case .json: try StandardOutput.write(json: LoadOutput(report))
        case .text:
            let counts = WindowResult.State.allCases.map { ($0, report.count($0)) }.filter { $0.1 > 0 }
            let words = counts.map { state, count in
                "\(Figures.count(count, "window")) \(options.isDryRun && state == .loaded ? "to load" : state.rawValue)"
            }
            let rows = report.loadedRows > 0 ? " (\(Figures.count(report.loadedRows, "row")))" : ""
            let limits =
                target.system == .clickhouse && report.loadedRows > 0 ? " (no transactions: run one load at a time)" : ""
            console.note(
                "\(plan.pipeline): \(words.isEmpty ? "no window is committed" : words.joined(separator: ", "))\(rows) in \(target.system.rawValue)\(limits)"
            )
        }
    }
}

/// The output of `load --verify --format json`.
private struct LoadVerifyOutput: Encodable {
    let ok: Bool
    let problems: [Problem]

    struct Problem: Encodable {
        let window: String
        let table: String
        let problem: String
    }

    init(_ problems: [LoadProblem]) {
        ok = problems.isEmpty
        self.problems = problems.map { Problem(window: $0.window, table: $0.table, problem: "\($0.fault)") }
    }
}

/// The output of `load --format json`.
private struct LoadOutput: Encodable {
    let windows: [Window]

    struct Window: Encodable {
        let key: String
        let table: String
        let state: WindowResult.State
        let rows: Int
        let replacedCharacters: Int
        let reason: OrNull<String>

        enum CodingKeys: String, CodingKey {
            case key, table, state, rows
            case replacedCharacters = "replaced_characters"
            case reason
        }
    }

    init(_ report: LoadReport) {
        windows = report.windows.map {
            Window(
                key: $0.key, table: $0.table, state: $0.state, rows: $0.rows, replacedCharacters: $0.replacedCharacters,
                reason: OrNull($0.reason))
        }
    }
}

extension LoadReport {
    /// Why a load did not end with 0.
    fileprivate var firstReason: String? {
        let window = windows.first { $0.state == .failed } ?? windows.first { $0.state == .unsettled }
        return window.map { "window \($0.key), table \($0.table): \($0.reason ?? "not loaded")" }
    }

    var exitStatus: ExitStatus {
        if let stop = stop as? LoadError { return stop.exitStatus }
        if count(.failed) > 0 { return isRetryable ? .tryAgain : .someWindowsFailed }
        return count(.unsettled) > 0 ? .unsettled : .done
    }
}

extension LoadError {
    var exitStatus: ExitStatus { isRetryable ? .tryAgain : .wrongCommand }
}
