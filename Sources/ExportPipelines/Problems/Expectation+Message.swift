import ExportCore

extension Expectation {
    var words: String {
        switch self {
        case .map: "a map of settings"
        case .list: "a list"
        case .text: "text"
        case .agents: "a list of agents, or a pattern of key files such as keys/*.key"
        case .metadataMap: "a map of keys and values, or text such as key:value"
        case .columnEntry: "a field, a dot path or {name, path, type}"
        case .compression: "gzip, zstd, none, {gzip: 1…9} or {zstd: 1…19}"
        case .wholeNumber(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: "a duration such as 90s, 20m, 2h or 1d"
        case .durationOrRun: "run, or a duration such as 12h, 1d or 2w"
        case .durationWithin(let range): "a duration \(range)"
        case .rate: "a rate such as 15/s, 900/min or 50000/h"
        case .flag: "true or false"
        case .keptRows: "true, false or \(KeptRowsWord.withExcluded)"
        case .version: "1, the only version"
        case .name: "letters, digits, \"-\", \"_\" and \".\", and not dots alone"
        case .variable: "a reference such as ${AGENTSIGHT_API_KEY}"
        case .hashVariable: "a reference such as ${AGENTSIGHT_HASH_KEY}"
        case .moment:
            "a date (2024-01-01), a date-time (2024-01-01T08:00), today, yesterday, tomorrow, now, -30d, -2w, -12h, today-7d or now-2h"
        case .timezone: "an IANA time zone such as Europe/Zagreb or UTC"
        case .destination: "a folder, or s3://bucket/prefix"
        case .endpoint: "a URL such as https://api.agentsight.io"
        case .storeURL: "s3://bucket/prefix"
        case .storeEndpoint: "a URL such as https://storage.example.com"
        case .region: "a region such as eu-central-1"
        case .host: "a host's name without scheme and port"
        case .metadata: "text, a number, true, false or null"
        case .columnName: "text of one line"
        case .columnPath: "a dot path such as metadata.customer_tier"
        case .oneOf(let words): words.count == 1 ? words.joined() : "one of \(words.joined(separator: ", "))"
        }
    }
}

extension TreeNode.Shape {
    var words: String {
        switch self {
        case .nothing: "empty"
        case .unreadable: "unreadable"
        case .text: "text"
        case .list: "a list"
        case .map: "a map"
        }
    }
}

extension EndpointFault {
    func message(_ it: String) -> String {
        switch self {
        case .form: "\(it) is not an endpoint: it must be http or https, a host and, if needed, a port"
        case .scheme: "\(it) is not an endpoint: only http and https are supported"
        case .path:
            "\(it) has a path that cannot be part of an address: an empty part, \".\" or \"..\", or a character that is not allowed there"
        case .query: "the endpoint has a query or a fragment"
        case .user: "the endpoint contains a user or a password"
        case .plainHTTP(let host): "plain http would send the API key to \(host) in the clear"
        }
    }

    var suggestion: String {
        switch self {
        case .form, .scheme: "write https://api.agentsight.io"
        case .path: "write https://gateway.example.com/agentsight"
        case .query: "end it after the host and port"
        case .user: "remove them; the key comes from api_key"
        case .plainHTTP(let host): "use https, or allow the host: allow_http: [\(host)]"
        }
    }
}

// The same of a store of objects.
extension EndpointFault {
    func messageOfStore(_ it: String) -> String {
        switch self {
        case .plainHTTP(let host): "plain http would send customers' conversations to \(host) in the clear"
        case .form, .scheme, .path, .query, .user: message(it)
        }
    }

    var suggestionOfStore: String {
        switch self {
        case .form, .scheme: "write https://storage.example.com"
        case .path: "write https://gateway.example.com/storage"
        case .user: "remove them; credentials come from the environment or the shared files"
        case .query, .plainHTTP: suggestion
        }
    }
}

extension PathFault {
    func message(_ it: String) -> String {
        switch self {
        case .empty: "path is empty"
        case .absolute: "\(it) is absolute, but paths are relative to the destination"
        case .leaves: "\(it) has a part \".\" or \"..\", which is not allowed"
        case .emptyPart: "\(it) has an empty part: a trailing slash, or two slashes in a row"
        case .character: "\(it) has a backslash or a control character"
        case .reserved: "\(it) begins with _agentsight, which is reserved for manifests"
        }
    }

    var suggestion: String {
        switch self {
        case .absolute: "set the folder in destination, and remove the leading slash"
        case .reserved: "begin with another name"
        case .empty, .leaves, .emptyPart, .character: "write a path such as conversations/dt={date}/conversations.ndjson.gz"
        }
    }
}

extension SetElsewhere {
    var suggestion: String {
        switch self {
        case .page: "a run exports every page; agentsight-export preview FILE --page N shows one"
        case .ordering: "remove it: rows are always ordered by started_at, then id"
        case .full: "set source.detail: full or lean"
        case .pageSize: "set fetch.page_size"
        }
    }
}
