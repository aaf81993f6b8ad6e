import ExportCore

/// A parsed pipeline file, section by section, with the positions of values that still have to be checked against others. The resolved form
/// is an `ExportPlan`.
struct PipelineFile {
    var name: Field<String>
    var source: SourceSection
    var filters: FiltersSection
    var window: WindowSection
    var fetch: FetchSettings
    var destination: DestinationSection?
    var outputs: [OutputSection]
    var load: LoadSettings?
    var warnsIfEmpty: Bool
    var keepsRows: Bool
    var hashKey: Source.KeySource?
}

enum KeptRowsWord {
    /// `keep_rows`: keeps rows including the fields that outputs exclude or hash.
    static let withExcluded = "with_excluded"
}

struct SourceSection {
    var endpoint: Field<String>
    /// Whether the endpoint comes from the command line, which takes precedence over the environment.
    var endpointIsSet: Bool
    var key: Source.KeySource
    /// The agents. Empty if the source's own key is used.
    var agents: [AgentSection]
    var stream: Source.Stream
    var detail: Source.Detail
    var insecureHosts: [String]
}

struct AgentSection {
    var name: Written<String>
    /// The endpoint. `nil` for that of the source.
    var endpoint: String?
    var key: Source.KeySource
}

struct FiltersSection {
    var filters: Filters
    var startedAtAfter: Field<MomentExpression>
    var startedAtBefore: Field<MomentExpression>
}

struct WindowSection {
    /// The position at which a missing bound is reported.
    var place: SourcePosition
    var isGiven: Bool
    var from: Field<MomentExpression>
    var to: Field<MomentExpression>
    var every: Field<WindowLength>
    var zone: Field<ZoneRules>
    var settle: Duration
    var lookback: Duration?
    var refresh: [RefreshSection]
}

/// A tier of `window.refresh`.
struct RefreshSection {
    var place: SourcePosition
    /// `nil` for all windows.
    var within: Duration?
    /// `nil` for each run.
    var every: Duration?
    var look: LookKind
}

/// Where the files go, and what is left to the environment.
struct DestinationSection {
    var location: DestinationLocation
    /// Hosts for which plain HTTP is allowed, in addition to the loopback.
    var insecureHosts: [String]
}

struct OutputSection {
    var place: SourcePosition
    var table: Table
    var tablePlace: SourcePosition
    var format: Output.Format
    var compression: Output.Compression
    var path: Field<PathTemplate>
    var columns: Field<[Written<ColumnEntry>]>
    var flatten: [String]?
    var dialect: Output.Dialect
    var exclude: [Written<[String]>]
    var hash: [Written<[String]>]
    /// Whether table, format and compression are valid, so that checks that depend on them are meaningful.
    var isWhole: Bool
}

/// One entry of `columns`.
enum ColumnEntry {
    /// `id`, `metadata.customer_tier`.
    case path([String])
    /// `metadata.*`.
    case every(String)
    /// `{agent}`, under its default name or another.
    case agent(String)
    /// `{name: tier, path: metadata.customer_tier, type: string}`.
    case named(Column)
}
