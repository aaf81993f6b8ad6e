import ExportCore

extension FileReader {
    mutating func sourceSection(_ top: Section) -> SourceSection {
        let source = section("source", .source, in: top)
        let hosts = insecureHosts(source)
        return SourceSection(
            endpoint: endpoint(source, insecureHosts: hosts),
            endpointIsSet: source["endpoint"].map { $0.place.file != problems.file } ?? false,
            key: key(source),
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

    /// Nothing that stands at `api_key` is ever shown: people paste keys there.
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

    /// The hosts of `allow_http`.
    mutating func insecureHosts(_ section: Section) -> [String] {
        guard let entry = section["allow_http"], let nodes = list(entry.value, section.path("allow_http")) else { return [] }
        var hosts: [String] = []
        for node in nodes {
            let host = value(node, section.path("allow_http"), .host) { EndpointText.isHost($0) ? $0.lowercased() : nil }
            if let host = host.value, !hosts.contains(host) { hosts.append(host) }
        }
        return hosts
    }
}

extension ProblemList {
    /// An endpoint in its normal form, if a key or files may be sent there.
    /// - Parameter mistake: What is wrong otherwise.
    mutating func endpoint(
        _ written: Written<String>, insecureHosts: [String], mistake: (EndpointFault) -> Mistake = Mistake.endpoint
    ) -> String? {
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
