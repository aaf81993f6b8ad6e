public import ExportCore

extension ExportPlan {
    /// What the windows of the plan need, by what stands for them.
    public var policy: WindowPolicy {
        get throws { try policy(looks: LookRecords()) }
    }

    /// The same, with what looks found.
    func policy(looks: LookRecords) throws -> WindowPolicy {
        WindowPolicy(fingerprint: try fingerprint, windowing: windowing, query: query, looks: looks)
    }

    /// The filters as they are sent, without the windows' bounds.
    var query: [String: String] {
        Dictionary(filters.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}
