import ExportCore

/// The description of each setting, and its valid values.
extension PipelineSchema {
    static func setting(_ key: String, in section: SectionName) -> (description: String, form: SchemaValue) {
        switch section {
        case .top: top(key)
        case .source: source(key)
        case .agent: agent(key)
        case .filters: filter(key)
        case .window: window(key)
        case .fetch: fetch(key)
        case .destination: store(key)
        case .outputs: output(key)
        case .column: column(key)
        case .load: load(key)
        case .compression: ("zlib at this level.", wholeNumber(key))
        case .refresh: refresh(key)
        }
    }

    /// The description of a key that lacks one, which a test detects.
    static let undescribed: (String, SchemaValue) = ("", [:])

    private static func top(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "version": ("Version of the file format: 1.", ["enum": [1, "1"]])
        case "name":
            (
                "Name of the pipeline in manifests. Default: the name of the file.",
                pattern("^[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$", "support-nightly")
            )
        case "source": ("The service and its API key.", orNothing(Self.section(.source)))
        case "filters": ("Conditions on conversations, all of which must match.", orNothing(filters))
        case "window":
            (
                "The span to export, and the length of its windows. Default: everything up to now, in one window.",
                orNothing(Self.section(.window))
            )
        case "fetch": ("How requests are sent.", orNothing(Self.section(.fetch)))
        case "destination":
            (
                "A folder, or s3://bucket/prefix; or a map with more settings of the store.",
                [
                    "anyOf": [
                        ["type": "string", "minLength": 1, "not": ["pattern": "^~(/|$)"]],
                        Self.section(.destination).adding(["required": ["url"]]),
                    ], "examples": ["exports/support", "s3://bucket/support"],
                ]
            )
        case "outputs":
            (
                "The files of each window. Default: NDJSON, gzip.",
                orNothing(["type": "array", "minItems": 1, "items": Self.section(.outputs).adding(dialects)])
            )
        case "keep_rows":
            (
                "Keeps the rows of each window as they came, below _agentsight/rows, unless an output has them, so that outputs can "
                    + "change without another export. with_excluded: also the fields that outputs exclude or hash. Default: false.",
                ["anyOf": [flag(), ["const": .text(KeptRowsWord.withExcluded)]]]
            )
        case "load":
            (
                "The warehouse that committed windows are loaded into, by load and by run --load.",
                orNothing(Self.section(.load).adding(["required": ["into"]]))
            )
        case "warn_if_empty":
            (
                "Warns if the metadata filters matched no conversation in a run, or a column of a key is empty in all its rows. "
                    + "Default: true.", flag()
            )
        case "hash_key":
            (
                "The key of hashed values, an environment variable; at least \(HashKey.shortest) characters. A literal key is refused.",
                ["type": "string", "pattern": "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$", "examples": ["${AGENTSIGHT_HASH_KEY}"]]
            )
        case "hash_key_file": ("A file that contains the key, instead of hash_key.", ["type": "string", "minLength": 1])
        default: undescribed
        }
    }

    private static func load(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "into": ("The warehouse.", choice(LoadSettings.System.self))
        case "client":
            (
                "The command that starts the warehouse's client. No shell interprets it. Default: psql or clickhouse-client.",
                [
                    "type": "string", "minLength": 1,
                    "examples": ["psql service=dw", "duckdb warehouse.db", "clickhouse-client --host dw"],
                ]
            )
        case "namespace": ("The schema of the tables. Default: that of the warehouse session.", ["type": "string", "minLength": 1])
        case "prefix": ("A prefix for the names of the tables.", ["type": "string", "minLength": 1])
        default: undescribed
        }
    }

    private static func orNothing(_ form: SchemaValue) -> SchemaValue {
        ["anyOf": [form, ["type": "null"]]]
    }

    private static func source(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "endpoint":
            (
                "Scheme, host and port, and a path if the service is below one. AGENTSIGHT_API_ENDPOINT overrides it.",
                pattern("^\\s*[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\s]+(/[^?#\\s]*)?\\s*$", "https://api.agentsight.io")
            )
        case "api_key":
            (
                "An environment variable; a literal key is refused.",
                ["type": "string", "pattern": "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$", "default": "${AGENTSIGHT_API_KEY}"]
            )
        case "api_key_file": ("A file that contains the key, instead of api_key.", ["type": "string", "minLength": 1])
        case "agents":
            (
                "Several agents, each with its key: a list, or a pattern of key files that are named after the agents.",
                [
                    "anyOf": [
                        ["type": "string", "minLength": 1],
                        ["type": "array", "minItems": 1, "items": Self.section(.agent).adding(["required": ["name"]])],
                    ], "examples": ["keys/*.key"],
                ]
            )
        case "stream": ("The kind of rows.", choice(Source.Stream.self).adding(["default": "conversations"]))
        case "detail":
            ("full: rows with transcripts; lean: rows with counts only.", choice(Source.Detail.self).adding(["default": "full"]))
        case "allow_http": ("Hosts to which plain http is allowed besides loopback addresses.", defined("hosts"))
        default: undescribed
        }
    }

    private static func agent(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "name":
            (
                "Name of the agent in window keys and, as {agent}, in paths.",
                pattern("^[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$", "shop-eu")
            )
        case "endpoint": ("Endpoint of this agent. Default: source.endpoint.", source("endpoint").1)
        default: source(key)
        }
    }

    private static var filters: SchemaValue {
        Self.section(.filters).adding([
            "patternProperties": [
                "^metadata\\..": ["type": ["string", "number", "boolean", "null"], "description": "A metadata key and its value."]
            ]
        ])
    }

    private static func filter(_ key: String) -> (String, SchemaValue) {
        if let name = key == "env" ? .environment : FilterName(rawValue: key) {
            return switch name.kind {
            case .text: (name.words, text().adding(["minLength": 1]))
            case .flag: (name.words, flag())
            case .choice(let words): (name.words, choice(words))
            }
        }
        return switch key {
        case "started_at_after": ("The same as window.from. Not allowed if window sets from or to.", defined("moment"))
        case "started_at_before": ("The same as window.to. Not allowed if window sets from or to.", defined("moment"))
        case "metadata":
            (
                "Keys and values, nested or with dot paths; or key:value,key2:value2.",
                [
                    "anyOf": [["type": "object", "minProperties": 1], ["type": "string", "minLength": 1]],
                    "examples": [["customer_tier": "premium", "analysis.sentiment": "positive"]],
                ]
            )
        case "metadata_key": ("One key, for a value with a comma or a colon; needs metadata_value.", text("note"))
        case "metadata_value": ("The value of metadata_key.", text("a, b: c"))
        case "only_deleted": ("Requests include_deleted and keeps only the deleted rows.", flag())
        case "extra":
            ("Request parameters that are sent unchanged.", ["type": ["object", "null"], "additionalProperties": text()])
        case "extra_unchecked": ("Sends extra without checking that the service knows the parameters.", flag())
        default: undescribed
        }
    }

    private static func window(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "from": ("Inclusive.", defined("moment"))
        case "to": ("Exclusive. Default: now.", defined("moment"))
        case "every": ("Length of a window.", choice(WindowLength.self).adding(["default": "day"]))
        case "timezone":
            ("Time zone in which days begin, an IANA name.", ["type": "string", "default": "UTC", "examples": ["Europe/Zagreb"]])
        case "settle": ("Rows newer than this are not exported yet.", defined("duration"))
        case "lookback": ("Every run exports again the windows that ended within this time.", defined("duration"))
        case "refresh":
            (
                "Committed windows that are compared with the service, and exported again if they differ. Of each kind of look, the "
                    + "first tier that covers a window applies to it.",
                orNothing(["type": "array", "items": Self.section(.refresh).adding(["required": ["every", "look"]])])
            )
        default: undescribed
        }
    }

    private static func refresh(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "within": ("Windows that ended within this time. Default: all windows.", defined("duration"))
        case "every": ("How often: run, or a duration.", pattern("^(run|[0-9]*[1-9][0-9]*[smhdw])$", "run", "1d"))
        case "look":
            (
                "counts: numbers of rows are compared, in a few requests; lean: every field but transcripts; full: whole rows.",
                choice(LookKind.self)
            )
        default: undescribed
        }
    }

    private static func fetch(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "concurrency": ("Maximum number of requests in flight.", wholeNumber(key).adding(["default": 8]))
        case "page_size": ("Rows per page.", wholeNumber(key).adding(["default": 100]))
        case "page_limit_mib":
            ("Maximum size of a page in MiB. Default: 128 divided by concurrency, at least 8, at most 64.", wholeNumber(key))
        case "rate": ("Maximum request rate per key.", pattern("^([0-9]*\\.)?[0-9]+\\.?/(s|min|h)$", "900/min", "15/s"))
        case "timeout":
            ("Time limit for one request, up to its last byte: 1s to 1h.", defined("duration").adding(["default": "60s"]))
        case "retries": ("Number of retries after a temporary failure.", wholeNumber(key).adding(["default": 6]))
        case "walk":
            ("ranges: by time ranges; pages: by page numbers, for rows that do not change.", choice(FetchSettings.WalkKind.self))
        case "transfer":
            ("Compression of responses. auto: gzip, except for loopback addresses.", choice(FetchSettings.Transfer.self))
        case "unpaginated":
            (
                "Where rows are requested as unpaginated lists, if the service offers them: never; lean: in lean looks; all.",
                choice(FetchSettings.Unpaginated.self).adding(["default": "lean"])
            )
        default: undescribed
        }
    }

    /// Only a format with dialects may have one.
    private static let dialects: [String: SchemaValue] = [
        "dependentSchemas": [
            "dialect": [
                "required": ["format"],
                "properties": [
                    "format": [
                        "not": ["enum": .list(Output.Format.allCases.filter { !$0.traits.hasDialects }.map { .text($0.rawValue) })]
                    ]
                ],
            ]
        ]
    ]

    private static func store(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "url": ("Bucket and prefix.", pattern("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$", "s3://bucket/prefix"))
        case "endpoint":
            (
                "For a store other than AWS: scheme, host, port and path.",
                pattern("^\\s*[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\s]+(/[^?#\\s]*)?\\s*$", "https://storage.example.com")
            )
        case "region": ("Default: AWS_REGION, the profile's, us-east-1.", pattern("^[a-z0-9][a-z0-9-]*$", "eu-central-1"))
        case "path_style": ("Whether the bucket is part of the path. Default: true with an endpoint.", flag())
        case "lease":
            ("How long the lock of a run that died keeps other runs out: 5s to 1h.", defined("duration").adding(["default": "60s"]))
        case "allow_http": ("Hosts to which plain http is allowed besides loopback addresses.", defined("hosts"))
        default: undescribed
        }
    }

    private static func output(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "table": ("The table to export.", choice(Table.self).adding(["default": "conversations"]))
        case "format": ("The file format.", choice(Output.Format.self).adding(["default": "ndjson"]))
        case "compression":
            (
                "gzip: the fast encoder; {gzip: 1…9}: zlib at that level; zstd: level 3; {zstd: 1…19}; none.",
                [
                    "anyOf": [
                        choice(["gzip", "zstd", "none"]),
                        Self.section(.compression).adding(["minProperties": 1, "maxProperties": 1]),
                    ],
                    "default": "gzip",
                ]
            )
        case "path":
            (
                "Path below the destination, different for each window: with "
                    + Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ") + ".",
                [
                    "type": "string", "minLength": 1, "not": ["pattern": "^/"],
                    "examples": ["conversations/dt={date}/conversations.ndjson.gz"],
                ]
            )
        case "columns":
            (
                "Fields, dot paths, metadata.*, {agent}, or {name, path, type}. Default: every field.",
                [
                    "type": "array", "minItems": 1,
                    "items": [
                        "anyOf": [
                            ["type": "string", "minLength": 1], Self.section(.column).adding(["required": ["name", "path"]]),
                        ]
                    ], "examples": [["id", "started_at", "metadata.*"]],
                ]
            )
        case "flatten":
            (
                "Objects whose keys become columns.",
                ["type": "array", "items": choice(Set(Table.allCases.flatMap(\.objects)).sorted())]
            )
        case "exclude":
            (
                "Fields and dot paths that are not written, in any format; lists are looked into.",
                [
                    "type": "array", "items": ["type": "string", "minLength": 1],
                    "examples": [["customer_ip_address", "messages.content"]],
                ]
            )
        case "hash":
            (
                "Fields and dot paths whose values are written as HMAC-SHA-256 with hash_key.",
                ["type": "array", "items": ["type": "string", "minLength": 1], "examples": [["customer_id"]]]
            )
        case "dialect":
            ("For CSV: warehouse or spreadsheet.", choice(Output.Dialect.self).adding(["default": "warehouse"]))
        default: undescribed
        }
    }

    private static func column(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "name": ("Name of the column.", text("tier").adding(["minLength": 1]))
        case "path":
            ("The dot path of its value.", ["type": "string", "minLength": 1, "examples": ["metadata.customer_tier"]])
        case "type": ("Its type. Default: derived from the values.", choice(ColumnType.self))
        default: undescribed
        }
    }
}

extension FilterName {
    /// A description of the rows that the filter keeps.
    fileprivate var words: String {
        switch self {
        case .conversationID, .customerID, .customerIPAddress, .device, .language: "Exact match."
        case .actionName: "Exact match; newer versions of the service match a substring and ignore case."
        case .customerIDContains, .name: "Substring match that ignores case."
        case .environment: "The environment."
        case .isMarked: "Whether the conversation is marked."
        case .hasMessages, .hasFeedback, .hasAction: "Whether the conversation has any."
        case .includeDeleted: "Whether soft-deleted conversations are included."
        case .includeTickets: "true also restricts the export to conversations with a ticket."
        case .messageContains: "Text that a message contains."
        case .search: "Text for the search of the service."
        case .feedbackSentiment: "Sentiment of a feedback."
        case .feedbackSource: "Source of a feedback."
        }
    }
}
