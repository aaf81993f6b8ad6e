import ExportCore

/// What each setting is for, and what may stand there.
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
        case .compression: ("zlib at this level.", wholeNumber(key))
        }
    }

    /// What a key has that nobody has described; a test finds it.
    static let undescribed: (String, SchemaValue) = ("", [:])

    private static func top(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "version": ("Of this form of file: 1.", ["enum": [1, "1"]])
        case "name":
            (
                "Names the manifests. Default: the file's name.",
                pattern("^[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$", "support-nightly")
            )
        case "source": ("Where conversations come from.", orNothing(Self.section(.source)))
        case "filters": ("Which conversations: all must hold. Names as the service has them.", orNothing(filters))
        case "window":
            ("Which span, and how it is cut. Default: everything up to now, in one window.", orNothing(Self.section(.window)))
        case "fetch": ("How the service is asked.", orNothing(Self.section(.fetch)))
        case "destination":
            (
                "A folder, or s3://bucket/prefix; a map for a store that needs more.",
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
                orNothing(["type": "array", "minItems": 1, "items": Self.section(.outputs)])
            )
        case "warn_if_empty":
            (
                "Warns if the metadata filters matched no conversation in a run, or a column of a key is empty in all its rows. "
                    + "Default: true.", flag()
            )
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
                "Scheme, host and port, and a path where the service is below one. AGENTSIGHT_API_ENDPOINT overrides it.",
                pattern("^\\s*[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\s]+(/[^?#\\s]*)?\\s*$", "https://api.agentsight.io")
            )
        case "api_key":
            (
                "A variable; a literal key is refused.",
                ["type": "string", "pattern": "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$", "default": "${AGENTSIGHT_API_KEY}"]
            )
        case "api_key_file": ("A file that holds the key, instead of api_key.", ["type": "string", "minLength": 1])
        case "agents":
            (
                "Several agents, each with its key: a list, or a pattern of key files, whose names without their endings are the agents'.",
                [
                    "anyOf": [
                        ["type": "string", "minLength": 1],
                        ["type": "array", "minItems": 1, "items": Self.section(.agent).adding(["required": ["name"]])],
                    ], "examples": ["keys/*.key"],
                ]
            )
        case "stream": ("What is exported.", choice(Source.Stream.self).adding(["default": "conversations"]))
        case "detail": ("full: with transcripts; lean: with counts.", choice(Source.Detail.self).adding(["default": "full"]))
        case "allow_http": ("Hosts to which plain http is allowed beside the loopback.", defined("hosts"))
        default: undescribed
        }
    }

    private static func agent(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "name":
            (
                "Names the agent in paths, with {agent}, and in the keys of windows.",
                pattern("^[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$", "shop-eu")
            )
        case "endpoint": ("Of this agent. Default: the source's.", source("endpoint").1)
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
        case "started_at_after": ("As window.from, where the window has neither bound.", defined("moment"))
        case "started_at_before": ("As window.to, where the window has neither bound.", defined("moment"))
        case "metadata":
            (
                "Keys and values, nested or with dot paths; or key:value,key2:value2.",
                [
                    "anyOf": [["type": "object", "minProperties": 1], ["type": "string", "minLength": 1]],
                    "examples": [["customer_tier": "premium", "analysis.sentiment": "positive"]],
                ]
            )
        case "metadata_key": ("One key, for a value with a comma or a colon; with metadata_value.", text("note"))
        case "metadata_value": ("The value of metadata_key.", text("a, b: c"))
        case "only_deleted": ("Asks with include_deleted, and keeps the deleted rows.", flag())
        case "extra":
            ("Parameters that are sent as they stand, on purpose.", ["type": ["object", "null"], "additionalProperties": text()])
        case "extra_unchecked": ("Sends extra without asking first whether the service knows it.", flag())
        default: undescribed
        }
    }

    private static func window(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "from": ("Inclusive.", defined("moment"))
        case "to": ("Exclusive. Default: now.", defined("moment"))
        case "every": ("How long a window is.", choice(WindowLength.self).adding(["default": "day"]))
        case "timezone":
            ("An IANA name; days follow its calendar.", ["type": "string", "default": "UTC", "examples": ["Europe/Zagreb"]])
        case "settle": ("Nothing newer than now less this is exported.", defined("duration"))
        case "lookback": ("Windows that end later than now less this are exported again.", defined("duration"))
        default: undescribed
        }
    }

    private static func fetch(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "concurrency": ("Requests in flight at most.", wholeNumber(key).adding(["default": 8]))
        case "page_size": ("Rows of a page.", wholeNumber(key).adding(["default": 100]))
        case "page_limit_mib":
            ("MiB that one page may have. Default: 128 shared by the requests in flight, 8 to 64 each.", wholeNumber(key))
        case "rate": ("Requests at most.", pattern("^([0-9]*\\.)?[0-9]+\\.?/(s|min|h)$", "900/min", "15/s"))
        case "timeout": ("For one request, to the last byte: 1s to 1h.", defined("duration").adding(["default": "60s"]))
        case "retries": ("How often a request that failed in passing is sent again.", wholeNumber(key).adding(["default": 6]))
        case "walk": ("ranges of time; or pages, for a set that is known to be still.", choice(FetchSettings.WalkKind.self))
        case "transfer": ("gzip over a network, not on the loopback, unless said.", choice(FetchSettings.Transfer.self))
        default: undescribed
        }
    }

    private static func store(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "url": ("Bucket and prefix.", pattern("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$", "s3://bucket/prefix"))
        case "endpoint":
            (
                "Of another store than AWS: scheme, host and port.",
                pattern("^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\s]+/?$", "https://storage.example.com")
            )
        case "region": ("Default: AWS_REGION, the profile's, us-east-1.", pattern("^[a-z0-9][a-z0-9-]*$", "eu-central-1"))
        case "path_style": ("The bucket in the path; the default with an endpoint.", flag())
        case "lease": ("How long a run that died keeps others out: 5s to 1h.", defined("duration").adding(["default": "60s"]))
        case "allow_http": ("Hosts to which plain http is allowed beside the loopback.", defined("hosts"))
        default: undescribed
        }
    }

    private static func output(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "table": ("What a row is.", choice(Table.self).adding(["default": "conversations"]))
        case "format": ("How rows are written.", choice(Output.Format.self).adding(["default": "ndjson"]))
        case "compression":
            (
                "gzip: the fast encoder; {gzip: 1…9}: zlib at that level; none.",
                [
                    "anyOf": [choice(["gzip", "none"]), Self.section(.compression).adding(["required": ["gzip"]])],
                    "default": "gzip",
                ]
            )
        case "path":
            (
                "Within the destination, and another one for each window: with "
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
        case "dialect":
            ("Of CSV: for a warehouse, or for a spreadsheet.", choice(Output.Dialect.self).adding(["default": "warehouse"]))
        default: undescribed
        }
    }

    private static func column(_ key: String) -> (String, SchemaValue) {
        switch key {
        case "name": ("Of the column.", text("tier").adding(["minLength": 1]))
        case "path":
            ("Where its value is: a dot path.", ["type": "string", "minLength": 1, "examples": ["metadata.customer_tier"]])
        case "type": ("What it holds. Default: found out.", choice(ColumnType.self))
        default: undescribed
        }
    }
}

extension FilterName {
    /// What the filter keeps, for people.
    fileprivate var words: String {
        switch self {
        case .conversationID, .customerID, .customerIPAddress, .device, .language, .actionName: "Exactly this text."
        case .customerIDContains, .name: "A part of it, whatever the case."
        case .environment: "Of this environment."
        case .isMarked: "Marked, or not."
        case .hasMessages, .hasFeedback, .hasAction: "With, or without."
        case .includeDeleted: "Deleted ones, too."
        case .includeTickets: "true also narrows to conversations with a ticket."
        case .messageContains: "A part of a message."
        case .search: "As the service searches."
        case .feedbackSentiment: "With a feedback of this sentiment."
        case .feedbackSource: "With a feedback from there."
        }
    }
}
