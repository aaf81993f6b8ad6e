import ExportCore

/// Makes a plan of a pipeline file: fills in defaults, works out expressions, and checks what belongs together.
struct PlanResolver {
    let file: String
    let environment: [String: String]
    let now: Instant
    let overrides: PipelineOverrides
    var problems: ProblemList

    /// A plan to carry out only if there are no problems: what is broken stands at a default in it.
    mutating func plan(for pipeline: PipelineFile) -> ExportPlan {
        let name = pipeline.name.value ?? PipelineName.standard(file: file)
        let windows = windows(of: pipeline)
        let outputs = pipeline.outputs.map { output($0, detail: pipeline.source.detail, every: windows.every) }
        let templates = outputs.map { resolved in
            resolved.template.filled(pipeline: name, table: resolved.output.table, format: resolved.output.format)
        }
        checkPaths(templates, pipeline.outputs, windows)
        let isSound = problems.isEmpty
        return ExportPlan(
            pipeline: name,
            source: source(pipeline.source),
            filters: pipeline.filters.filters,
            windowing: Windowing(
                every: windows.every, timezone: windows.zone.name,
                againAfter: pipeline.window.lookback.map { now.advanced(by: .zero - $0) }),
            windows: isSound
                ? windows.pieces.map { piece in
                    Window(key: piece.names.key, range: piece.range, paths: templates.map { $0.path(piece.names) })
                } : [],
            fetch: pipeline.fetch,
            destination: pipeline.destination ?? .folder("."),
            outputs: outputs.map(\.output)
        )
    }

    /// `AGENTSIGHT_API_ENDPOINT` comes before the file, and the command line before both.
    private mutating func source(_ source: SourceSection) -> Source {
        let variable = "AGENTSIGHT_API_ENDPOINT"
        var endpoint = source.endpoint.value
        if !source.endpointIsSet, let text = environment[variable], !text.isEmpty {
            let written = Written(value: text, place: SourcePlace(file: variable), text: text)
            endpoint = problems.endpoint(written, insecureHosts: source.insecureHosts)
        }
        return Source(
            endpoint: endpoint ?? EndpointText.standard, key: source.key, stream: source.stream, detail: source.detail,
            insecureHosts: source.insecureHosts)
    }
}
