import ArgumentParser
import ExportAPI
import ExportCore
import ExportEngine
import ExportReport
import ExportStore

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract:
            "Lists every window of a pipeline with its state and the reason: committed, due, again (due again), unsettled, render or look.",
        usage: "agentsight-export plan [<options>] <file>",
        discussion: """
            Sends no request to the service unless --counts is given.

            Examples:
              agentsight-export plan pipelines/nightly.yml
              agentsight-export plan pipelines/backfill.yml --counts --format json
              agentsight-export plan pipelines/backfill.yml --format json | jq -r '.units[].id'
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Flag(help: "Ask the service how many rows the windows to export have, and show how many requests the due looks need.")
    var counts = false

    @Flag(help: "Show the plan of run --force.")
    var force = false

    @Option(help: "The format: text or json.")
    var format = ResultFormat.text

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var plan = try pipeline.plan()
        if force { plan.windowing.again = .forced }
        try await finish { [plan] in
            let logger = output.logger
            let (states, undeclared, stored) = try await OpenDestination.with(plan.destination, logger: logger) { destination in
                let states = try await WindowLook(of: plan, in: destination).states()
                // A narrowed plan does not know the others.
                let undeclared = pipeline.isNarrowed ? [] : try await Pruning(of: plan, in: destination).keys()
                return (states, undeclared, counts ? try await destination.limits() : nil)
            }
            let asked =
                counts
                ? try await Interruption.withHandling {
                    try await Service.withClients(for: plan, logger: logger) { clients in
                        defer { output.console.warnAboutClocks(clients) }
                        try await OpenDestination.with(plan.destination, logger: logger) { destination in
                            try await KeyCheck.run(plan, in: destination, from: clients)
                        }
                        try await ExtraCheck.run(plan, from: clients)
                        return (
                            rows: try await WindowCounts.ask(for: states, of: plan, from: clients),
                            unnamed: try await UnlistedKey.all(in: plan, from: clients),
                            limits: LimitMemory.limits(of: clients, in: stored?.records)
                        )
                    }
                } : nil
            for warning in plan.warnings + (asked?.unnamed.map(\.warning) ?? []) { output.console.warn(warning) }
            let answer = PlanOutput(plan, states, asked?.rows, undeclared: undeclared)
            try print(answer, plan, asked.flatMap { answer.estimate(by: $0.limits, of: plan) })
            return .done
        }
    }

    private func print(_ answer: PlanOutput, _ plan: ExportPlan, _ estimate: PlanOutput.Estimate?) throws {
        var answer = answer
        answer.estimate = estimate
        guard format == .text else { return try StandardOutput.write(json: answer) }
        let rows = answer.windows.map { window in
            let size =
                window.rows.map { rows in [Figures.count(rows, "row"), Figures.count(window.requests ?? 0, "request")] } ?? []
            return [window.key, window.state] + size + [window.start ?? "the beginning", window.end, window.reason]
        }
        if !rows.isEmpty { try StandardOutput.write(StandardOutput.table(rows)) }
        let render = answer.windows.count { $0.state == WindowState.State.render.rawValue }
        let looks = answer.windows.count { $0.look != nil }
        let notDue = [WindowState.State.committed, .render, .look].map(\.rawValue)
        let due = answer.windows.count { !notDue.contains($0.state) }
        var line = "\(answer.pipeline): \(Figures.count(answer.windows.count, "window")), \(due) to export"
        if render > 0 { line += ", \(render) to render from stored rows" }
        if looks > 0 { line += ", \(looks) to compare with the service" }
        if let requests = answer.looks?.map(\.requests).reduce(0, +), looks > 0 {
            line += " in about \(Figures.count(requests, "request"))"
        }
        if counts {
            let requests = answer.windows.compactMap(\.requests).reduce(0, +)
            line +=
                ", at most \(answer.windows.compactMap(\.rows).reduce(0, +)) rows in about \(Figures.count(requests, "request"))"
            if let estimate {
                let seconds = estimate.seconds.map { "\(Figures.seconds(.seconds($0))) " }
                line +=
                    ", \(seconds ?? "")at \(estimate.limit.map { "the limit that a run found: \($0)" } ?? "the rate of the file")"
            }
        }
        try StandardOutput.write(line)
        if !answer.undeclared.isEmpty {
            try StandardOutput.write(
                "note: \(Figures.count(answer.undeclared.count, "window")) in the destination that the pipeline file does not declare; "
                    + "`prune` lists them")
        }
    }
}

/// The output of `plan`.
private struct PlanOutput: Encodable {
    let pipeline: String
    let windows: [Window]
    let units: [Unit]
    /// Keys of windows in the destination that are not declared.
    let undeclared: [String]
    /// With `--counts`, where a rate or a limit is known.
    var estimate: Estimate?

    /// How long the requests take at least.
    struct Estimate: Encodable {
        /// `nil` if that depends on how long the service takes to answer.
        let seconds: Double?
        /// The limit that an earlier run found, in words. `nil`: the rate of the file is lower, or no limit is known.
        let limit: String?
    }

    /// With `--counts`: the looks that are due.
    let looks: [DueLook]?

    /// The windows that are due for a kind of look, and what it costs if nothing differs.
    struct DueLook: Encodable {
        let look: String
        let windows: Int
        let requests: Int
    }

    /// A window to export, as `run --unit` takes it: those who share the work out share these.
    struct Unit: Encodable {
        /// The same as long as the declaration cuts its windows in the same way.
        let id: String
        /// The agent's name, where there are several.
        let agent: String?
        let start: OrNull<String>
        let end: String
        /// With `--counts`.
        let rows: Int?
        let requests: Int?
    }

    /// How long the requests of the windows take at least: of several keys as long as the slowest.
    /// - Parameter limits: One for each of the plan's parts.
    func estimate(by limits: [KnownLimit?], of plan: ExportPlan) -> Estimate? {
        let estimates = zip(plan.parts, limits).compactMap { part, limit -> Estimate? in
            let requests = units.filter { $0.agent == part.0?.name }.compactMap(\.requests).reduce(0, +)
            let declared = plan.fetch.requestsPerSecond.map { Estimate(seconds: min(Double(requests) / $0, 1e12), limit: nil) }
            let found = limit.map { Estimate(seconds: $0.seconds(forRequests: requests).map { min($0, 1e12) }, limit: "\($0)") }
            guard let declared, let found else { return declared ?? found }
            return (found.seconds ?? 0) > (declared.seconds ?? 0) ? found : declared
        }
        return estimates.max { ($0.seconds ?? 0) < ($1.seconds ?? 0) }
    }

    struct Window: Encodable {
        let key: String
        let start: String?
        let end: String
        let state: String
        /// How a window is compared with the service. `nil` if it is not.
        let look: String?
        let reason: String
        let rows: Int?
        let requests: Int?

        enum CodingKeys: CodingKey {
            case key, start, end, state, look, reason, rows, requests
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(key, forKey: .key)
            // Null where the window has no start.
            try container.encode(start, forKey: .start)
            try container.encode(end, forKey: .end)
            try container.encode(state, forKey: .state)
            try container.encodeIfPresent(look, forKey: .look)
            try container.encode(reason, forKey: .reason)
            try container.encodeIfPresent(rows, forKey: .rows)
            try container.encodeIfPresent(requests, forKey: .requests)
        }
    }

    init(_ plan: ExportPlan, _ states: [WindowState], _ counts: [String: Int]?, undeclared: [String]) {
        self.undeclared = undeclared
        looks = counts.map { _ in
            LookCosts.requests(for: states, of: plan).map {
                DueLook(look: $0.look.rawValue, windows: $0.windows, requests: $0.requests)
            }
        }
        pipeline = plan.pipeline
        func requests(_ rows: Int?) -> Int? { rows.map { WindowCounts.requests(forRows: $0, pageSize: plan.fetch.pageSize) } }
        units = states.filter { $0.need != .nothing }.map(\.window).map { window in
            Unit(
                id: window.key, agent: window.agent, start: .init(window.range.start?.description),
                end: window.range.end.description,
                rows: counts?[window.key], requests: requests(counts?[window.key]))
        }
        windows = states.map { state in
            let rows = counts?[state.window.key]
            return Window(
                key: state.window.key, start: state.window.range.start?.description, end: state.window.range.end.description,
                state: state.state.rawValue, look: state.look?.rawValue, reason: state.reason, rows: rows,
                requests: requests(rows))
        }
    }
}
