/// The plan of a run: a pipeline file with every default filled in, every expression evaluated and every name checked.
///
/// `PipelineLoader` makes a plan of a pipeline file:
///
/// ```swift
/// let plan = try PipelineLoader(environment: environment, now: .now).load(text, file: "nightly.yml")
/// for window in plan.windows { print(window.key, window.range, window.paths) }
/// ```
public struct ExportPlan: Sendable, Hashable {
    /// The pipeline's name.
    public var pipeline: String
    /// The service, its key, and the stream that is read.
    public var source: Source
    /// The agents whose conversations are exported. If empty, the agent of the source's own key.
    public var agents: [Agent]
    /// Which conversations are exported.
    public var filters: Filters
    /// How the span is cut into windows, and which of them are exported again.
    public var windowing: Windowing
    /// The windows of each agent in order of time, without gaps or overlaps.
    public var windows: [Window]
    /// How requests are sent.
    public var fetch: FetchSettings
    /// Where the files are written.
    public var destination: DestinationLocation
    /// The outputs, at least one.
    public var outputs: [Output]
    /// Where committed windows are loaded. `nil` if the pipeline file does not say.
    public var load: LoadSettings?
    /// Whether a run warns if its metadata filters matched no conversation, or a declared column of a key is empty in all its rows.
    public var warnsIfEmpty: Bool
    /// Whether the rows of each window are also kept unchanged, so that outputs can change without requests to the service.
    public var keepsRows = false
    /// Where the key of hashed values comes from. `nil` if nothing is hashed. The key itself, once read, is in the privacy of the outputs.
    public var hashKey: Source.KeySource?

    /// Creates a plan from its resolved parts.
    public init(
        pipeline: String, source: Source, agents: [Agent] = [], filters: Filters, windowing: Windowing, windows: [Window],
        fetch: FetchSettings, destination: DestinationLocation, outputs: [Output], load: LoadSettings? = nil,
        warnsIfEmpty: Bool = true, hashKey: Source.KeySource? = nil
    ) {
        self.pipeline = pipeline
        self.source = source
        self.agents = agents
        self.filters = filters
        self.windowing = windowing
        self.windows = windows
        self.fetch = fetch
        self.destination = destination
        self.outputs = outputs
        self.load = load
        self.warnsIfEmpty = warnsIfEmpty
        self.hashKey = hashKey
    }
}

/// How the windows of a plan are determined.
public struct Windowing: Sendable, Hashable {
    /// How long a window is.
    public var every: WindowLength
    /// The IANA name of the time zone.
    public var timezone: String
    /// Which committed windows are exported again although they are proved and unchanged.
    public var again: ExportAgain
    /// The age that rows must have to be exported: nothing newer than now minus this is.
    public var settle: Duration
    /// Which committed windows are compared with the service. For each kind of look, the first tier that covers a window applies.
    public var refresh: [RefreshTier]

    /// Creates the windowing of a plan. `settle` is how long before now the newest window ends.
    public init(
        every: WindowLength, timezone: String, again: ExportAgain = .never, settle: Duration = .zero, refresh: [RefreshTier] = []
    ) {
        self.every = every
        self.timezone = timezone
        self.again = again
        self.settle = settle
        self.refresh = refresh
    }
}

/// Which windows a run exports again though they are committed.
public enum ExportAgain: Sendable, Hashable {
    /// None: a committed window is left alone.
    case never
    /// Windows that end later than this instant: those within `lookback`.
    case endingAfter(Instant)
    /// All of them. The reason names the option that requests it, for messages.
    case all(reason: String)
}

/// Where the files go.
public enum DestinationLocation: Sendable, Hashable {
    /// A folder as written: absolute, or relative to the working folder.
    case folder(String)
    case s3(ObjectLocation)
}

extension ExportPlan {
    /// Returns the plan with only the windows of a share.
    public func narrowed(to share: Share) -> ExportPlan {
        var plan = self
        plan.windows.removeAll { !share.covers($0.key) }
        return plan
    }

    /// The span from the start of the first window to the end of the last. `nil` if there is no window.
    public var span: TimeRange? {
        guard let first = windows.first, let last = windows.last else { return nil }
        return first.range.union(last.range)
    }
}
