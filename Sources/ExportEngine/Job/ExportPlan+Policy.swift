public import ExportCore

extension ExportPlan {
    /// The policy that decides what the windows of the plan need, by their committed state.
    public var policy: WindowPolicy {
        get throws { try policy(looks: LookRecords()) }
    }

    /// The same, with what looks found.
    func policy(looks: LookRecords) throws -> WindowPolicy {
        WindowPolicy(
            fingerprint: try fingerprint, windowing: windowing, query: query, declared: try declaredParts, looks: looks)
    }

    /// The filters as they are sent, without the windows' bounds.
    var query: [String: String] {
        Dictionary(filters.parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    private var declaredParts: DeclaredParts {
        get throws {
            DeclaredParts(
                fingerprints: try fingerprints, query: CanonicalQuery(filters), neighbours: try neighbours,
                outputs: try declaredOutputs.map { .init(fingerprint: try Self.fingerprint(of: $0), $0) }, keepsRows: keepsRows)
        }
    }

    /// The query fingerprints of plans that differ in one setting of which manifests do not tell.
    private var neighbours: [String: String] {
        get throws {
            var neighbours: [String: String] = [:]
            for detail in Source.Detail.allCases where detail != source.detail {
                var plan = self
                plan.source.detail = detail
                neighbours[try plan.queryFingerprint] =
                    "source.detail has changed from \(detail.rawValue) to \(source.detail.rawValue)"
            }
            var plan = self
            plan.filters.onlyDeleted.toggle()
            neighbours[try plan.queryFingerprint] = "filters.only_deleted has changed"
            return neighbours
        }
    }
}
