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
    let bounds = LearntBounds()
    let lists = LearntLists()
    let fields = LearntFields()

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
        /// The differences that windows are due for when the looks have ended, by their keys: the export that begins now is made for them.
        var open: [String: LookRecords.Difference] = [:]
        /// The errors that ended the looks of an agent early, by its name. The only one of a plan has none.
        var failures: [String?: any Error] = [:]
    }

    /// A measure that may count something else than its window's rows show.
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
        fields.learn(from: known)
        var result = Result()
        var found: [Found] = []
        var measures: [(endpoint: String, CountMeasure, LookRecords.MeasureRecord.State)] = []
        report(.looking(windows: states.count { $0.look != nil }))
        for ((agent, part), client) in zip(plan.parts, clients) {
            do {
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
            } catch {
                // The windows of other agents are looked at all the same.
                result.failures[agent?.name] = error
            }
        }
        for item in found where item.finding.comparison.wasMade { result.looked[item.look, default: 0] += 1 }
        var newKeys: [String: Set<String>] = [:]
        for item in found where !item.finding.comparison.newKeys.isEmpty {
            newKeys[plan.part(of: item.state.window).source.endpoint, default: []].formUnion(item.finding.comparison.newKeys)
        }
        let (looks, shown, brought) = (found, measures, newKeys)
        try await change { records in
            let time = now()
            for (endpoint, measure, state) in shown where records.note(measure, state, at: endpoint, time) && state == .unused {
                report(.measureUnused(measure, window: nil))
            }
            for item in looks { note(item, in: &records, &result) }
            result.open = records.open(in: states)
            for (endpoint, names) in brought {
                let news = records.note(keys: names, at: endpoint)
                if !news.isEmpty { report(.keysNotExported(names: news)) }
            }
            noteUnshared(in: &records)
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

    /// Takes note of what a look found: a difference is due for an export, unless it remained after the window was exported for it.
    private func note(_ found: Found, in records: inout LookRecords, _ result: inout Result) {
        let (key, finding) = (found.state.window.key, found.finding)
        let (comparison, fingerprint) = (finding.comparison, finding.fingerprint)
        var record = records.windows[key] ?? .init()
        // A run that was ended after its commit, or another shard's, had no time to say so.
        if let old = record.difference, let committedAt = found.state.committedAt, old.foundAt <= committedAt {
            record.difference = nil
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
        if comparison.differs, !isNew { report(.differencePersists(window: key)) }
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
            comparesOnlyIDs: known.comparesOnlyIDs(look, at: part.source.endpoint), lists: lists, fields: fields
        ).run(at: manifests)
        return zip(there, findings).map { (state: $0, finding: $1) }
    }

    /// Takes note of the fields that the two forms of rows do not share.
    func noteUnshared(in records: inout LookRecords) {
        for (_, part) in plan.parts {
            let endpoint = part.source.endpoint
            guard let names = fields.unshared(at: endpoint)?.sorted(), !names.isEmpty, records.unshared?[endpoint] != names else {
                continue
            }
            records.unshared = (records.unshared ?? [:]).merging([endpoint: names]) { $1 }
            report(.fieldsUnshared(names: names))
        }
    }

    /// The result where no window is looked at: what earlier runs and other shards have found.
    func withoutLooks(at states: [WindowState]) async throws -> Result {
        var result = Result()
        result.open = try await destination.looks().open(in: states)
        return result
    }

    func change(_ body: (inout LookRecords) -> Void) async throws {
        try await destination.withColumnsLock(holder: run) {
            var records = try await destination.looks()
            body(&records)
            try await destination.store(records)
        }
    }
}

extension LookRecords {
    /// The differences for which windows are due, by their keys: those that were found since the windows were committed.
    fileprivate func open(in states: [WindowState]) -> [String: Difference] {
        var open: [String: Difference] = [:]
        for state in states {
            guard let difference = windows[state.window.key]?.difference, let committedAt = state.committedAt,
                committedAt < difference.foundAt
            else { continue }
            open[state.window.key] = difference
        }
        return open
    }
}

extension ServiceLook.Finding {
    /// Stands for the difference: the same where the same rows differ in the same way.
    var fingerprint: String {
        var hash = SHA256()
        func add(_ ids: [Int64], _ name: String) {
            hash.update(data: Array("\(name)\(ids.count):".utf8))
            for id in ids { hash.update(data: Array("\(id),\(changed[id] ?? 0);".utf8)) }
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
