public import ExportAPI
public import ExportCore
import ExportStore

/// Passes the limits that earlier runs found to the clients of a run, and stores the limits that it finds.
public struct LimitMemory: Sendable {
    let destination: any PersistentDestination
    let clients: [ServiceClient]
    let share: Share
    /// The run's name, for other runs that wait for the shared state.
    let run: String
    let now: @Sendable () -> Instant
    let report: @Sendable (RunEvent) -> Void

    /// The limits that earlier runs found for each of the clients, for a run of all windows. `nil` if none is known.
    public static func limits(of clients: [ServiceClient], in records: LimitRecords?, now: Instant = .now) -> [KnownLimit?] {
        clients.map { records?.limit(of: $0.account, shards: 1, now: now) }
    }

    /// The number of shards that divide the limit.
    private var shards: Int { if case .shard(_, let count) = share { count } else { 1 } }

    /// Passes the known limits to the clients. They are hints, so an unreadable file is ignored.
    func recall() async throws {
        let stored: StoredLimits
        do { stored = try await destination.limits() } catch let error as StoreError {
            return report(.limitsIgnored(reason: "\(error)"))
        }
        if let problem = stored.problem { report(.limitsIgnored(reason: "\(problem)")) }
        for client in clients {
            if let limit = stored.records.limit(of: client.account, shards: shards, now: now()) { client.expect(limit) }
        }
    }

    /// Stores the limits that the clients found. If that fails, the next run determines them anew.
    func keep() async {
        let found = clients.compactMap { client in client.knownLimit.map { (client.account, $0) } }
        func news(for stored: StoredLimits) -> LimitRecords? {
            // Records of a newer version are not overwritten.
            if case .newerFormat = stored.problem { return nil }
            var records = stored.records
            var isNew = false
            for (account, limit) in found { isNew = records.found(limit, of: account, shards: shards, at: now()) || isNew }
            return isNew ? records : nil
        }
        guard !found.isEmpty else { return }
        do {
            guard news(for: try await destination.limits()) != nil else { return }
            try await destination.withColumnsLock(holder: run) {
                // Another shard may have written meanwhile.
                if let records = news(for: try await destination.limits()) { try await destination.store(records) }
            }
        } catch {
            if !(error is CancellationError), !Task.isCancelled { report(.limitsNotKept(reason: "\(error)")) }
        }
    }
}
