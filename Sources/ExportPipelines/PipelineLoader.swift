public import ExportCore

/// Turns the text of a pipeline file into a plan.
///
/// It reads no disk, no clock and no environment of its own: what it is given is all it knows, so the same text, environment, time and
/// names of files give the same plan.
///
/// ```swift
/// let loader = PipelineLoader(environment: ["TIER": "premium"], now: .now)
/// do {
///     let plan = try loader.load(text, file: "nightly.yml", overrides: PipelineOverrides(from: "2024-05-01"))
///     print("\(plan.windows.count) windows")
/// } catch {
///     // A `PipelineProblems`: each with its line, its column and what to do next.
///     print(error)
/// }
/// ```
public struct PipelineLoader: Sendable {
    let environment: [String: String]
    let unreadable: Set<String>
    private let now: Instant
    private let findFiles: @Sendable (String) throws -> [String]

    /// - Parameters:
    ///   - environment: what `${NAME}` in a file stands for; `AGENTSIGHT_API_ENDPOINT` in it overrides the file's endpoint.
    ///   - unreadable: The names of variables that are set, and whose values are not text.
    ///   - now: what `now`, `today` and `settle` are reckoned from.
    ///   - findFiles: The files whose names fit a pattern, for `source.agents`.
    public init(
        environment: [String: String], unreadable: Set<String> = [], now: Instant,
        findFiles: @escaping @Sendable (String) throws -> [String] = { _ in [] }
    ) {
        self.environment = environment
        self.unreadable = unreadable
        self.findFiles = findFiles
        self.now = now
    }

    /// The plan that a pipeline file declares.
    ///
    /// - Parameters:
    ///   - text: the file's contents, YAML.
    ///   - file: the file's name, for problems and for the default of `name`.
    ///   - overrides: what the command line says on top.
    /// - Throws: every problem of the file and of the overrides at once.
    public func load(
        _ text: String, file: String, overrides: PipelineOverrides = .init()
    ) throws(PipelineProblems) -> ExportPlan {
        var problems = ProblemList(file: file)
        guard var tree = TreeComposer(file: file).compose(text, &problems) else { throw problems.collected }
        for setting in overrides.settings {
            TreeSetting(setting).apply(to: &tree, &problems)
        }
        var reader = FileReader(environment: environment, unreadable: unreadable, findFiles: findFiles, problems: problems)
        guard let pipeline = reader.pipelineFile(tree) else { throw reader.problems.collected }
        var resolver = PlanResolver(
            file: file, environment: environment, now: now, overrides: overrides, problems: reader.problems)
        let plan = resolver.plan(for: pipeline)
        guard resolver.problems.isEmpty else { throw resolver.problems.collected }
        return plan
    }

    /// A destination that the command line names without a pipeline file: a folder, or `s3://bucket/prefix`.
    /// - Parameter argument: What the command calls it, for problems.
    /// - Throws: what is wrong with it, or with the store's endpoint in the environment.
    public func destination(_ text: String, argument: String) throws(PipelineProblems) -> DestinationLocation {
        var resolver = PlanResolver(
            file: argument, environment: environment, now: now, overrides: .init(), problems: ProblemList(file: argument))
        let destination = resolver.destination(text, argument: argument)
        guard let destination, resolver.problems.isEmpty else { throw resolver.problems.collected }
        return destination
    }
}

/// Settings of the command line that override a pipeline file.
public struct PipelineOverrides: Sendable, Hashable {
    /// The arguments of `--set`, as typed: `fetch.concurrency=4`, `outputs.0.format=csv`. Later ones win; an empty value or `null` removes
    /// the setting.
    public var settings: [String]
    /// The argument of `--from`: narrows the span, never widens it. The same expressions as `window.from`.
    public var from: String?
    /// The argument of `--to`.
    public var to: String?

    /// Creates overrides; without arguments nothing is overridden.
    public init(settings: [String] = [], from: String? = nil, to: String? = nil) {
        self.settings = settings
        self.from = from
        self.to = to
    }
}
