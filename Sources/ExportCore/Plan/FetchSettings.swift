/// How requests are sent to the service.
public struct FetchSettings: Sendable, Hashable {
    /// The maximum number of requests in flight, over the whole run.
    public var concurrency: Int
    /// The number of rows requested at once. The service returns at most 100.
    public var pageSize: Int
    /// The maximum number of requests per second. `nil` to send as many as the service accepts.
    public var requestsPerSecond: Double?
    /// The timeout of one request, from sending it to the last byte of its response.
    public var timeout: Duration
    /// How often a request that failed with a transient error is repeated.
    public var retries: Int
    /// How a window's rows are walked.
    public var walk: WalkKind
    /// Whether compressed responses are requested.
    public var transfer: Transfer
    /// The maximum size of a page's body in bytes, also after decompression. If `nil`, a share of the limit for all pages in flight.
    public var pageLimit: Int?

    /// Where rows are requested as lists without pages.
    public var unpaginated: Unpaginated

    /// Where rows are requested as lists without pages, if the deployment has them: nowhere, in lean looks, or wherever rows are read.
    public enum Unpaginated: String, Sendable, Hashable, CaseIterable {
        case never, lean, all

        /// The maximum number of rows in one such list. `nil` if rows of this detail are requested by pages.
        public func limit(_ detail: Source.Detail) -> Int? {
            switch (self, detail) {
            case (.never, _), (.lean, .full): nil
            case (.lean, .lean), (.all, .lean): 5000
            // A thousand lean rows are about as large as a page of a hundred full ones.
            case (.all, .full): 1000
            }
        }
    }

    /// How a window's rows are walked: by ranges of time, or by page number.
    public enum WalkKind: String, Sendable, Hashable, CaseIterable {
        case ranges, pages
    }

    /// Whether compressed responses are requested. `auto`: yes over a network, no over the loopback.
    public enum Transfer: String, Sendable, Hashable, CaseIterable {
        case auto, gzip, identity
    }

    /// Creates settings; the defaults are those of the pipeline file.
    public init(
        concurrency: Int = 8, pageSize: Int = 100, requestsPerSecond: Double? = nil, timeout: Duration = .seconds(60),
        retries: Int = 6, walk: WalkKind = .ranges, transfer: Transfer = .auto, pageLimit: Int? = nil,
        unpaginated: Unpaginated = .lean
    ) {
        self.concurrency = concurrency
        self.pageSize = pageSize
        self.requestsPerSecond = requestsPerSecond
        self.timeout = timeout
        self.retries = retries
        self.walk = walk
        self.transfer = transfer
        self.pageLimit = pageLimit
        self.unpaginated = unpaginated
    }
}
