import ExportCore

/// Resolves a pipeline file into a plan: fills in defaults, evaluates expressions, and checks settings against each other.
struct PlanResolver {
    let file: String
    let environment: [String: String]
    let now: Instant
    let overrides: PipelineOverrides
    var problems: ProblemList

    /// Returns a plan that is valid only if there are no problems. Invalid settings have defaults in it.
    mutating func plan(for pipeline: PipelineFile) -> ExportPlan {
        let name = pipeline.name.value ?? PipelineName.standard(file: file)
        let windows = windows(of: pipeline)
        let hasAgents = !pipeline.source.agents.isEmpty
        let outputs = pipeline.outputs.map { output($0, pipeline.source, every: windows.every) }
        checkHashKey(pipeline)
        let templates = outputs.map { resolved in
            resolved.template.filled(pipeline: name, table: resolved.output.table, format: resolved.output.format)
        }
        checkPaths(templates, pipeline.outputs, windows)
        checkAgents(templates, pipeline.outputs, hasAgents: hasAgents)
        let source = source(pipeline.source)
        checkRefresh(pipeline.window, pipeline.source.detail, onlyDeleted: pipeline.filters.filters.onlyDeleted)
        let isSound = problems.isEmpty
        var plan = ExportPlan(
            pipeline: name,
            source: source,
            agents: pipeline.source.agents.map { agent in
                Agent(name: agent.name.value, endpoint: agent.endpoint ?? source.endpoint, key: agent.key)
            },
            filters: pipeline.filters.filters,
            windowing: Windowing(
                every: windows.every, timezone: windows.zone.name,
                again: pipeline.window.lookback.map { .endingAfter(now.advanced(by: .zero - $0)) } ?? .never,
                settle: pipeline.window.settle, refresh: refresh(pipeline.window)),
            windows: isSound ? self.windows(windows.pieces, templates, of: pipeline.source.agents) : [],
            fetch: pipeline.fetch,
            destination: destination(pipeline.destination),
            outputs: Self.followingHashes(outputs.map(\.output)),
            load: pipeline.load,
            warnsIfEmpty: pipeline.warnsIfEmpty,
            hashKey: pipeline.hashKey
        )
        plan.keepsRows = pipeline.keepsRows
        return plan
    }

    /// The windows of the whole span, for each agent.
    private func windows(
        _ pieces: [CalendarCut.Piece], _ templates: [PathTemplate], of agents: [AgentSection]
    ) -> [Window] {
        let names = agents.isEmpty ? [nil] : agents.map { Optional($0.name.value) }
        return names.flatMap { name in
            let templates = templates.map { template in name.map(template.filled(agent:)) ?? template }
            return pieces.map { piece in
                Window(key: piece.names.key, agent: name, range: piece.range, paths: templates.map { $0.path(piece.names) })
            }
        }
    }

    /// The endpoint of the service. `AGENTSIGHT_API_ENDPOINT` takes precedence over the file, and the command line over both.
    private mutating func source(_ source: SourceSection) -> Source {
        let variable = "AGENTSIGHT_API_ENDPOINT"
        var endpoint = source.endpoint.value
        if !source.endpointIsSet, let text = environment[variable], !text.isEmpty {
            let written = Written(value: text, place: SourcePosition(file: variable, isArgument: true), text: text)
            endpoint = problems.endpoint(written, insecureHosts: source.insecureHosts)
        }
        return Source(
            endpoint: endpoint ?? EndpointText.standard, key: source.key, stream: source.stream, detail: source.detail,
            insecureHosts: source.insecureHosts)
    }

    /// The endpoint of a store, from the file or else from the environment.
    private mutating func destination(_ section: DestinationSection?) -> DestinationLocation {
        guard let section else { return .folder(".") }
        guard case .s3(var location) = section.location else { return section.location }
        let variables = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
        let variable = variables.first { environment[$0].map { !$0.isEmpty } ?? false }
        if location.endpoint == nil, let variable, let text = environment[variable] {
            let written = Written(value: text, place: SourcePosition(file: variable, isArgument: true), text: text)
            location.endpoint = problems.endpoint(written, insecureHosts: section.insecureHosts, mistake: Mistake.storeEndpoint)
        }
        return .s3(location)
    }

    /// Resolves a destination without a pipeline file.
    mutating func destination(_ text: String, argument: String) -> DestinationLocation? {
        guard let location = DestinationText.parse(text) else {
            problems.add(
                .unfit(argument, expected: .destination, nearest: DestinationText.nearest(to: text)),
                at: SourcePosition(file: argument, isArgument: true), text: text)
            return nil
        }
        return destination(DestinationSection(location: location, insecureHosts: []))
    }
}
