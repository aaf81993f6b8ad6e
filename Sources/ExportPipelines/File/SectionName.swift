import ExportCore

/// The maps of a pipeline file, and the keys of each.
enum SectionName: String, CaseIterable {
    case top, source, agent, filters, window, fetch, destination, outputs, column, compression, load, refresh

    var keys: [String] {
        switch self {
        case .top:
            [
                "version", "name", "source", "filters", "window", "fetch", "destination", "outputs", "hash_key", "hash_key_file",
                "keep_rows", "load", "warn_if_empty",
            ]
        case .source: ["endpoint", "api_key", "api_key_file", "agents", "stream", "detail", "allow_http"]
        case .agent: ["name", "endpoint", "api_key", "api_key_file"]
        case .filters: FilterName.allCases.map(\.rawValue) + Self.filtersOfOurs
        case .window: ["from", "to", "every", "timezone", "settle", "lookback", "refresh"]
        case .fetch:
            ["concurrency", "page_size", "page_limit_mib", "rate", "timeout", "retries", "walk", "transfer", "unpaginated"]
        case .destination: ["url", "endpoint", "region", "path_style", "lease", "allow_http"]
        case .outputs: ["table", "format", "compression", "path", "columns", "flatten", "dialect", "exclude", "hash"]
        case .column: ["name", "path", "type"]
        case .compression: ["gzip", "zstd"]
        case .load: ["into", "client", "namespace", "prefix"]
        case .refresh: ["within", "every", "look"]
        }
    }

    /// The section in messages: `in fetch`.
    var place: String {
        switch self {
        case .top: "at the top of the file"
        case .outputs: "in an output"
        case .column: "in a column"
        case .agent: "in an agent"
        case .refresh: "in a tier of window.refresh"
        case .source, .filters, .window, .fetch, .destination, .compression, .load: "in \(rawValue)"
        }
    }

    /// The section to which a key belongs, for suggestions.
    static func owner(of key: String) -> SectionName? {
        [.top, .source, .filters, .window, .fetch, .outputs, .destination].first { $0.keys.contains(key) }
    }

    /// The ranges of integers, by their keys.
    static let ranges: [String: ClosedRange<Int>] = [
        "concurrency": 1...64, "page_size": 1...100, "page_limit_mib": 1...1024, "retries": 0...50, "gzip": 1...9,
        "zstd": 1...19,
    ]

    private static let filtersOfOurs = [
        "env", "started_at_after", "started_at_before", "metadata", "metadata_key", "metadata_value", "only_deleted", "extra",
        "extra_unchecked",
    ]
}
