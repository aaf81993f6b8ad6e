public import ExportCore

/// Turns the text of a pipeline file into a plan.
///
/// It does not access the disk, the clock or the environment itself, so the same text, environment, time and names of files give the same
/// plan.
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

    /// Creates a loader.
    /// - Parameters:
    ///   - environment: The variables for `${NAME}` in a file. `AGENTSIGHT_API_ENDPOINT` overrides the file's endpoint.
    ///   - unreadable: The names of variables whose values are not valid text.
    ///   - now: The time to which `now`, `today` and `settle` refer.
    ///   - findFiles: Returns the files whose names match a pattern, for `source.agents`.
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
    ///   - text: The file's contents, YAML.
    ///   - file: The file's name, for problems and for the default of `name`.
    ///   - overrides: Settings of the command line.
    /// - Throws: `PipelineProblems` with all problems of the file and of the overrides.
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

    /// Parses a destination that the command line names without a pipeline file: a folder or `s3://bucket/prefix`.
    /// - Parameter argument: The name of the argument, for problems.
    /// - Throws: `PipelineProblems` of the destination, or of the store's endpoint in the environment.
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
    /// The arguments of `--set` as typed: `fetch.concurrency=4`, `outputs.0.format=csv`. Later ones take precedence. An empty value or
    /// `null` removes the setting.
    public var settings: [String]
    /// The argument of `--from`, which narrows the span but never widens it. It accepts the same expressions as `window.from`.
    public var from: String?
    /// The argument of `--to`.
    public var to: String?

    /// Creates overrides. Without arguments nothing is overridden.
    public init(settings: [String] = [], from: String? = nil, to: String? = nil) {
        self.settings = settings
        self.from = from
        self.to = to
    }
}
