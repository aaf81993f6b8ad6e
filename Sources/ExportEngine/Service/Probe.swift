public import ExportAPI
public import ExportCore
import ExportFormats

/// Determines the behaviour of a deployment with a few requests.
public struct Probe: Sendable {
    private let client: ServiceClient

    /// Creates a probe of the client's deployment.
    public init(_ client: ServiceClient) {
        self.client = client
    }

    /// The result of the probe. Properties that the deployment did not show are `nil`.
    public struct Report: Sendable, Encodable {
        /// The agent's number. `nil` if `/api/me/` does not name it.
        public var agentID: Int?
        /// The agent's name. `nil` if `/api/me/` does not name it.
        public var agentName: String?
        /// The names of the agent's environments. `nil` if `/api/me/` does not name them.
        public var environments: [String]?
        /// The generation of the deployment: `new` if the envelope has `total_pages`, otherwise `old`.
        public var generation: String?
        /// The number of conversations visible to the key.
        public var conversations: Int
        /// When the first of them began. `nil` if there are none, or if the deployment ignores `ordering`.
        public var firstStartedAt: Instant?
        /// When the last of them began. `nil` as for `firstStartedAt`.
        public var lastStartedAt: Instant?
        /// Whether `ordering` is `honoured` or `ignored`.
        public var ordering: String?
        /// Whether the bound `started_at_after` is `inclusive` or `exclusive`. `nil` if that could not be determined.
        public var startedAtAfter: String?
        /// Whether the bound `started_at_before` is `inclusive` or `exclusive`. `nil` if that could not be determined.
        public var startedAtBefore: String?
        /// The maximum number of rows in a page.
        public var largestPage: Int?
        /// Whether unknown parameters are `ignored` or `refused`.
        public var unknownParameters: String
        /// The number of metadata keys that the service lists. `nil` if it has no such route.
        public var metadataKeys: Int?
        /// The time of a request for 100 lean rows in milliseconds, to the last byte, including waits and repeats.
        public var pageMilliseconds: Int
        /// The number of responses to the probe with status 429.
        public var throttled: Int

        enum CodingKeys: String, CodingKey {
            case agentID = "agent_id"
            case agentName = "agent_name"
            case environments, generation, conversations
            case firstStartedAt = "first_started_at"
            case lastStartedAt = "last_started_at"
            case ordering
            case startedAtAfter = "started_at_after"
            case startedAtBefore = "started_at_before"
            case largestPage = "largest_page"
            case unknownParameters = "unknown_parameters"
            case metadataKeys = "metadata_keys"
            case pageMilliseconds = "page_milliseconds"
            case throttled, limits, proxy, certificates
        }

        /// How the service limits requests. `nil` unless requested.
        public var limits: LimitProbe.Report?
        /// The proxy of the requests, as a URL without credentials. Set by the caller, which sends the requests.
        public var proxy: String?
        /// The environment variables whose certificates were trusted instead of the system's. Set by the caller.
        public var certificates: [String]?
    }

    /// Sends the requests of the probe and returns what they show.
    /// - Throws: `ServiceError`, `CancellationError`.
    public func run() async throws -> Report {
        let me = try await ServiceDocument.get(ServiceDocument.Me.self, .me, from: client)
        let clock = ContinuousClock()
        let ascending = try await list([("ordering", "started_at"), ("page_size", "1000")])
        let start = clock.now
        let descending = try await list([("ordering", "-started_at"), ("page_size", "100")])
        let took = clock.now - start
        let ordering = Self.ordering(ascending.instants, descending.instants)
        let keys = try await ServiceDocument.get(ServiceDocument.Keys.self, .metadataKeys, from: client)
        return Report(
            agentID: me?.agentID, agentName: me?.agentName, environments: me?.environments?.compactMap { $0.slug ?? $0.name },
            generation: ascending.count == 0 ? nil : ascending.hasTotalPages ? "new" : "old", conversations: ascending.count,
            firstStartedAt: ordering == "ignored" ? nil : ascending.instants.first,
            lastStartedAt: ordering == "ignored" ? nil : descending.instants.first, ordering: ordering,
            startedAtAfter: try await bound(ascending.instants.min(), isLower: true),
            startedAtBefore: try await bound(ascending.instants.min(), isLower: false),
            largestPage: ascending.count > ascending.instants.count ? ascending.instants.count : nil,
            unknownParameters: try await unknownParameters(), metadataKeys: keys?.keys.count,
            pageMilliseconds: Int(took / .milliseconds(1)), throttled: client.counts.throttled)
    }

    struct Page: Sendable {
        let count: Int
        let hasTotalPages: Bool
        let instants: [Instant]
    }

    func list(_ parameters: [(String, String)]) async throws -> Page {
        let request = ServiceRequest(
            path: "/api/conversations/", parameters: (parameters + [("full", "false")]).map { .init(name: $0.0, value: $0.1) })
        return try await client.get(request) { response in
            let body = try PageReader.content(of: response)
            let text = body.span
            let page: ScannedPage
            do { page = try PageScanner(fields: ["started_at"]).scan(text) } catch { throw UnusableBody("\(error)") }
            let instants = page.rows.indices.compactMap { row in
                page.value(0, ofRow: row).flatMap { JSONText.instant(text, $0) }
            }
            let envelope = try JSONText.validate(text)
            let hasTotalPages = JSONText.value(at: ["total_pages"], of: envelope, in: text) != nil
            return Page(count: page.count ?? 0, hasTotalPages: hasTotalPages, instants: instants)
        }.value
    }

    static func ordering(_ ascending: [Instant], _ descending: [Instant]) -> String? {
        guard Set(ascending).count > 1, Set(descending).count > 1 else { return nil }
        return ascending == ascending.sorted() && descending == descending.sorted(by: >) ? "honoured" : "ignored"
    }

    /// Whether a bound is `inclusive` or `exclusive`, by a range between an instant with rows and the adjacent microsecond.
    private func bound(_ instant: Instant?, isLower: Bool) async throws -> String? {
        guard let instant else { return nil }
        let beside = instant.advanced(by: .microseconds(isLower ? 1 : -1))
        let (after, before) = isLower ? (instant, beside) : (beside, instant)
        let page = try await list([
            ("started_at_after", after.description), ("started_at_before", before.description), ("page_size", "100"),
        ])
        return page.instants.contains(instant) ? "inclusive" : "exclusive"
    }

    private func unknownParameters() async throws -> String {
        do {
            _ = try await list([("agentsight_export_probe", "1"), ("page_size", "1")])
            return "ignored"
        } catch ServiceError.requestRefused {
            return "refused"
        }
    }
}
