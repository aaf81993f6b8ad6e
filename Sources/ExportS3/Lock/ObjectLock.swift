import ExportCore
import ExportStore
import Foundation

/// A lock on a destination that is an object in it, held for a lease at a time.
///
/// It needs nothing of a store but writes on a condition: it is made only where none is, and renewed or taken over only as it was
/// seen. Whether a lease has passed is judged by the store's clock, and whether this run may still write by its own, which runs
/// on while the machine sleeps.
actor ObjectLock {
    private let client: StoreClient
    private let key: String
    private let destination: String
    private let lease: Duration
    private var record: LockRecord
    private var etag: String
    private var heldUntil: ContinuousClock.Instant
    private var isLost = false

    private init(
        _ client: StoreClient, _ key: String, _ destination: String, _ record: LockRecord, etag: String,
        asked: ContinuousClock.Instant
    ) {
        self.client = client
        self.key = key
        self.destination = destination
        self.record = record
        self.etag = etag
        lease = record.lease
        heldUntil = asked + Self.safe(record.lease)
    }

    /// So much of a lease is used: what is on its way at its end has the rest to arrive.
    private static func safe(_ lease: Duration) -> Duration { lease * 3 / 4 }

    /// How often a lock that others change at the same time is looked at again.
    private static let rounds = 5

    /// - Returns: The lock, and what a run left in it that died.
    /// - Throws: `StoreError.locked` where another run holds it; `StoreError.objectStore`.
    static func acquire(
        _ client: StoreClient, key: String, destination: String, holder: String, lease: Duration
    ) async throws -> (ObjectLock, left: LockRecord?) {
        let record = LockRecord(holder: holder, token: UUID().uuidString, lease: lease, now: .now)
        for _ in 0..<rounds {
            let asked = ContinuousClock.now
            switch try await client.put(key, record.content(), condition: .absent) {
            case .stored(let etag):
                let lock = ObjectLock(client, key, destination, record, etag: etag, asked: asked)
                try await lock.checkConditions()
                return (lock, nil)
            case .notImplemented: throw client.fault(.noConditionalWrites)
            case .conditionFailed: break
            }
            guard let found = try await client.get(key) else { continue }
            switch LockDecision.about(LockRecord(found.content), token: record.token, age: found.age, now: .now) {
            case .mine(let record):
                // With what was taken over in it.
                let lock = ObjectLock(client, key, destination, record, etag: found.etag, asked: asked)
                try await lock.checkConditions()
                return (lock, nil)
            case .refuse(let holder): throw StoreError.locked(path: destination, holder: holder)
            case .takeOver(let left):
                // What it was at goes along, until it has been cleared up.
                var record = record
                record.commit = left?.commit
                if case .stored(let etag) = try await client.put(key, record.content(), condition: .unchanged(etag: found.etag)) {
                    let lock = ObjectLock(client, key, destination, record, etag: etag, asked: asked)
                    try await lock.checkConditions()
                    return (lock, left)
                }
            }
        }
        throw StoreError.locked(path: destination, holder: nil)
    }

    /// A store that takes no notice of a condition would let two runs in: one that writes all the same is refused.
    private func checkConditions() async throws {
        for condition in [WriteCondition.absent, .unchanged(etag: "\"00000000000000000000000000000000\"")] {
            guard case .conditionFailed = try await client.put(key, record.content(), condition: condition) else {
                try? await client.uncancelled.delete(key)
                throw client.fault(.noConditionalWrites)
            }
        }
    }

    /// Refuses to go on where the lock is not held for certain. A lease that ran out, and that nobody took over, is renewed.
    /// - Throws: `StoreError`; `lockLost` where another run has taken over.
    func ensure() async throws {
        guard isLost || ContinuousClock.now >= heldUntil else { return }
        try await renew(client.uncancelled)
    }

    /// Says what is about to become visible, and proves by it that the lock is held.
    /// - Throws: `StoreError`.
    func begin(_ commit: LockRecord.Commit) async throws {
        record.commit = commit
        try await renew(client.uncancelled)
    }

    /// All of it is visible, or cleared up.
    func end() { record.commit = nil }

    /// What was begun and not ended.
    var underWay: LockRecord.Commit? { record.commit }

    /// Renews the lease until the task is cancelled or the lock is lost.
    func keep() async {
        while !isLost, (try? await Task.sleep(for: lease / 4)) != nil {
            // A store that is away for a while is asked again at the next turn; the lease says how long that is good.
            try? await renew(client)
        }
    }

    private func renew(_ client: StoreClient) async throws {
        for _ in 0..<Self.rounds {
            guard !isLost else { break }
            let asked = ContinuousClock.now
            record.renewals += 1
            record.expiresAt = Instant.now.advanced(by: lease)
            if case .stored(let etag) = try await client.put(key, record.content(), condition: .unchanged(etag: etag)) {
                self.etag = etag
                heldUntil = max(heldUntil, asked + Self.safe(lease))
                // An answer that took as long as the lease says nothing of now.
                if ContinuousClock.now < heldUntil { return }
                continue
            }
            // Another renewal of this run was quicker, or one was heard and its answer lost; else it is another's.
            guard let found = try await client.get(key), LockRecord(found.content)?.token == record.token else {
                isLost = true
                break
            }
            etag = found.etag
        }
        throw StoreError.lockLost(path: destination)
    }

    /// Removes the lock while it is held for certain: until then nobody else can have taken it over.
    ///
    /// What was begun and not ended stays in it, for the run that takes it over.
    func release() async {
        guard record.commit == nil, !isLost, (try? await ensure()) != nil else { return }
        // A lock that stays ends with its lease.
        try? await client.uncancelled.delete(key)
        isLost = true
    }
}
