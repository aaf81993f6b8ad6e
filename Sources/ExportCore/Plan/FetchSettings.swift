/// How the service is asked.
public struct FetchSettings: Sendable, Hashable {
    /// Requests in flight at most, over the whole run.
    public var concurrency: Int
    /// Rows asked for at once; the service gives 100 at most.
    public var pageSize: Int
    /// Requests a second at most. Nil: as many as the service takes.
    public var requestsPerSecond: Double?
    /// For one request, from sending it to the last byte of its answer.
    public var timeout: Duration
    /// How often a request that failed in passing is sent again.
    public var retries: Int
    /// How a window's rows are walked.
    public var walk: WalkKind
    /// Whether bodies come compressed.
    public var transfer: Transfer
    /// Bytes that the body of one page may have, inflated too. Nil: a share of what all pages in flight may take.
    public var pageLimit: Int?

    /// Where rows are asked for as lists without pages.
    public var unpaginated: Unpaginated

    /// Where rows are asked for as lists without pages, if the deployment has them: nowhere, in lean looks, or wherever rows are read.
    public enum Unpaginated: String, Sendable, Hashable, CaseIterable {
        case never, lean, all

        /// Rows of one such list at most. Nil: rows of this detail are asked for by pages.
        public func limit(_ detail: Source.Detail) -> Int? {
            switch (self, detail) {
            case (.never, _), (.lean, .full): nil
            case (.lean, .lean), (.all, .lean): 5000
            // A thousand lean rows weigh as much as a page of a hundred whole ones.
            case (.all, .full): 1000
            }
        }
    }

    /// How a window's rows are walked: by ranges of time, or by page number.
    public enum WalkKind: String, Sendable, Hashable, CaseIterable {
        case ranges, pages
    }

    /// Whether answers are asked for compressed. `auto`: over a network, yes; on the loopback, no.
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
