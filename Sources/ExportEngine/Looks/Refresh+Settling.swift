import ExportAPI
import ExportCore
import ExportFormats
import ExportStore

extension Refresh {
    /// Forgets the differences for which windows were exported again. Fields and measures that were shown to differ all the same are compared
    /// no more: only the service can show it, so it is asked once more for what an export did not bring.
    /// - Parameters:
    ///   - exported: The keys of windows that the run has committed.
    ///   - result: What its looks found.
    ///   - asks: Whether the service is asked. Else nothing is said of what remains.
    func settle(_ exported: Set<String>, _ result: Result, asks: Bool = true) async throws {
        let open = result.open.filter { exported.contains($0.key) }
        guard !open.isEmpty else { return }
        let remains = asks ? try await remains(of: open, result) : Remains()
        let time = now()
        try await change { records in
            noteUnshared(in: &records)
            // What another shard has found since then is due.
            for (key, difference) in open where records.windows[key]?.difference == difference {
                records.windows[key]?.difference = nil
                guard let rows = remains.windows[key] else { continue }
                records.windows[key]?.exported = difference.fingerprint
                records.windows[key]?.exportedRows = rows
            }
            for (window, endpoint, look) in remains.fields where !records.comparesOnlyIDs(look, at: endpoint) {
                records.disagreements.append(.init(endpoint: endpoint, look: look, since: time, window: window))
                report(.fieldsDisagree(window: window, look))
            }
            for (endpoint, trial, state) in remains.measures
            where records.note(trial.measure, state, at: endpoint, time, window: trial.window) && state == .unused {
                report(.measureUnused(trial.measure, window: trial.window))
            }
        }
    }

    /// What the service shows otherwise than windows that were just exported.
    private struct Remains: Sendable {
        /// Windows that differ in the same way as before, by their keys, with what stands for their rows.
        var windows: [String: String] = [:]
        var fields: [(window: String, endpoint: String, look: LookKind)] = []
        var measures: [(endpoint: String, trial: Trial, state: LookRecords.MeasureRecord.State)] = []
    }

    private func remains(of open: [String: LookRecords.Difference], _ result: Result) async throws -> Remains {
        let known = try await destination.looks()
        var remains = Remains()
        for ((_, part), client) in zip(plan.parts, clients) {
            let endpoint = part.source.endpoint
            let windows = part.windows.filter { open[$0.key] != nil }
            try await forEachInOrder(windows, width: part.fetch.concurrency) { window -> (Manifest, ServiceLook.Finding?)? in
                guard let difference = open[window.key],
                    let manifest = try await destination.readableManifest(ofWindow: window.key), manifest.status == .proved
                else { return nil }
                guard difference.counts == nil else { return (manifest, nil) }
                let digests = DigestPart(of: difference.look, part)
                let unshared = digests == .lean ? fields.unshared(at: endpoint) ?? [] : []
                let rows = try await Baseline.read(of: manifest, part, leavingOut: unshared, from: destination)
                let part = (plan: part, digests: digests)
                if result.differing[window.key]?.isCured(by: rows, part.digests) == true { return nil }
                let look = ServiceLook(
                    plan: part.plan, destination: destination, client: client, look: difference.look,
                    comparesOnlyIDs: known.comparesOnlyIDs(difference.look, at: endpoint), lists: lists, fields: fields)
                return try await answer { try await look.run(at: manifest) }.map { (manifest, $0) }
            } deliver: { (found: (manifest: Manifest, finding: ServiceLook.Finding?)?) in
                guard let (manifest, finding) = found, let difference = open[manifest.window.key] else { return }
                let key = manifest.window.key
                guard let finding else { return try await count(difference, manifest, part, client, result, &remains) }
                let isSame = finding.fingerprint == difference.fingerprint
                if isSame { remains.windows[key] = manifest.rowsIdentity }
                if result.differing[key]?.repeats(in: finding) ?? (isSame && !finding.changed.isEmpty) {
                    remains.fields.append((key, endpoint, difference.look))
                }
            }
        }
        return remains
    }

    /// Counts a window again by the measures that differed in it, as far as its export did not bring what they were, or as it tests them.
    private func count(
        _ difference: LookRecords.Difference, _ manifest: Manifest, _ part: ExportPlan, _ client: ServiceClient, _ result: Result,
        _ remains: inout Remains
    ) async throws {
        for count in difference.counts ?? [] {
            guard let measure = CountMeasure(name: count.measure) else { continue }
            let trial = Trial(measure: measure, window: manifest.window.key, onServer: count.onServer)
            let isTest = result.trials.contains { $0.measure == measure && $0.window == trial.window }
            // One window is enough to put a measure out of use.
            guard isTest || manifest.sums?[measure] != count.onServer,
                !remains.measures.contains(where: {
                    $0.endpoint == part.source.endpoint && $0.trial.measure == measure && $0.state == .unused
                }), let state = try await outcome(of: trial, manifest, part, client)
            else { continue }
            remains.measures.append((part.source.endpoint, trial, state))
        }
    }

    /// The state of a measure after a window was exported to test it. Nil if that does not settle it.
    private func outcome(
        of trial: Trial, _ manifest: Manifest, _ part: ExportPlan, _ client: ServiceClient
    ) async throws -> LookRecords.MeasureRecord.State? {
        guard let sums = manifest.sums, let sum = sums[trial.measure] else { return nil }
        let look = CountLook(plan: part, client: client, known: LookRecords(), bounds: bounds)
        let window = CountLook.CommittedWindow(key: trial.window, range: manifest.window.range, sums: sums, isDue: true)
        let counted = try await answer {
            guard let bounds = try await look.learn(from: [[window]]) else { return nil as Int? }
            return try await look.count(trial.measure, of: window.range, bounds)
        }
        guard let onServer = counted ?? nil else { return nil }
        if onServer == sum { return 0 < sum && sum < sums.rows ? .agreed : nil }
        // A change since then may explain another count.
        return onServer == trial.onServer ? .unused : nil
    }

    /// What the service answers. Nil where it does not: nothing is said for the time being.
    private func answer<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do { return try await body() } catch let error as StoreError { throw error } catch {
            try Task.checkCancellation()
            return nil
        }
    }
}

extension ServiceLook.Finding {
    /// Whether a window has all rows as the look saw them.
    fileprivate func isCured(by rows: Baseline, _ part: DigestPart) -> Bool {
        switch rows {
        case .digests(let digests, _):
            let rows = Dictionary(digests.rows.map { ($0.id, $0[part]) }) { $1 }
            return hasRows(Set(rows.keys)) && changed.allSatisfy { id, served in rows[id] == served }
        case .ids(let ids): return hasRows(ids)
        case .count(let rows):
            guard case .count(let onServer, _) = comparison.compared else { return true }
            return rows == onServer
        }
    }

    private func hasRows(_ ids: Set<Int64>) -> Bool {
        comparison.came.allSatisfy(ids.contains) && !comparison.went.contains(where: ids.contains)
    }

    /// Whether any row differs in another look as it did in this one.
    fileprivate func repeats(in other: ServiceLook.Finding) -> Bool {
        changed.contains { id, served in other.changed[id] == served }
    }
}
