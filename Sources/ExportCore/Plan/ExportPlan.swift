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
    /// The service, its key, and what is asked of it.
    public var source: Source
    /// The agents whose conversations are exported. Empty: the one of the source's own key.
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
    /// One at least.
    public var outputs: [Output]
    /// Where committed windows are loaded. Nil where the pipeline file does not say.
    public var load: LoadSettings?
    /// Whether a run warns if its metadata filters matched no conversation, or a declared column of a key is empty in all its rows.
    public var warnsIfEmpty: Bool
    /// Whether the rows of each window are kept as they came, so that outputs can change without asking the service.
    public var keepsRows = false
    /// Where the key of hashed values comes from. Nil: nothing is hashed. The key itself is in the privacy of the outputs, once it was read.
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

/// How the windows of a plan came about.
public struct Windowing: Sendable, Hashable {
    /// How long a window is.
    public var every: WindowLength
    /// IANA name.
    public var timezone: String
    /// Which windows are exported again that stand there, proved and unchanged.
    public var again: ExportAgain
    /// Nothing newer than now less this is exported.
    public var settle: Duration
    /// Which committed windows are compared with the service. Of each kind of look, the first tier that a window falls in holds for it.
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
    /// Windows that end later than this: those within `lookback`.
    case endingAfter(Instant)
    /// All of them. The reason is for people: the option that asks for it.
    case all(reason: String)
}

/// Where the files go.
public enum DestinationLocation: Sendable, Hashable {
    /// As written: absolute, or relative to the working folder.
    case folder(String)
    case s3(ObjectLocation)
}

extension ExportPlan {
    /// The same with the windows of a share alone.
    public func narrowed(to share: Share) -> ExportPlan {
        var plan = self
        plan.windows.removeAll { !share.covers($0.key) }
        return plan
    }

    /// From the start of the first window to the end of the last. Nil where there is no window.
    public var span: TimeRange? {
        guard let first = windows.first, let last = windows.last else { return nil }
        return first.range.union(last.range)
    }
}
