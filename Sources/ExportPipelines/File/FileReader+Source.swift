import ExportCore

extension FileReader {
    mutating func sourceSection(_ top: Section) -> SourceSection {
        let source = section("source", .source, in: top)
        let hosts = insecureHosts(source)
        return SourceSection(
            endpoint: endpoint(source, insecureHosts: hosts),
            endpointIsSet: source["endpoint"].map { $0.place.file != problems.file } ?? false,
            key: key(source),
            agents: agents(source, insecureHosts: hosts),
            stream: choice("stream", in: source).value ?? .conversations,
            detail: choice("detail", in: source).value ?? .full,
            insecureHosts: hosts
        )
    }

    private mutating func endpoint(_ source: Section, insecureHosts: [String]) -> Field<String> {
        guard let entry = source["endpoint"] else { return .absent }
        guard let written = text(entry.value, source.path("endpoint"), .endpoint) else { return .broken }
        guard let endpoint = problems.endpoint(written, insecureHosts: insecureHosts) else { return .broken }
        return .given(Written(value: endpoint, place: written.place, text: written.text))
    }

    /// Reads where the API key comes from. The value of `api_key` is never displayed, because users may paste a key there.
    private mutating func key(_ source: Section) -> Source.KeySource {
        let standard = Source.KeySource.environment(variable: "AGENTSIGHT_API_KEY")
        if let second = source["api_key_file"], source["api_key"] != nil {
            problems.add(.keyFromTwoPlaces, at: second.place, text: nil)
        }
        if let entry = source["api_key"] {
            guard case .scalar(let text, _) = entry.value.content, entry.value.shape == .text else {
                refuseShape(of: entry.value, source.path("api_key"), expected: .variable)
                return standard
            }
            guard let variable = VariableReferences.soleName(in: text) else {
                problems.add(.literalKey, at: entry.value.place, text: nil)
                return standard
            }
            return .environment(variable: variable)
        }
        if let entry = source["api_key_file"], let path = text(entry.value, source.path("api_key_file")) {
            guard !path.value.isEmpty, !ShownText.holdsKey(path.value) else {
                problems.add(
                    path.value.isEmpty ? .unfit("source.api_key_file", expected: .text, nearest: nil) : .literalKey,
                    at: path.place, text: nil)
                return standard
            }
            return .file(path: path.value)
        }
        return standard
    }

    // MARK: Several agents

    private mutating func agents(_ source: Section, insecureHosts: [String]) -> [AgentSection] {
        guard let entry = source["agents"] else { return [] }
        for key in ["api_key", "api_key_file"] {
            if let own = source[key] { problems.add(.keyBesideAgents, at: own.place, text: nil) }
        }
        var agents: [AgentSection] = []
        if case .list(let nodes) = entry.value.content {
            for (index, node) in nodes.enumerated() {
                if let agent = agent(section(node, .agent, path: "source.agents.\(index)"), insecureHosts) { agents.append(agent) }
            }
        } else if let pattern = text(entry.value, source.path("agents"), .agents) {
            for path in keyFiles(pattern) {
                let file = path.splitExactly(at: "/").last ?? ""
                let name = file.unicodeScalars.lastIndex(of: ".").map { String(file[..<$0]) } ?? String(file)
                guard let name = PipelineName.checked(name) else {
                    problems.add(
                        .unfit("the name of the key file \(path)", expected: .name, nearest: nil), at: pattern.place, text: nil)
                    continue
                }
                agents.append(
                    AgentSection(
                        name: Written(value: name, place: pattern.place, text: name), endpoint: nil, key: .file(path: path)))
            }
        }
        if case .list(let nodes) = entry.value.content, nodes.isEmpty {
            problems.add(.unfit(source.path("agents"), expected: .agents, nearest: nil), at: entry.value.place, text: nil)
        }
        check(agents)
        return agents
    }

    /// The key files that match a pattern, in the order of their names.
    private mutating func keyFiles(_ pattern: Written<String>) -> [String] {
        do {
            let found = try findFiles(pattern.value).sorted()
            if found.isEmpty { problems.add(.noKeyFiles, at: pattern.place, text: pattern.text) }
            return found
        } catch {
            problems.add(.unreadKeyFiles(reason: "\(error)"), at: pattern.place, text: pattern.text)
            return []
        }
    }

    private mutating func agent(_ section: Section, _ insecureHosts: [String]) -> AgentSection? {
        for key in ["name"] where section[key] == nil {
            problems.add(.missing(section.path(key), example: "shop-eu"), at: section.place, text: nil)
        }
        if section["api_key"] == nil, section["api_key_file"] == nil {
            problems.add(.missing(section.path("api_key"), example: "${AGENTSIGHT_API_KEY_EU}"), at: section.place, text: nil)
        }
        let name = field("name", in: section, .name, PipelineName.checked)
        let endpoint = endpoint(section, insecureHosts: insecureHosts)
        let key = key(section)
        return name.given.map { AgentSection(name: $0, endpoint: endpoint.value, key: key) }
    }

    /// Checks that the names of agents are distinct and that no key belongs to two of them.
    private mutating func check(_ agents: [AgentSection]) {
        var names: Set<String> = []
        var owners: [Source.KeySource: String] = [:]
        for agent in agents {
            if !names.insert(agent.name.value).inserted {
                problems.add(.repeatedAgent, at: agent.name.place, text: agent.name.text)
            }
            if let other = owners.updateValue(agent.name.value, forKey: agent.key), other != agent.name.value {
                problems.add(.sharedKey(other), at: agent.name.place, text: agent.name.text)
            }
        }
    }

    /// Reads the hosts of `allow_http`.
    mutating func insecureHosts(_ section: Section) -> [String] {
        guard let entry = section["allow_http"], let nodes = list(entry.value, section.path("allow_http")) else { return [] }
        var hosts: [String] = []
        var known: Set<String> = []
        for node in nodes {
            let host = value(node, section.path("allow_http"), .host) { EndpointText.isHost($0) ? $0.lowercased() : nil }
            if let host = host.value, known.insert(host).inserted { hosts.append(host) }
        }
        return hosts
    }
}

extension ProblemList {
    /// An endpoint in its normal form, if a key or files may be sent there.
    /// - Parameter mistake: The mistake to report otherwise.
    mutating func endpoint(
        _ written: Written<String>, insecureHosts: [String], mistake: (EndpointFault) -> Mistake = Mistake.endpoint
    ) -> String? {
        guard !ShownText.holdsKey(written.value) else {
            add(.literalKey, at: written.place, text: nil)
            return nil
        }
        do throws(EndpointFault) {
            let endpoint = try EndpointText(written.value)
            guard endpoint.isPrivate || insecureHosts.contains(endpoint.host) else { throw .plainHTTP(host: endpoint.host) }
            return endpoint.normal
        } catch {
            let mayBeSecret = error == .user || error == .query
            add(mistake(error), at: written.place, text: mayBeSecret ? nil : written.text)
            return nil
        }
    }
}
