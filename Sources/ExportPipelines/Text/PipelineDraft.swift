public import ExportCore

/// The content of a new pipeline file, in the notation of the file. `nil` and empty values are left to their defaults. Values are not
/// checked here, but when the rendered text is loaded.
public struct PipelineDraft: Sendable, Hashable {
    /// The pipeline's name.
    public var name: String
    /// The service's URL. `nil` for the default.
    public var endpoint: String?
    /// The file that holds the API key. `nil`: the key comes from `AGENTSIGHT_API_KEY`.
    public var apiKeyFile: String?
    /// Whether rows come with transcripts. `nil` for the default.
    public var detail: Source.Detail?
    /// The names under `filters` and their values as typed: `device`, `mobile`; `metadata`, `tier:gold,region:eu`. Names are unique.
    public var filters: [Filters.Parameter]
    /// The parameters under `filters.extra`.
    public var extra: [Filters.Parameter]
    /// Whether these are sent without first checking that the service knows them.
    public var isExtraUnchecked = false
    /// The start of the span: an expression such as `2024-01-01` or `-30d`.
    public var from: String?
    /// A comment after `from`, on one line. `nil` for an explanation of the possible values.
    public var fromNote: String?
    /// The end of the span, exclusive, as the file writes it. `nil`: now.
    public var to: String?
    /// The length of windows. `nil` for the default.
    public var every: WindowLength?
    /// The name of a time zone. `nil` for the default.
    public var timezone: String?
    /// A duration as the file writes it. `nil` for the default.
    public var settle: String?
    /// A duration as in the file. `nil` to export nothing again.
    public var lookback: String?
    /// A folder, or a URL of a bucket.
    public var destination: String
    /// The table. `nil` for the default.
    public var table: Table?
    /// How rows are written. `nil` for the default.
    public var format: Output.Format?
    /// How the file is compressed. `nil` for the default.
    public var compression: Output.Compression?
    /// The path of the output, with its placeholders. `nil` for the default.
    public var path: String?
    /// The columns: fields, dot paths, `metadata.*`, and `tier=metadata.customer_tier` for a column with its own name.
    public var columns: [String]
    /// Fields and dot paths that are not written.
    public var exclude: [String]
    /// The dialect of CSV. `nil` for the default.
    public var dialect: Output.Dialect?

    /// Creates a draft. `nil` and empty values are left out of the file.
    public init(
        name: String, endpoint: String? = nil, apiKeyFile: String? = nil, detail: Source.Detail? = nil,
        filters: [Filters.Parameter] = [], extra: [Filters.Parameter] = [], from: String? = nil, to: String? = nil,
        every: WindowLength? = nil, timezone: String? = nil, settle: String? = nil, lookback: String? = nil, destination: String,
        table: Table? = nil, format: Output.Format? = nil, compression: Output.Compression? = nil, path: String? = nil,
        columns: [String] = [], exclude: [String] = [],
        dialect: Output.Dialect? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.apiKeyFile = apiKeyFile
        self.detail = detail
        self.filters = filters
        self.extra = extra
        self.from = from
        self.to = to
        self.every = every
        self.timezone = timezone
        self.settle = settle
        self.lookback = lookback
        self.destination = destination
        self.table = table
        self.format = format
        self.compression = compression
        self.path = path
        self.columns = columns
        self.exclude = exclude
        self.dialect = dialect
    }
}
