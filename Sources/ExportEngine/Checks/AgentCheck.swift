import ExportAPI
import ExportCore
import ExportFormats
import ExportStore

/// Ensures that a destination holds the conversations of one agent: a key that belongs to another is refused.
///
/// With several agents, each has its own windows and is checked separately.
struct AgentCheck: Sendable {
    let destination: any PersistentDestination
    let report: @Sendable (RunEvent) -> Void

    /// Whose rows a destination has.
    enum Standing: Hashable {
        /// There are no rows.
        case nothing
        /// There are rows, and nothing shows whose they are.
        case unknown
        /// - Parameter endpoint: Nil where it was not written down.
        case agent(Int64, endpoint: String?)
    }

    /// Whose key it is.
    enum KeyOwner: Hashable {
        case agent(Int64)
        /// The key lists conversations, and they name no agent.
        case unnamed
        /// Nothing shows it: the key lists no conversation.
        case unknown

        /// The agent's number. Nil where the service does not show it.
        var number: Int64? { if case .agent(let number) = self { number } else { nil } }
    }

    /// The decision about a key.
    enum Verdict: Hashable {
        case accepted
        /// The agent is the same, and the endpoint is not.
        case moved(from: String)
        /// From now on it is known whose windows these are.
        case learnt
        case otherAgent(Int64)
        /// Nothing shows whose key it is.
        case unknownKey
    }

    static func verdict(on owner: KeyOwner, at endpoint: String, over standing: Standing) -> Verdict {
        switch (standing, owner) {
        case (.nothing, _): .accepted
        // A service that names no agents has but one.
        case (.unknown, .unnamed): .accepted
        case (_, .unknown), (.agent, .unnamed): .unknownKey
        case (.unknown, .agent): .learnt
        case (.agent(let other, _), .agent(let agent)) where other != agent: .otherAgent(other)
        case (.agent(_, let old?), _) where !old.equalsExactly(endpoint): .moved(from: old)
        case (.agent, _): .accepted
        }
    }

    /// Finds out whose rows a key gives, and compares it with those that stand.
    /// - Parameters:
    ///   - part: What is exported with the key.
    ///   - states: How its windows stand.
    /// - Throws: `StoreError.otherAgent`, `unknownAgent`; `StoreError`, `ServiceError`, `CancellationError`.
    func source(
        of client: ServiceClient, _ agent: Agent?, _ part: ExportPlan, _ states: [WindowState]
    ) async throws -> Manifest.RowSource {
        let standing = try await standing(agent, states)
        let owner = try await owner(of: client, insists: standing != .nothing)
        let number = owner.number
        let endpoint = part.source.endpoint
        switch Self.verdict(on: owner, at: endpoint, over: standing) {
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

    /// Manifests that are read for it beside those of the windows of the plan.
    private static let mostManifests = 32

    private func standing(_ agent: Agent?, _ states: [WindowState]) async throws -> Standing {
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
            // Manifests of 0.1.0 do not say; rows as they came do.
            guard let file = manifest.rowsFile else { continue }
            if let number = try? await StoredRows(file: file, destination: destination).agent() {
                return .agent(number, endpoint: nil)
            }
        }
        return hasRows ? .unknown : .nothing
    }

    // MARK: The service

    /// Whose key it is: `/api/me/` says it, else any conversation.
    /// - Parameter insists: Whether a failure in passing is an error, and not just an agent that is not known.
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
