public import ExportCore

/// A request to the service: a path and a query.
public struct ServiceRequest: Sendable, Hashable {
    /// The path below the endpoint, with the slash at the end that the service requires.
    public let path: String
    /// Query parameters in the order in which they are sent.
    public let parameters: [Filters.Parameter]
    /// The number of the page of a list, from 1. `nil` if it is not a list.
    public let page: Int?
    /// The maximum size of the response's body in bytes. `nil` for that of a page.
    private let ownLimit: Int?
    /// Whether the request is for a page of one row.
    private let isSingleRow: Bool
    /// How often it is repeated at most, whatever the settings allow. `nil`: as often as they do.
    private(set) var mostRetries: Int?

    /// Creates a GET of a path below the endpoint.
    /// - Parameter page: The number of the page, from 1, if a list is requested.
    public init(path: String, parameters: [Filters.Parameter] = [], page: Int? = nil) {
        self.init(path: path, parameters: parameters, page: page, limit: nil)
    }

    private init(
        path: String, parameters: [Filters.Parameter], page: Int?, limit: Int?, isSingleRow: Bool = false
    ) {
        self.path = path
        self.parameters = parameters
        self.page = page
        ownLimit = limit
        self.isSingleRow = isSingleRow
    }

    /// Creates a request for a response other than a page.
    private init(document path: String) {
        self.init(path: path, parameters: [], page: nil, limit: 1 << 20)
    }

    /// The maximum size of the response's body in bytes, also after decompression, and the error for a larger one.
    /// - Parameter page: The maximum size of a page.
    func limit(page: Int) -> (bytes: Int, excess: ServiceError) {
        guard let ownLimit, ownLimit < page else { return (page, .tooLarge(limit: page, isSingleRow: isSingleRow)) }
        return (ownLimit, .documentTooLarge(path: path, limit: ownLimit))
    }

    /// Creates a request for a page of the list of conversations.
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
        if query.isUnpaginated { add("paginate", "false") }
        self.init(
            path: "/api/conversations/", parameters: parameters, page: query.page, limit: nil, isSingleRow: query.pageSize == 1)
        // If one response is too large for the service, smaller ones are requested.
        if query.isUnpaginated { mostRetries = 1 }
    }

    /// The agent that the key belongs to. Older deployments lack it.
    public static let me = ServiceRequest(document: "/api/me/")
    /// The dot paths of at most 200 metadata keys in use. Deployments may lack it.
    public static let metadataKeys = ServiceRequest(document: "/api/conversations/metadata-keys/")
    /// The dot paths of the metadata keys in use for messages.
    public static let messageMetadataKeys = ServiceRequest(document: "/api/conversations/message-metadata-keys/")

    /// The path and query, in which all but the unreserved characters are percent-encoded (RFC 3986, 2.3).
    var target: String {
        guard !parameters.isEmpty else { return path }
        let pairs = parameters.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return "\(path)?\(pairs.joined(separator: "&"))"
    }
}
