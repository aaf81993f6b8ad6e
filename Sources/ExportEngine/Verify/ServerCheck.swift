public import ExportAPI
public import ExportCore
import ExportFormats
public import ExportStore

/// Compares the windows of a declaration with the rows that the service has. Nothing is changed.
public struct ServerCheck: Sendable {
    private let plan: ExportPlan
    private let destination: any ReadableDestination
    private let client: ServiceClient
    private let look: LookKind

    /// Creates a comparison of a destination's windows with the service.
    public init(of plan: ExportPlan, in destination: any ReadableDestination, from client: ServiceClient, look: LookKind = .lean) {
        self.plan = plan
        self.destination = destination
        self.client = client
        self.look = look
    }

    /// Compares every committed window of the declaration. A window that another declaration has written is left out: its rows
    /// were asked for with other filters.
    /// - Returns: The measures that agreed where a wrong reading would have shown. None where counts were not asked for.
    /// - Throws: `ServiceError`, `StoreError`, `FilterNotApplied`, `CancellationError`.
    @discardableResult
    public func run(report: (WindowComparison) throws -> Void) async throws -> [CountMeasure] {
        let policy = try plan.policy
        let known = try await destination.looks()
        let counts = look == .counts ? try await count(known, policy) : CountedWindows()
        let kind = max(look, .lean)
        let (rows, wholeRows) = (serviceLook(kind, known), serviceLook(.full, known))
        let (counted, differing) = (counts.comparisons, counts.full)
        let windows = try await sizes(policy, except: counted)
        let groups = LookGroups.cut(windows, plan) { sized in
            let key = sized.window.key
            return .init(
                range: sized.window.range, rows: sized.rows,
                look: counted[key] != nil ? nil : differing.contains(key) ? .full : kind)
        }
        // A group sends one request at a time, so that there are never more in flight than the plan allows.
        try await forEachInOrder(groups, width: plan.fetch.concurrency) { group -> [WindowComparison] in
            // A window that was compared by counts is in no group with others.
            if let comparison = counted[group[0].window.key] { return [comparison] }
            var manifests: [Manifest] = []
            for window in group.map(\.window) {
                guard let manifest = try await destination.readableManifest(ofWindow: window.key), policy.asked(for: manifest)
                else { continue }
                manifests.append(manifest)
            }
            let look = differing.contains(group[0].window.key) ? wholeRows : rows
            return try await look.run(at: manifests).map(\.comparison)
        } deliver: {
            for comparison in $0 { try report(comparison) }
        }
        return counts.measures
    }

    private func serviceLook(_ kind: LookKind, _ known: LookRecords) -> ServiceLook {
        ServiceLook(
            plan: plan, destination: destination, client: client, look: kind,
            comparesOnlyIDs: known.comparesOnlyIDs(kind, at: plan.source.endpoint))
    }

    /// What a look at counts has found.
    private struct CountedWindows: Sendable {
        /// By the keys of the windows.
        var comparisons: [String: WindowComparison] = [:]
        /// Measures that agreed where a wrong reading would have shown.
        var measures: [CountMeasure] = []
        /// Windows that need a full look: a count differs in them that a lean look does not see.
        var full: Set<String> = []
    }

    /// A window of the declaration, and how many rows it has.
    private struct SizedWindow: Sendable {
        let window: Window
        /// Nil where they are not known, or not to be compared.
        let rows: Int?
    }

    /// The windows with their rows, by which small ones are looked at together.
    private func sizes(
        _ policy: WindowPolicy, except compared: [String: WindowComparison]
    ) async throws -> [SizedWindow] {
        var windows: [SizedWindow] = []
        try await forEachInOrder(plan.windows, width: WindowLook.width) { window -> SizedWindow in
            guard compared[window.key] == nil, let manifest = try await destination.readableManifest(ofWindow: window.key),
                policy.asked(for: manifest), manifest.window.range == window.range
            else { return SizedWindow(window: window, rows: nil) }
            return SizedWindow(window: window, rows: manifest.proof.distinctIDs)
        } deliver: {
            windows.append($0)
        }
        return windows
    }

    /// Compares windows by counts, as far as they can be: the others are compared row by row.
    private func count(_ known: LookRecords, _ policy: WindowPolicy) async throws -> CountedWindows {
        var windows: [CountLook.CommittedWindow] = []
        try await forEachInOrder(plan.windows, width: WindowLook.width) { window -> CountLook.CommittedWindow? in
            // The rows of an unsettled window never agreed with the service's count.
            guard let manifest = try await destination.readableManifest(ofWindow: window.key), policy.asked(for: manifest),
                manifest.status == .proved
            else { return nil }
            return .init(key: window.key, range: manifest.window.range, sums: manifest.sums, isDue: true)
        } deliver: {
            if let window = $0 { windows.append(window) }
        }
        let look = CountLook(plan: plan, client: client, known: known, bounds: LearntBounds())
        let outcome = try await look.run(over: windows)
        let undecided = outcome.undecided.map { key in
            var comparison = WindowComparison(window: key, compared: .counts([]))
            comparison.obstacle = .countsUnsettled
            return comparison
        }
        let all = outcome.agreeing.map { WindowComparison(window: $0, compared: .counts([])) } + outcome.differing + undecided
        return CountedWindows(
            comparisons: Dictionary(all.map { ($0.window, $0) }) { first, _ in first },
            measures: look.measures.filter { outcome.agreed.contains($0) }, full: Set(outcome.full))
    }
}

extension WindowComparison {
    /// Ids that are named of those that differ.
    private static let namedIDs = 10

    /// The differences, in the form in which `verify` reports them.
    public var problems: [VerifyProblem] {
        var faults: [VerifyProblem.Fault] = []
        switch obstacle {
        case .changedMeanwhile: faults.append(.changedDuringCheck)
        case .doesNotAddUp(let excess): faults.append(.doesNotAddUp(excess))
        case .listedTwice(let ids): faults.append(.listedTwice(count: ids.count, ids: Self.first(ids)))
        case .countsUnsettled: faults.append(.countsUnsettled)
        case nil: break
        }
        if case .counts(let counts) = compared, !counts.isEmpty { faults.append(.otherCounts(counts)) }
        if case .count(let server, let export) = compared, server != export {
            faults.append(.otherCount(onServer: server, inExport: export))
        }
        if !came.isEmpty { faults.append(.notInExport(count: came.count, ids: Self.first(came))) }
        if !went.isEmpty { faults.append(.goneFromServer(count: went.count, ids: Self.first(went))) }
        if !changed.isEmpty { faults.append(.changedOnServer(count: changed.count, ids: Self.first(changed))) }
        return faults.map { VerifyProblem($0, window: window) }
    }

    private static func first(_ ids: [Int64]) -> [Int64] { Array(ids.prefix(namedIDs)) }
}
