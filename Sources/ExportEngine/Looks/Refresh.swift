import Crypto
import ExportAPI
import ExportCore
import ExportFormats
import ExportStore
import Synchronization

/// Looks at the windows of a run that are due for it, and remembers which of them differ from the service, until they are exported.
struct Refresh: Sendable {
    let plan: ExportPlan
    let destination: any PersistentDestination
    /// One for each of the plan's parts.
    let clients: [ServiceClient]
    /// The run's name, for those who wait for the state that all runs share.
    let run: String
    let now: @Sendable () -> Instant
    let report: @Sendable (RunEvent) -> Void
    /// The bounds of time ranges found so far.
    private let bounds = LearntBounds()
    private let lists = LearntLists()

    init(
        plan: ExportPlan, destination: any PersistentDestination, clients: [ServiceClient], run: String,
        now: @escaping @Sendable () -> Instant, report: @escaping @Sendable (RunEvent) -> Void
    ) {
        (self.plan, self.destination, self.clients) = (plan, destination, clients)
        (self.run, self.now, self.report) = (run, now, report)
    }

    /// The result of the looks of a run.
    struct Result: Sendable {
        /// Windows that were compared, by the kind of look. Those that could not be are left out.
        var looked: [LookKind: Int] = [:]
        /// Windows that differ, with what shows it, by their keys.
        var differing: [String: ServiceLook.Finding] = [:]
        /// Windows that show after their export what a measure is worth, by the measure and the agent.
        var trials: [Trial] = []
        /// The error that ended the looks early. Nil if there is none.
        var failure: (any Error)?
    }

    /// A measure that differed before it had ever agreed.
    struct Trial: Sendable {
        let measure: CountMeasure
        let window: String
        /// The service's count.
        let onServer: Int
    }

    /// The result of a look at a window.
    private struct Found: Sendable {
        let state: WindowState
        let look: LookKind
        let finding: ServiceLook.Finding
        let at: Instant
    }

    /// Looks at windows, and writes down what came of it, also where it is ended.
    /// - Parameter states: Of windows that are to be looked at, and of those beside them.
    /// - Throws: `StoreError` where that cannot be written.
    func look(at states: [WindowState]) async throws -> Result {
        let known = try await destination.looks()
        var result = Result()
        var found: [Found] = []
        var measures: [(endpoint: String, CountMeasure, LookRecords.MeasureRecord.State)] = []
        report(.looking(windows: states.count { $0.look != nil }))
        do {
            for ((_, part), client) in zip(plan.parts, clients) {
                let keys = Set(part.windows.map(\.key))
                let own = states.filter { keys.contains($0.window.key) }
                var due = own.filter { $0.look.map { $0 > .counts } ?? false }
                if own.contains(where: { $0.look == .counts }) {
                    let look = CountLook(plan: part, client: client, known: known, bounds: bounds)
                    let counted = try await count(own, look)
                    measures += counted.outcome.agreed.map { (part.source.endpoint, $0, .agreed) }
                    measures += counted.outcome.refused.map { (part.source.endpoint, $0, .unused) }
                    for item in counted.found {
                        found.append(item)
                        report(.lookedAt(item.finding.comparison))
                    }
                    result.trials += counted.trials
                    let (lean, full) = (Set(counted.outcome.lean), Set(counted.outcome.full))
                    due += own.filter { lean.contains($0.window.key) }.map { $0.looked(at: .lean) }
                    due += own.filter { full.contains($0.window.key) }.map { $0.looked(at: .full) }
                }
                let groups = LookGroups.cut(due.sorted { $0.window.range.end < $1.window.range.end }, part) { state in
                    .init(range: state.window.range, rows: state.rows, look: state.look)
                }
                try await forEachInOrder(groups, width: part.fetch.concurrency) { group in
                    try await look(at: group, known, part, client)
                } deliver: { (looked: [(state: WindowState, finding: ServiceLook.Finding)]) in
                    for (state, finding) in looked {
                        guard let look = state.look else { continue }
                        found.append(Found(state: state, look: look, finding: finding, at: now()))
                        report(.lookedAt(finding.comparison))
                    }
                }
            }
        } catch {
            result.failure = error
        }
        for item in found where item.finding.comparison.wasMade { result.looked[item.look, default: 0] += 1 }
        var newKeys: [String: Set<String>] = [:]
        for item in found where !item.finding.comparison.newKeys.isEmpty {
            newKeys[endpoint(of: item.state.window), default: []].formUnion(item.finding.comparison.newKeys)
        }
        let (looks, shown, brought) = (found, measures, newKeys)
        try await change { records in
            let time = now()
            for (endpoint, measure, state) in shown where records.note(measure, state, at: endpoint, time) && state == .unused {
                report(.measureUnused(measure, window: nil))
            }
            for item in looks { note(item, in: &records, &result) }
            for (endpoint, names) in brought {
                let news = records.note(keys: names, at: endpoint)
                if !news.isEmpty { report(.keysNotExported(names: news)) }
            }
            for (_, part) in plan.parts {
                let found = lists.of(part.source.endpoint)
                if found != .unknown {
                    records.lists = (records.lists ?? [:]).merging([part.source.endpoint: found == .honoured]) { $1 }
                }
            }
        }
        return result
    }

    /// Looks at windows by counts.
    private func count(
        _ states: [WindowState], _ look: CountLook
    ) async throws -> (outcome: CountLook.Outcome, found: [Found], trials: [Trial]) {
        let outcome = try await look.run(over: CountLook.windows(states))
        let agreeing = outcome.agreeing.map { WindowComparison(window: $0, compared: .counts([])) }
        let undecided = outcome.undecided.map { key in
            var comparison = WindowComparison(window: key, compared: .counts([]))
            comparison.obstacle = .countsUnsettled
            return comparison
        }
        if !agreeing.isEmpty {
            report(.countsAgree(windows: agreeing.count, measures: look.measures.filter { outcome.agreed.contains($0) }))
        }
        let left = outcome.lean.count + outcome.full.count
        if left > 0 { report(.countsNotUsed(windows: left)) }
        let byKey = Dictionary(states.map { ($0.window.key, $0) }) { first, _ in first }
        let found = (agreeing + outcome.differing + undecided).compactMap { comparison in
            byKey[comparison.window].map {
                Found(state: $0, look: .counts, finding: ServiceLook.Finding(comparison: comparison), at: now())
            }
        }
        let trials = outcome.trials.compactMap { measure, window -> Trial? in
            guard case .counts(let counts)? = outcome.differing.first(where: { $0.window == window })?.compared,
                let count = counts.first(where: { CountMeasure(name: $0.measure) == measure })
            else { return nil }
            return Trial(measure: measure, window: window, onServer: count.onServer)
        }
        return (outcome, found, trials)
    }

    /// Takes note of what a look found: a difference is due for an export, unless the window stands as it was exported for it.
    private func note(_ found: Found, in records: inout LookRecords, _ result: inout Result) {
        let (key, finding) = (found.state.window.key, found.finding)
        let (comparison, fingerprint) = (finding.comparison, finding.fingerprint)
        var record = records.windows[key] ?? .init()
        // A run that was ended after its commit, or another shard's, had no time to say so.
        if let old = record.difference, let committedAt = found.state.committedAt, old.foundAt <= committedAt {
            (record.exported, record.exportedRows, record.difference) = (old.fingerprint, found.state.rowsIdentity, nil)
            records.windows[key] = record
        }
        let isExported =
            record.exported == fingerprint
            && (record.exportedRows == nil || record.exportedRows == found.state.rowsIdentity)
        let isNew = comparison.differs && !isExported
        // A window that could not be compared counts as not looked at.
        guard comparison.obstacle == nil || isNew else { return }
        let changes = comparison.changes
        var counts: [CountDifference]?
        if case .counts(let differing) = comparison.compared { counts = differing }
        records.looked(
            at: key, found.look, found.at,
            found: isNew
                ? .init(
                    look: found.look, foundAt: found.at, came: changes.came, went: changes.went, changed: changes.changed,
                    fingerprint: fingerprint, counts: counts) : nil)
        if isNew { result.differing[key] = finding }
        guard comparison.differs, !isNew else { return }
        let measures = (counts ?? []).compactMap { CountMeasure(name: $0.measure) }
        guard !measures.isEmpty else { return report(.differencePersists(window: key)) }
        let endpoint = endpoint(of: found.state.window)
        for measure in measures where records.note(measure, .unused, at: endpoint, found.at, window: key) {
            report(.measureUnused(measure, window: key))
        }
    }

    /// The endpoint that a window is asked of.
    private func endpoint(of window: Window) -> String {
        plan.parts.first { $0.agent?.name == window.agent }?.plan.source.endpoint ?? plan.source.endpoint
    }

    /// - Parameter states: Of adjacent windows that are due for the same kind of look.
    private func look(
        at states: [WindowState], _ known: LookRecords, _ part: ExportPlan, _ client: ServiceClient
    ) async throws -> [(state: WindowState, finding: ServiceLook.Finding)] {
        guard let look = states.first?.look else { return [] }
        var (there, manifests): ([WindowState], [Manifest]) = ([], [])
        for state in states {
            guard let manifest = try await destination.readableManifest(ofWindow: state.window.key) else { continue }
            there.append(state)
            manifests.append(manifest)
        }
        let findings = try await ServiceLook(
            plan: part, destination: destination, client: client, look: look,
            comparesOnlyIDs: known.comparesOnlyIDs(look, at: part.source.endpoint), lists: lists
        ).run(at: manifests)
        return zip(there, findings).map { (state: $0, finding: $1) }
    }

    /// Forgets the differences of windows that were exported again. Fields and measures that differ all the same are compared no more.
    /// - Parameters:
    ///   - exported: The keys of windows that the run has committed.
    ///   - result: What its looks found.
    func settle(_ exported: Set<String>, _ result: Result) async throws {
        let open = try await destination.looks().windows.filter { exported.contains($0.key) && $0.value.difference != nil }
        guard !open.isEmpty else { return }
        var uncured: [(window: String, part: ExportPlan, look: LookKind)] = []
        var identities: [String: String] = [:]
        var tried: [(endpoint: String, Trial, LookRecords.MeasureRecord.State)] = []
        for ((_, part), client) in zip(plan.parts, clients) {
            for window in part.windows where open[window.key] != nil {
                identities[window.key] = try await destination.readableManifest(ofWindow: window.key)?.rowsIdentity
                guard let finding = result.differing[window.key], case .fields(let look) = finding.comparison.compared,
                    try await !isCured(finding, part, look)
                else { continue }
                uncured.append((window.key, part, look))
            }
            let keys = Set(part.windows.map(\.key))
            for trial in result.trials where keys.contains(trial.window) && exported.contains(trial.window) {
                guard let state = try await outcome(of: trial, part, client) else { continue }
                tried.append((part.source.endpoint, trial, state))
            }
        }
        let time = now()
        let (rows, trials, persisting) = (identities, tried, uncured)
        try await change { records in
            for key in exported {
                guard let difference = records.windows[key]?.difference else { continue }
                records.windows[key]?.exported = difference.fingerprint
                records.windows[key]?.exportedRows = rows[key]
                records.windows[key]?.difference = nil
            }
            for (window, part, look) in persisting where !records.comparesOnlyIDs(look, at: part.source.endpoint) {
                records.disagreements.append(
                    .init(endpoint: part.source.endpoint, look: look, since: time, window: window))
                report(.fieldsDisagree(window: window, look))
            }
            for (endpoint, trial, state) in trials
            where records.note(trial.measure, state, at: endpoint, time, window: trial.window) && state == .unused {
                report(.measureUnused(trial.measure, window: trial.window))
            }
        }
    }

    /// The state of a measure after a window was exported to test it. Nil if that does not settle it.
    private func outcome(
        of trial: Trial, _ part: ExportPlan, _ client: ServiceClient
    ) async throws -> LookRecords.MeasureRecord.State? {
        guard let manifest = try await destination.readableManifest(ofWindow: trial.window), manifest.status == .proved,
            let sums = manifest.sums, let sum = sums[trial.measure], let bounds = bounds.of(part.source.endpoint)
        else { return nil }
        let look = CountLook(plan: part, client: client, known: LookRecords(), bounds: self.bounds)
        // Nothing is said for the time being where the service does not answer.
        guard let answer = try? await look.count(trial.measure, of: manifest.window.range, bounds) else {
            try Task.checkCancellation()
            return nil
        }
        if answer == sum { return 0 < sum && sum < sums.rows ? .agreed : nil }
        // A change since then may explain another count.
        return answer == trial.onServer ? .unused : nil
    }

    /// Whether any of the rows that had changed is now as the service showed it.
    private func isCured(_ finding: ServiceLook.Finding, _ part: ExportPlan, _ look: LookKind) async throws -> Bool {
        guard !finding.changed.isEmpty, let manifest = try await destination.readableManifest(ofWindow: finding.comparison.window),
            let digests = try await Baseline.digests(of: manifest, from: destination)
        else { return true }
        let compared = DigestPart(of: look, part)
        return digests.rows.contains { row in finding.changed[row.id].map { row[compared] != $0.kept } ?? false }
    }

    private func change(_ body: (inout LookRecords) -> Void) async throws {
        try await destination.withColumnsLock(holder: run) {
            var records = try await destination.looks()
            body(&records)
            try await destination.store(records)
        }
    }
}

extension ServiceLook.Finding {
    /// Stands for the difference: the same where the same rows differ in the same way.
    var fingerprint: String {
        var hash = SHA256()
        func add(_ ids: [Int64], _ name: String) {
            hash.update(data: Array("\(name)\(ids.count):".utf8))
            for id in ids { hash.update(data: Array("\(id),\(changed[id]?.served ?? 0);".utf8)) }
        }
        add(comparison.came, "came")
        add(comparison.went, "went")
        add(comparison.changed, "changed")
        switch comparison.compared {
        case .count(let server, let export): hash.update(data: Array("\(server)/\(export)".utf8))
        case .counts(let counts): for count in counts { hash.update(data: Array("\(count.measure)=\(count.onServer);".utf8)) }
        case .fields, .ids: break
        }
        return hash.finalize().prefix(16).hexadecimal
    }
}

/// The keys of the windows that a run has committed.
final class CommittedWindows: Sendable {
    private let keys = Mutex<Set<String>>([])

    func take(_ event: RunEvent) {
        if case .committed(let manifest) = event { keys.withLock { _ = $0.insert(manifest.window.key) } }
    }

    var all: Set<String> { keys.withLock { $0 } }
}

extension WindowState {
    /// The same, to be looked at in another way.
    fileprivate func looked(at look: LookKind) -> WindowState {
        var state = self
        state.look = look
        return state
    }
}
