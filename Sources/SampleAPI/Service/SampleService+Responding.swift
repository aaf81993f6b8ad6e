extension SampleService {
    /// The parts of a request that determine the response.
    struct Call: Sendable {
        var route: SampleRoute
        var isGet: Bool
        var parameters: [QueryParameter]
        var authorization: String?
        var acceptsJSON: Bool
        var host: String
    }

    /// The answer of a deployment, where nothing goes wrong but the caller and what the fault does to a list.
    func answer(_ call: Call, by configuration: Configuration, fault: Fault?) -> SampleResponse {
        if call.route == .unknown || configuration.absentRoutes.contains(call.route) { return .html(404, "Not Found") }
        if let refusal = refusal(of: call, by: configuration) { return refusal }
        guard call.isGet else { return .refusal(405, "Method not allowed.", json: call.acceptsJSON) }
        switch call.route {
        case .me: return .json(identity(of: agent(of: call, by: configuration) ?? SampleRow.agent))
        case .conversations: return list(call, by: configuration, fault)
        case .conversation(let id): return single(id)
        case .metadataKeys: return .json(["keys": metadataKeys()])
        case .messageMetadataKeys: return .json(["keys": ["cost_usd", "latency.first_token_ms", "model", "tokens"]])
        case .unknown: return .html(404, "Not Found")
        }
    }

    private func refusal(of call: Call, by configuration: Configuration) -> SampleResponse? {
        guard let authorization = call.authorization, authorization.hasPrefix("Api-Key ") else {
            return .refusal(401, "Authentication credentials were not provided.", json: call.acceptsJSON)
        }
        return switch configuration.keys[String(authorization.dropFirst(8))] {
        case .granted: nil
        case .unpaid: .refusal(401, "This agent has no active subscription.", json: call.acceptsJSON)
        case .forbidden: .refusal(403, "You do not have permission to perform this action.", json: call.acceptsJSON)
        case nil: .refusal(401, "Invalid API key.", json: call.acceptsJSON)
        }
    }

    private func list(_ call: Call, by configuration: Configuration, _ fault: Fault?) -> SampleResponse {
        var query: ConversationQuery
        do {
            var parameters = call.parameters.map {
                QueryParameter(
                    name: configuration.aliases[$0.name] ?? $0.name, value: configuration.misreadParameters[$0.name] ?? $0.value)
            }
            // The last of a name counts.
            parameters += configuration.fixedParameters.map { QueryParameter(name: $0.key, value: $0.value) }
            query = try ConversationQuery(
                parameters, ignoring: configuration.ignoredParameters, generation: configuration.generation)
        } catch {
            return .json(error.json, status: 400)
        }
        if let agent = agent(of: call, by: configuration) { query.conditions.insert(.agent(agent)) }
        if case .listEndless(let times) = fault { return endless(query, call, by: configuration, times: times) }
        if !query.isPaginated, configuration.hasLists { return unpaginated(query, by: configuration) }
        let found = withState { state in
            var page = state.store.page(of: query, configuration, &state.random)
            if fault == .rowOutsideWindow, let stranger = state.store.rowOutside(query), page?.rows.isEmpty == false {
                page?.rows[0] = stranger
            }
            if query.detail == .lean { page = page?.lean(configuration) }
            if fault == .listEmpty, let asked = page { page = ListPage(count: 0, number: 1, pageSize: asked.pageSize, rows: []) }
            return page.map { ($0, fault?.envelope(&state.random) ?? .init()) }
        }
        guard let (page, envelope) = found else { return .json(["detail": "Invalid page."], status: 404) }
        let body = page.render(query, generation: configuration.generation, envelope) { number in
            link(to: number, call)
        }
        return SampleResponse(status: 200, contentType: "application/json", body: body)
    }

    /// A list of all rows, without an envelope.
    private func unpaginated(_ query: ConversationQuery, by configuration: Configuration) -> SampleResponse {
        var (query, configuration) = (query, configuration)
        (query.page, query.pageSize, configuration.maximumPageSize) = (.number(1), .max / 2, .max / 2)
        let page = withState { state in state.store.page(of: query, configuration, &state.random) }
        guard var page else { return .json(["detail": "Invalid page."], status: 404) }
        if query.detail == .lean { page = page.lean(configuration) }
        if let limit = configuration.slowList, page.rows.count > limit { return .html(504, "Gateway Time-out") }
        if let limit = configuration.listLimit { page.rows = Array(page.rows.prefix(limit)) }
        return SampleResponse(status: 200, contentType: "application/json", body: page.renderList(query))
    }

    /// A page of rows that no other answer has, a microsecond apart from the beginning of the time range on.
    private func endless(_ query: ConversationQuery, _ call: Call, by configuration: Configuration, times: Int) -> SampleResponse {
        let size = min(query.pageSize ?? configuration.defaultPageSize, configuration.maximumPageSize)
        let (start, end) = (query.after ?? span.lowerBound, query.before ?? span.upperBound)
        let isNewestFirst = configuration.ordering == .honoured && query.ordering.first?.descending == true
        let instants: [Moment] = (1...Int64(size)).map { isNewestFirst ? end + -$0 : start + $0 }
        let rows: [SampleRow] = instants.filter { start < $0 && $0 < end }.map {
            compose(id: Int($0.microseconds % 1_000_000_000_000), startedAt: $0)
        }
        let page = ListPage(count: rows.count * times, number: 1, pageSize: size, rows: rows)
        let body = page.render(query, generation: configuration.generation, ListPage.Envelope()) { link(to: $0, call) }
        return SampleResponse(status: 200, contentType: "application/json", body: body)
    }

    /// The same request for another page, as Django REST framework writes it: parameters by name, none for the first page.
    private func link(to page: Int, _ call: Call) -> String {
        var parameters = call.parameters.filter { $0.name != "page" }
        if page > 1 { parameters.append(QueryParameter(name: "page", value: String(page))) }
        let query = parameters.sorted { $0.name < $1.name }.map(\.encoded).joined(separator: "&")
        return "http://\(configuration.linkAuthority ?? call.host)/api/conversations/" + (query.isEmpty ? "" : "?\(query)")
    }

    private func single(_ id: Int) -> SampleResponse {
        guard let row = withState({ $0.store.row(id: id) }) else {
            return .json(["detail": "No Conversation matches the given query."], status: 404)
        }
        var body: [UInt8] = []
        row.append(.single, withTickets: true, to: &body)
        return SampleResponse(status: 200, contentType: "application/json", body: body)
    }

    /// Dot paths in use, in order, 200 at most.
    private func metadataKeys() -> JSONValue {
        var paths: Set<String> = []
        func collect(_ value: JSONValue, under path: String) {
            if case .object(let members) = value, !members.isEmpty {
                for member in members { collect(member.value, under: path.isEmpty ? member.key : "\(path).\(member.key)") }
            } else if !path.isEmpty {
                paths.insert(path)
            }
        }
        let all = withState { state in state.store.rows.filter { !$0.isDeleted }.map(\.metadata) }
        for metadata in all { collect(metadata, under: "") }
        return .array(paths.sorted().prefix(200).map { .string($0) })
    }

    /// The agent whose key a request has. `nil` if there is but one agent.
    private func agent(of call: Call, by configuration: Configuration) -> Int? {
        call.authorization.flatMap { configuration.agents[String($0.dropFirst(8))] }
    }

    private func identity(of agent: Int) -> JSONValue {
        [
            "agent_id": .integer(agent), "agent_name": "Sample shop", "role": "read",
            "environments": [
                ["id": 31, "slug": "production", "name": "Production", "is_production": true],
                ["id": 32, "slug": "development", "name": "Development", "is_production": false],
            ],
        ]
    }
}
