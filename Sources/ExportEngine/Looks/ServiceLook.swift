import ExportAPI
import ExportCore
import ExportFormats
import ExportStore

/// Looks at committed windows: compares their rows with those that the service has now. Nothing is changed.
struct ServiceLook: Sendable {
    let plan: ExportPlan
    let destination: any ReadableDestination
    let client: ServiceClient
    let look: LookKind
    /// Whether ids alone are compared, because fields differ at this endpoint though nothing has changed.
    var comparesOnlyIDs = false
    /// The support of lists without pages, as far as it is known.
    var lists = LearntLists()
    /// The fields that rows without transcripts do not share with whole rows, as far as they are known.
    var fields = LearntFields()

    /// A comparison, and the rows that it was made with.
    struct Finding: Sendable {
        var comparison: WindowComparison
        /// Digests of changed rows as they were served, by id. For telling whether an export cures the difference.
        var changed: [Int64: UInt64] = [:]
        /// What is to be fetched so that the window has the rows that the service has. Nil where it has to be exported whole.
        var patch: WindowPatch?
    }

    /// The rows of a window that are remembered at most, for telling whether an export cures a difference.
    private static let rememberedRows = 1000
    /// The number of changed rows below which the form of rows is not taken for the reason.
    private static let fewRows = 4

    /// Looks at adjacent windows. Where the service has lists without pages, one of them brings the rows of all.
    /// - Throws: `ServiceError`, `StoreError`, `FilterNotApplied`, `CancellationError`.
    func run(at manifests: [Manifest]) async throws -> [Finding] {
        if manifests.count > 1, lists.of(plan.source.endpoint) != .ignored, let findings = try await runAsOne(at: manifests) {
            return findings
        }
        var findings: [Finding] = []
        for manifest in manifests { findings.append(try await run(at: manifest)) }
        return findings
    }

    /// Nil where the windows have to be looked at one by one: their digests cover different fields, or their rows did not hold still.
    private func runAsOne(at manifests: [Manifest]) async throws -> [Finding]? {
        guard look == .lean, !comparesOnlyIDs, unshared.isEmpty else { return nil }
        var (digests, first): ([WindowDigests], DigestCoverage?) = ([], nil)
        for manifest in manifests {
            guard let own = try await Baseline.digests(of: manifest, from: destination),
                let coverage = DigestCoverage(of: own, in: plan), compared(coverage) == compared(first ?? coverage)
            else { return nil }
            digests.append(own)
            first = first ?? coverage
        }
        let walk = DigestWalk(
            of: plan, from: client, detail: .lean, comparing: first, collectsOthers: seesNewKeys, lists: lists)
        guard case .proved(let served, let repeated) = try await walk.run(over: manifests.map(\.window.range)), repeated.isEmpty
        else { return nil }
        let findings = manifests.indices.map { place in
            let comparison = WindowComparison(window: manifests[place].window.key, compared: .fields(look))
            return finding(comparison, digests[place], served[place], manifests[place])
        }
        try await learnUnshared(from: findings, served)
        return unshared.isEmpty ? findings : nil
    }

    private var unshared: Set<String> {
        DigestPart(of: look, plan) == .lean ? fields.unshared(at: plan.source.endpoint) ?? [] : []
    }

    /// Finds out which fields the two forms of rows do not share, if so many rows differ that this may be the reason.
    private func learnUnshared(from findings: [Finding], _ served: [ServedRows]) async throws {
        guard DigestPart(of: look, plan) == .lean, fields.unshared(at: plan.source.endpoint) == nil else { return }
        let changed = findings.reduce(0) { $0 + $1.comparison.changed.count }
        guard changed >= Self.fewRows, 2 * changed >= served.reduce(0, { $0 + $1.rows.count }),
            let (id, rows) = zip(findings, served).lazy.compactMap({ found, served in
                found.comparison.changed.first.map { (id: $0, rows: served.rows) }
            }).first,
            let row = rows.first(where: { $0.digest.id == id }),
            let found = try await LeanFields(plan: plan, client: client).unshared(of: id, at: row.startedAt)
        else { return }
        fields.learn(found, at: plan.source.endpoint)
    }

    /// The coverage on which a comparison depends: of rows with transcripts, the keys that rows without have, too.
    private func compared(_ coverage: DigestCoverage) -> DigestCoverage {
        switch DigestPart(of: look, plan) {
        case .whole: coverage
        case .lean:
            DigestCoverage(keys: coverage.keys?.filter(Self.leanKeys.contains), leftOut: coverage.leftOut, key: coverage.key)
        }
    }

    /// Whether a key that the service's rows have, and the window's rows had not, is one that an export would bring.
    private var seesNewKeys: Bool { DigestPart(of: look, plan) == .whole && DigestCoverage(of: plan).keys == nil }

    private static let leanKeys = Set(Table.conversations.fields(detail: .lean).map(\.name))

    /// - Throws: `ServiceError`, `StoreError`, `FilterNotApplied`, `CancellationError`.
    func run(at manifest: Manifest) async throws -> Finding {
        let before = unshared
        let (finding, served) = try await compare(manifest, leavingOut: before)
        if let served { try await learnUnshared(from: [finding], [served]) }
        // Looks at other windows may have found them meanwhile.
        return unshared == before ? finding : try await compare(manifest, leavingOut: unshared).finding
    }

    /// - Returns: The rows are nil where the window could not be compared.
    private func compare(
        _ manifest: Manifest, leavingOut unshared: Set<String>
    ) async throws -> (finding: Finding, served: ServedRows?) {
        let baseline = try await Baseline.read(of: manifest, plan, leavingOut: unshared, from: destination)
        let (coverage, compared): (DigestCoverage?, WindowComparison.Compared)
        switch baseline {
        case .digests(_, let covered) where !comparesOnlyIDs: (coverage, compared) = (covered, .fields(look))
        case .digests, .ids: (coverage, compared) = (nil, .ids)
        case .count(let rows): (coverage, compared) = (nil, .count(onServer: rows, inExport: rows))
        }
        let isFull = look == .full && plan.source.detail == .full && coverage != nil
        let walk = DigestWalk(
            of: plan, from: client, detail: isFull ? .full : .lean, comparing: coverage, collectsOthers: seesNewKeys, lists: lists)
        var comparison = WindowComparison(window: manifest.window.key, compared: compared)
        if case .digests = baseline { comparison.leavesOutFields = comparesOnlyIDs }
        if !comparesOnlyIDs { comparison.fieldsLeftOut = unshared.sorted() }
        switch try await walk.run(over: [manifest.window.range]) {
        case .changedMeanwhile: comparison.obstacle = .changedMeanwhile
        case .givenUp(let excess): comparison.obstacle = .doesNotAddUp(excess)
        case .proved(let served, let repeated):
            if !repeated.isEmpty { comparison.obstacle = .listedTwice(repeated.sorted()) }
            return (finding(comparison, baseline, served[0], manifest), served[0])
        }
        return (Finding(comparison: comparison), nil)
    }

    private func finding(
        _ comparison: WindowComparison, _ baseline: Baseline, _ rows: ServedRows, _ manifest: Manifest
    ) -> Finding {
        var finding = Finding(comparison: comparison)
        switch baseline {
        case .digests(let digests, _): return self.finding(comparison, digests, rows, manifest)
        case .ids(let ids):
            let now = Set(rows.digests.rows.map(\.id))
            finding.comparison.came = now.subtracting(ids).sorted()
            finding.comparison.went = ids.subtracting(now).sorted()
        case .count(let kept):
            finding.comparison.compared = .count(onServer: rows.digests.rows.count, inExport: kept)
        }
        return finding
    }

    private func finding(
        _ comparison: WindowComparison, _ digests: WindowDigests, _ rows: ServedRows, _ manifest: Manifest
    ) -> Finding {
        var finding = Finding(comparison: comparison)
        let served = rows.digests
        let part = DigestPart(of: look, plan)
        finding.comparison.compare(digests.rows, with: served.rows, comparesOnlyIDs ? nil : part)
        // A window without rows shows no keys, and one that differs is exported again with all of them.
        if !digests.rows.isEmpty, !finding.comparison.differs {
            finding.comparison.newKeys = Array(rows.uncovered.sorted().prefix(RowDigester.mostUncoveredKeys))
        }
        let changed = Set(finding.comparison.changed.prefix(Self.rememberedRows))
        for row in served.rows where changed.contains(row.id) { finding.changed[row.id] = row[part] }
        finding.patch = WindowPatch(finding.comparison, rows, of: manifest, plan)
        return finding
    }
}
