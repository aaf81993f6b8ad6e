public import ExportCore

/// A question to the service, as path and query.
public struct ServiceRequest: Sendable, Hashable {
    /// With a slash at the end: the service knows no other.
    public let path: String
    public let parameters: [Filters.Parameter]

    public init(path: String, parameters: [Filters.Parameter] = []) {
        self.path = path
        self.parameters = parameters
    }

    /// A page of the list of conversations.
    public init(list query: ListQuery, filters: Filters, detail: Source.Detail) {
        var filters = filters
        if query.includesDeleted { filters.values[.includeDeleted] = "true" }
        var parameters = filters.parameters
        func add(_ name: String, _ value: String) {
            parameters.append(.init(name: name, value: value))
        }
        add("full", detail == .lean || query.isCount ? "false" : "true")
        if let after = query.after { add("started_at_after", after.description) }
        add("started_at_before", query.before.description)
        add("ordering", query.ordering.rawValue)
        add("page", String(query.page))
        add("page_size", String(query.pageSize))
        self.init(path: "/api/conversations/", parameters: parameters)
    }

    /// What key belongs to whom. Older deployments lack it.
    public static let me = ServiceRequest(path: "/api/me/")
    /// Dot paths of the metadata keys in use, 200 at most. May be missing.
    public static let metadataKeys = ServiceRequest(path: "/api/conversations/metadata-keys/")
    /// The same of messages.
    public static let messageMetadataKeys = ServiceRequest(path: "/api/conversations/message-metadata-keys/")

    /// Path and query, percent-encoded but for the unreserved characters (RFC 3986, 2.3).
    var target: String {
        guard !parameters.isEmpty else { return path }
        let pairs = parameters.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return "\(path)?\(pairs.joined(separator: "&"))"
    }
}
