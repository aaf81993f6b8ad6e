/// One of several agents whose conversations a pipeline exports: a key belongs to one agent.
public struct Agent: Sendable, Hashable {
    /// The agent's unique name, used in paths and in the keys of windows: letters, digits, `-`, `_` and `.`.
    public var name: String
    /// Scheme, host and port.
    public var endpoint: String
    /// Where the agent's key comes from.
    public var key: Source.KeySource

    /// Creates an agent.
    public init(name: String, endpoint: String, key: Source.KeySource) {
        self.name = name
        self.endpoint = endpoint
        self.key = key
    }
}

extension ExportPlan {
    /// The plan for one agent, as if it were the only one. If `agent` is `nil`, the plan for the plan's own source.
    public func part(of agent: Agent?) -> ExportPlan {
        guard let agent else { return self }
        var plan = self
        plan.agents = [agent]
        (plan.source.endpoint, plan.source.key) = (agent.endpoint, agent.key)
        plan.windows.removeAll { $0.agent != agent.name }
        return plan
    }

    /// The plan of the agent that a window belongs to.
    package func part(of window: Window) -> ExportPlan {
        agents.first { $0.name == window.agent }.map(part) ?? self
    }

    /// The agents with windows in the plan, each with the plan of its windows. For a single key, the plan itself.
    public var parts: [(agent: Agent?, plan: ExportPlan)] {
        agents.isEmpty ? [(nil, self)] : agents.map { ($0, part(of: $0)) }
    }
}
