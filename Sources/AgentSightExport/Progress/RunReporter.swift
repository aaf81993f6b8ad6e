import ExportAPI
import ExportCore
import ExportEngine
import ExportReport
import Synchronization

/// Shows a run in progress, and its results.
struct RunReporter: Sendable {
    let console: Console
    /// Not `auto`.
    let mode: ProgressMode
    let pipeline: String
    private let text: LiveText
    private let watched: Watched

    /// State that the run reports and the display reads.
    private final class Watched: Sendable {
        struct State {
            var snapshot = RunSnapshot()
            var gauge = RunGauge()
            var plain: PlainProgress
            var unsettled: [String] = []
            /// The limits that the service has shown for each key, when the run ended.
            var limits: [KnownLimit?] = []
            var reportedOnce: Set<ReportedOnce> = []
            /// Windows that were to be compared with the service, and could not be.
            var notCompared = 0
            /// Windows of which no field was compared.
            var comparedByIDs = 0
            /// Until then there is nothing to show: the destination may have to be waited for.
            var hasBegun = false

            mutating func take(_ event: RunEvent) {
                switch event {
                case .started: (hasBegun, snapshot) = (true, RunSnapshot())
                case .looking(let windows):
                    (hasBegun, snapshot) = (true, RunSnapshot())
                    (snapshot.windows, snapshot.compared) = (windows, 0)
                case .lookedAt(let comparison):
                    if !comparison.wasMade { notCompared += 1 }
                    if comparison.wasMade, comparison.compared.isOfIDs { comparedByIDs += 1 }
                    guard let compared = snapshot.compared else { return }
                    snapshot.compared = compared + 1
                    snapshot.fraction = min(1, Double(compared + 1) / Double(max(1, snapshot.windows)))
                default: break
                }
            }
        }

        let state: Mutex<State>
        let start = ContinuousClock.now

        init(pipeline: String) {
            state = Mutex(State(plain: PlainProgress(pipeline: pipeline)))
        }

        var elapsed: Duration { ContinuousClock.now - start }
    }

    init(console: Console, mode: ProgressMode, pipeline: String) {
        self.console = console
        self.mode = mode.resolved(for: console)
        self.pipeline = pipeline
        text = LiveText(pipeline: pipeline, style: Terminal.style)
        watched = Watched(pipeline: pipeline)
    }

    func report(_ event: RunEvent) {
        if case .progressed(let snapshot) = event { return watched.state.withLock { $0.snapshot = snapshot } }
        watched.state.withLock { $0.take(event) }
        if case .committed(let manifest) = event, manifest.status == .unsettled {
            watched.state.withLock { $0.unsettled.append(manifest.window.key) }
        }
        if let kind = ReportedOnce(event), !watched.state.withLock({ $0.reportedOnce.insert(kind).inserted }) { return }
        let lines =
            mode == .plain
            ? watched.state.withLock { $0.plain.take(event, at: watched.elapsed) } : RunLine.lines(of: event, pipeline: pipeline)
        for line in lines where mode == .plain || line.level == .warning || isWorthALine(event) { console.write(line) }
    }

    /// Whether an event is also reported next to a live display.
    private func isWorthALine(_ event: RunEvent) -> Bool {
        switch event {
        case .completingColumns, .adopted, .endpointMoved, .agentLearnt: true
        case .started, .rendering, .newColumns, .looking, .countsAgree, .countsNotUsed: mode == .live
        case .committed(let manifest): mode == .live && manifest.status == .unsettled
        case .failed, .rowsUnfit, .keysWithoutColumn, .fewerRows, .repeatedIDs, .columnsCollide, .columnsFull, .clockSkew,
            .lookedAt, .differencePersists, .fieldsDisagree, .fieldsUnshared, .measureUnused, .keysNotExported, .limitsIgnored,
            .limitsNotKept,
            .progressed:
            false
        }
    }

    /// Shows how far the run is while `body` works.
    func watching<Result: Sendable>(
        _ clients: [ServiceClient], _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        // When the group is left, nobody draws any more.
        defer {
            end()
            watched.state.withLock { $0.limits = clients.map(\.knownLimit) }
        }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                // Looked at in between, and never in the way of what is shown.
                while (try? await Task.sleep(for: mode == .live ? .milliseconds(100) : .seconds(1))) != nil { show(clients) }
                return nil
            }
            var result = try await group.next() ?? nil
            group.cancelAll()
            // Where the run itself is cancelled, the watch may end first.
            if result == nil { result = try await group.next() ?? nil }
            guard let result else { throw CancellationError() }
            return result
        }
    }

    private func show(_ clients: [ServiceClient]) {
        guard watched.state.withLock(\.hasBegun) else { return }
        let requests = RunGauge.Requests(ServiceStatus(of: clients.map(\.serviceStatus)))
        let (gauge, lines) = watched.state.withLock { state in
            state.gauge.take(state.snapshot, requests, at: watched.elapsed)
            return (state.gauge, mode == .plain ? state.plain.tick(state.gauge, at: watched.elapsed) : [])
        }
        lines.forEach(console.write)
        if mode == .live {
            Terminal.shared.draw { text.lines(gauge, width: $0) }
        }
    }

    private func end() {
        if mode == .live { Terminal.shared.clear() }
        if mode == .plain { watched.state.withLock { $0.plain.flush(at: watched.elapsed) }.forEach(console.write) }
    }

    /// Shows what the windows came to.
    /// - Parameter destination: Where the windows are, for people.
    func summarize(_ report: RunReport, of plan: ExportPlan, destination: String) {
        let summary = report.summary
        var parts = ["\(summary.committed) committed" + (summary.unsettled > 0 ? " (\(summary.unsettled) unsettled)" : "")]
        if let rendered = summary.rendered { parts[0] += " (\(rendered) rendered)" }
        if let patched = summary.patched { parts[0] += " (\(patched) patched)" }
        parts.append("\(summary.skipped) left alone")
        if summary.failed > 0 { parts.append("\(summary.failed) failed") }
        let untried = summary.windows - summary.committed - summary.skipped - summary.failed
        if untried > 0 { parts.append("\(untried) not tried") }
        console.note("\(pipeline): \(Figures.count(summary.windows, "window")): \(parts.joined(separator: ", "))")
        if let looked = summary.looked {
            let (failed, byIDs) = watched.state.withLock { ($0.notCompared, $0.comparedByIDs) }
            let kinds = LookKind.allCases.compactMap { kind in
                summary.looks?[kind.rawValue].map { "\($0) in a \(kind.rawValue) look" }
            }
            let notes = kinds + (byIDs > 0 ? ["\(byIDs) of them only by ids"] : [])
            let windows = Figures.count(looked, "committed window")
            var line = "  \(windows) compared with the service: \(summary.differing ?? 0) different"
            if !notes.isEmpty { line += " (\(notes.joined(separator: ", ")))" }
            if failed > 0 { line += ", \(failed) could not be compared" }
            console.note(line)
        }
        console.note(
            "  \(Figures.rows(of: summary)), \(Figures.bytes(summary.bytes)) written to \(destination) in "
                + Figures.seconds(watched.elapsed))
        console.note(
            "  \(Figures.count(summary.requests, "request")) (\(summary.retries) repeated, \(summary.throttled) throttled), "
                + "\(Figures.bytes(summary.receivedBytes)) received")
        // The limits of several keys are unrelated.
        if case let limits = watched.state.withLock(\.limits), limits.count == 1, let limit = limits[0] {
            console.note("  limit of the service: \(limit)")
        }
        if summary.committed > 0, summary.rows == 0 {
            let place = summary.committed < summary.windows ? " in the \(Figures.count(summary.committed, "window")) written" : ""
            console.note(
                "  no conversation matched\(place): `preview` shows the rows that match the filters, `probe` the dates of the conversations"
            )
        }
        if !report.agents.isEmpty { summarizeAgents(report) }
        for warning in EmptyResult.warnings(of: report, plan) { console.warn("\(pipeline): \(warning)") }
        let unsettled = watched.state.withLock(\.unsettled)
        if !unsettled.isEmpty {
            let names = unsettled.prefix(10).joined(separator: ", ") + (unsettled.count > 10 ? ", …" : "")
            console.warn(
                "\(pipeline): \(Figures.count(unsettled.count, "window")) unsettled (\(names)): rows changed during the export, "
                    + "the service's counts disagree with its rows, or the window has not ended according to the service's clock. The next run "
                    + "exports them again")
        }
    }
}

extension RunReporter {
    /// Up to so many agents are all shown; of more, those that are not well.
    private static let maximumAgents = 20

    private func summarizeAgents(_ report: RunReport) {
        let shown = report.agents.count <= Self.maximumAgents ? report.agents : report.agents.filter { $0.report.reason != nil }
        let well = report.agents.count { $0.report.reason == nil }
        console.note("  \(well) of \(Figures.count(report.agents.count, "agent")) complete")
        let rows = shown.map { agent in
            let summary = agent.report.summary
            let state = agent.report.reason == nil ? "complete" : summary.committed > 0 ? "incomplete" : "failed"
            return [
                agent.name, state, Figures.rows(of: summary), Figures.count(summary.committed, "window"),
                Figures.count(summary.requests, "request"),
            ]
        }
        for line in StandardOutput.table(rows).splitExactly(at: "\n") { console.note("    \(line)") }
    }
}

extension RunGauge.Requests {
    fileprivate init(_ serviceStatus: ServiceStatus) {
        self.init()
        sent = serviceStatus.counts.requests
        repeated = serviceStatus.counts.retries
        throttled = serviceStatus.counts.throttled
        allowed = serviceStatus.allowedRate
        limit = serviceStatus.limit.map { "\($0)" }
        pause = serviceStatus.pause
        trouble = serviceStatus.lastFailure.map { "\($0)" }
    }
}

/// Messages that are shown once per run, because every further window would repeat them.
private enum ReportedOnce {
    case columnsFull, clockSkew

    init?(_ event: RunEvent) {
        switch event {
        case .columnsFull: self = .columnsFull
        case .clockSkew: self = .clockSkew
        default: return nil
        }
    }
}
