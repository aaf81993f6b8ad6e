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

    /// What the looks of a run came to.
    struct Result: Sendable {
        /// Windows that were looked at.
        var looked = 0
        /// Windows that differ, with the rows that show it, by their keys.
        var differing: [String: ServiceLook.Finding] = [:]
        /// What ended the looks before all were done. Nil where nothing did.
        var failure: (any Error)?
    }

    /// Looks at windows, and writes down what came of it, also where it is ended.
    /// - Throws: `StoreError` where that cannot be written.
    func look(at states: [WindowState]) async throws -> Result {
        let known = try await destination.looks()
        var result = Result()
        var found: [(WindowState, ServiceLook.Finding, at: Instant)] = []
        report(.looking(windows: states.count))
        do {
            for ((_, part), client) in zip(plan.parts, clients) {
                let keys = Set(part.windows.map(\.key))
                let due = states.filter { keys.contains($0.window.key) }
                try await forEachInOrder(due, width: part.fetch.concurrency) { state in
                    (state, try await look(at: state, known, part, client))
                } deliver: { (state: WindowState, finding: ServiceLook.Finding?) in
                    guard let finding else { return }
                    result.looked += 1
                    found.append((state, finding, at: now()))
                    report(.lookedAt(finding.comparison))
                }
            }
        } catch {
            result.failure = error
        }
        try await change { records in
            for (state, finding, time) in found {
                guard let look = state.look else { continue }
                let (key, comparison) = (state.window.key, finding.comparison)
                let fingerprint = finding.fingerprint
                let isNew = comparison.differs && records.windows[key]?.exported != fingerprint
                // What could not be compared counts as not looked at.
                guard comparison.obstacle == nil || isNew else { continue }
                let changes = comparison.changes
                records.looked(
                    at: key, look, time,
                    found: isNew
                        ? .init(
                            look: look, foundAt: time, came: changes.came, went: changes.went, changed: changes.changed,
                            fingerprint: fingerprint) : nil)
                if isNew { result.differing[key] = finding }
                if comparison.differs, !isNew { report(.differencePersists(window: key)) }
            }
        }
        return result
    }

    private func look(
        at state: WindowState, _ known: LookRecords, _ part: ExportPlan, _ client: ServiceClient
    ) async throws -> ServiceLook.Finding? {
        guard let look = state.look, let manifest = try await destination.readableManifest(ofWindow: state.window.key) else {
            return nil
        }
        return try await ServiceLook(
            plan: part, destination: destination, client: client, look: look,
            comparesOnlyIDs: known.comparesOnlyIDs(look, at: part.source.endpoint)
        ).run(at: manifest)
    }

    /// Forgets the differences of windows that were exported again. Fields that differ all the same are compared no more.
    /// - Parameters:
    ///   - exported: The keys of windows that the run has committed.
    ///   - differing: Those that its looks found different.
    func settle(_ exported: Set<String>, _ differing: [String: ServiceLook.Finding]) async throws {
        guard try await destination.looks().windows.contains(where: { exported.contains($0.key) && $0.value.difference != nil })
        else { return }
        var uncured: [(window: String, part: ExportPlan, look: LookKind)] = []
        for ((_, part), _) in zip(plan.parts, clients) {
            for window in part.windows {
                guard exported.contains(window.key), let finding = differing[window.key],
                    case .fields(let look) = finding.comparison.compared, try await !isCured(finding, part, look)
                else { continue }
                uncured.append((window.key, part, look))
            }
        }
        let time = now()
        try await change { records in
            for key in exported {
                guard let difference = records.windows[key]?.difference else { continue }
                records.windows[key]?.exported = difference.fingerprint
                records.windows[key]?.difference = nil
            }
            for (window, part, look) in uncured where !records.comparesOnlyIDs(look, at: part.source.endpoint) {
                records.disagreements.append(
                    .init(endpoint: part.source.endpoint, look: look, since: time, window: window))
                report(.fieldsDisagree(window: window, look))
            }
        }
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
        if case .count(let server, let export) = comparison.compared { hash.update(data: Array("\(server)/\(export)".utf8)) }
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
