extension SampleService {
    /// Which deployment of the service is imitated, and what goes wrong with it.
    public struct Configuration: Sendable {
        /// On 127.0.0.1; 0 takes a free one.
        public var port = 0
        /// The access of each key; any other key is refused.
        public var keys: [String: Access] = [
            SampleService.key: .granted, SampleService.unpaidKey: .unpaid, SampleService.forbiddenKey: .forbidden,
        ]
        /// The number of the agent that each key belongs to. Empty: every key belongs to the one agent of all conversations. Of several
        /// agents, conversations are dealt out by their ids.
        public var agents: [String: Int] = [:]
        /// Which generation of the API is imitated.
        public var generation: Generation
        /// Rows of a page where `page_size` is missing or makes no sense.
        public var defaultPageSize: Int
        /// A larger `page_size` is clamped to it silently.
        public var maximumPageSize = 100
        /// Whether `paginate=false` brings a list of all rows, without an envelope. Else it is ignored.
        public var hasLists: Bool
        /// Rows of such a list at most: the others are left out silently. `nil`: all are in it.
        public var listLimit: Int?
        /// A list of more rows than this takes too long: a proxy gives up on it with 504. `nil`: none does.
        public var slowList: Int?
        /// Routes that this deployment lacks: an HTML 404.
        public var absentRoutes: Set<SampleRoute>
        /// Parameters that this deployment does not know, and ignores as it ignores all it does not know. Filters, `ordering`, `full`.
        public var ignoredParameters: Set<String> = []
        /// Parameters that this deployment reads as these values, whatever is asked.
        public var fixedParameters: [String: String] = [:]
        /// Parameters that this deployment reads as these values where they are sent.
        public var misreadParameters: [String: String] = [:]
        /// Rows without transcripts show other names than whole rows do where this number divides their id. `nil`: none do.
        public var otherLeanNames: Int?
        /// Fields that rows without transcripts lack.
        public var fieldsNotLean: Set<String> = []
        /// Other names of parameters that this deployment knows: `["client": "customer_id"]`.
        public var aliases: [String: String] = [:]
        /// Whether `ordering` is honoured.
        public var ordering = Ordering.honoured
        /// The order if none is requested, or none honoured.
        public var defaultOrder = DefaultOrder.newestFirst
        /// The order of rows that the ordering does not tell apart.
        public var ties = Ties.stable
        /// Whether rows exactly at `started_at_after` and `started_at_before` belong to the result.
        public var bounds = Bounds.inclusive
        /// Before each answer.
        public var latency = Duration.zero
        /// Up to so much more, at random: answers to requests sent together come in any order.
        public var latencyJitter = Duration.zero
        /// The limit of requests. `nil` if there is none.
        public var rateLimit: RateLimit?
        /// Another limiter for each key, which replaces `rateLimit`. `nil` if there is none.
        public var limiter: (any RequestLimiter)?
        /// Which responses are spoilt, and how. Default: none.
        public var faults = FaultPlan.none
        /// The changes of the deployment while it serves.
        public var changes: [Change] = []
        /// How rows change while requests come. `nil`: not at all.
        public var churn: Churn?
        /// Whether a client that accepts gzip gets it.
        public var compresses = true
        /// Host and port in `next` and `previous`. `nil` for those of the request's Host header.
        public var linkAuthority: String?
        /// The seed of random orders and delays.
        public var seed: UInt64 = 1
        /// Counts the requests of this imitation with those of others.
        public var inFlight: InFlightGauge?
        /// Called for each request for a list that arrives, with its parameters and its `Authorization`.
        public var onListRequest: (@Sendable (_ parameters: [QueryParameter], _ authorization: String?) -> Void)?
        /// Holds each answer to a request for a list until it returns.
        public var holdListResponse: (@Sendable () async throws -> Void)?
        /// Called before list request `number`, counted from 1, is answered; whatever it changes is in the answer.
        public var beforeResponse: (@Sendable (_ number: Int, _ service: SampleService) -> Void)?
        /// Called for each request, counted from 1, that is not throttled. Its result, if any, replaces the response.
        public var cannedResponse: (@Sendable (_ number: Int, _ route: SampleRoute) -> CannedResponse?)?

        /// Creates the configuration of a deployment.
        /// - Parameter generation: The generation, which determines the envelope, the default page size and the routes.
        public init(generation: Generation = .new) {
            self.generation = generation
            defaultPageSize = generation == .old ? 10 : 15
            hasLists = generation == .new
            absentRoutes = generation == .old ? [.me, .metadataKeys, .messageMetadataKeys] : []
        }
    }

    /// The two generations of the API that are met.
    public enum Generation: String, Sendable, Hashable, CaseIterable {
        /// `count, next, previous, results`; pages of 10; neither `/api/me/` nor metadata keys.
        case old
        /// Those and `page_size, total_pages, current_page`; pages of 15.
        case new
    }

    /// The access of a key.
    public enum Access: Sendable, Hashable {
        case granted
        /// 401: the key is right, the agent has no active subscription.
        case unpaid
        /// 403.
        case forbidden
    }

    /// Whether `ordering` is honoured.
    public enum Ordering: Sendable, Hashable {
        case honoured, ignored
    }

    /// The order of a list that is requested without `ordering`.
    public enum DefaultOrder: Sendable, Hashable {
        /// `-started_at`.
        case newestFirst
        case id
        /// Another one for each request.
        case random
    }

    /// The order of rows that compare as equal.
    public enum Ties: Sendable, Hashable {
        /// Ties are in the order of ids.
        case stable
        /// Another one for each request.
        case random
    }

    /// Whether a row exactly at a bound belongs to the list.
    public enum Bounds: Sendable, Hashable {
        case inclusive, exclusive
    }

    /// A key the imitation accepts. It opens nothing else.
    public static let key = "ags_0123456789abcdef0123456789abcdef_012345"
    /// A key whose agent is not paid for: 401.
    public static let unpaidKey = "ags_00000000000000000000000000000000_000401"
    /// A key that may not read: 403.
    public static let forbiddenKey = "ags_00000000000000000000000000000000_000403"
}
