import ExportAPI
import ExportCore
import ExportFormats
import ExportStore

/// Ensures that a destination holds the conversations of a single agent, and refuses a key that belongs to another.
///
/// With several agents, each has its own windows and is checked separately.
struct AgentCheck: Sendable {
    let destination: any PersistentDestination
    let report: @Sendable (RunEvent) -> Void

    /// The agent that the rows in a destination belong to.
    enum RowOwner: Hashable {
        /// There are no rows.
        case nothing
        /// There are rows, but nothing shows which agent they belong to.
        case unknown
        /// The rows of an agent, by its number. `endpoint` is `nil` if it was not recorded.
        case agent(Int64, endpoint: String?)
    }

    /// The agent that a key belongs to.
    enum KeyOwner: Hashable {
        case agent(Int64)
        /// The key lists conversations, but they name no agent.
        case unnamed
        /// Unknown, because the key lists no conversation.
        case unknown

        /// The agent's number. `nil` if the service does not show it.
        var number: Int64? { if case .agent(let number) = self { number } else { nil } }
    }

    /// The decision about a key.
    enum Verdict: Hashable {
        case accepted
        /// The agent is the same, but the endpoint has changed.
        case moved(from: String)
        /// The agent of the windows was unknown until now.
        case learnt
        case otherAgent(Int64)
        /// Nothing shows which agent the key belongs to.
        case unknownKey
    }

    static func verdict(on owner: KeyOwner, at endpoint: String, over rows: RowOwner) -> Verdict {
        switch (rows, owner) {
        case (.nothing, _): .accepted
        // A service that names no agents has only one.
        case (.unknown, .unnamed): .accepted
        case (_, .unknown), (.agent, .unnamed): .unknownKey
        case (.unknown, .agent): .learnt
        case (.agent(let other, _), .agent(let agent)) where other != agent: .otherAgent(other)
        case (.agent(_, let old?), _) where !old.equalsExactly(endpoint): .moved(from: old)
        case (.agent, _): .accepted
        }
    }

    /// Determines the agent of a key, and compares it with that of the committed rows.
    /// - Parameters:
    ///   - part: The plan of the key.
    ///   - states: The states of its windows.
    /// - Throws: `StoreError.otherAgent`, `unknownAgent`; `StoreError`, `ServiceError`, `CancellationError`.
    func source(
        of client: ServiceClient, _ agent: Agent?, _ part: ExportPlan, _ states: [WindowState]
    ) async throws -> Manifest.RowSource {
        let rows = try await rowOwner(agent, states)
        let owner = try await owner(of: client, insists: rows != .nothing)
        let number = owner.number
        let endpoint = part.source.endpoint
        switch Self.verdict(on: owner, at: endpoint, over: rows) {
        case .accepted: break
        case .moved(let old): report(.endpointMoved(agent: agent?.name, from: old, to: endpoint))
        case .learnt: report(.agentLearnt(agent: agent?.name, number: number ?? 0))
        case .otherAgent(let other):
            throw StoreError.otherAgent(path: destination.name, agent: agent?.name, number: other, key: number ?? 0)
        case .unknownKey: throw StoreError.unknownAgent(path: destination.name, agent: agent?.name)
        }
        return Manifest.RowSource(agent: number, endpoint: endpoint)
    }

    // MARK: The destination

    /// The maximum number of manifests that are read in addition to those of the plan's windows.
    private static let mostManifests = 32

    private func rowOwner(_ agent: Agent?, _ states: [WindowState]) async throws -> RowOwner {
        if let source = states.lazy.compactMap(\.source).first(where: { $0.agent != nil }), let number = source.agent {
            return .agent(number, endpoint: source.endpoint)
        }
        var hasRows = false
        let keys = try await destination.windowKeys().filter { Window.parts(ofKey: $0).agent == agent?.name }
        for key in keys.reversed().prefix(Self.mostManifests) {
            guard let manifest = try await destination.readableManifest(ofWindow: key) else { continue }
            if let source = manifest.source, let number = source.agent { return .agent(number, endpoint: source.endpoint) }
            guard manifest.proof.distinctIDs > 0 else { continue }
            hasRows = true
            // Manifests of 0.1.0 do not name the agent, but unchanged rows do.
            guard let file = manifest.rowsFile else { continue }
            if let number = try? await StoredRows(file: file, destination: destination).agent() {
                return .agent(number, endpoint: nil)
            }
        }
        return hasRows ? .unknown : .nothing
    }

    // MARK: The service

    /// The agent of a key, from `/api/me/` or else from any conversation.
    /// - Parameter insists: Whether a transient failure is an error, rather than an unknown agent.
    private func owner(of client: ServiceClient, insists: Bool) async throws -> KeyOwner {
        let me = try await client.once(.me) { response in
            let body = try PageReader.content(of: response)
            let object = try JSONText.validate(body.span)
            return JSONText.value(at: ["agent_id"], of: object, in: body.span).flatMap { JSONText.int64(body.span, $0) }
        }
        if let number = me ?? nil { return .agent(number) }
        let any = ServiceRequest(
            path: "/api/conversations/",
            parameters: [
                .init(name: "include_deleted", value: "true"), .init(name: "full", value: "false"),
                .init(name: "page_size", value: "1"),
            ])
        guard insists else { return try await client.once(any, read: Self.ownerOfFirstRow) ?? .unknown }
        return try await client.get(any, read: Self.ownerOfFirstRow).value
    }

    private static func ownerOfFirstRow(_ response: ServiceResponse) throws -> KeyOwner {
        let body = try PageReader.content(of: response)
        let page: ScannedPage
        do { page = try PageScanner(fields: ["agent"]).scan(body.span) } catch { throw UnusableBody("\(error)") }
        guard !page.rows.isEmpty else { return .unknown }
        return page.value(0, ofRow: 0).flatMap { JSONText.int64(body.span, $0) }.map(KeyOwner.agent) ?? .unnamed
    }
}
