import ExportCore
import ExportStore
import Foundation
import Logging

/// A lock on a destination, implemented by objects in it and held for one lease at a time.
///
/// It requires three features of a store: conditional writes, consistent lists, and metadata of objects. The lock is a sequence of objects,
/// one for each time that it was taken, renewed or released, numbered from one. The last one is valid. A number is written only if it does
/// not exist, so that a single one of the runs that saw the same last number succeeds. The last object is never removed, except from a
/// store that is refused. So no number is used twice: a delayed run that writes a removed number finds a higher one.
///
/// Whether a lease has expired is judged by the store's clock. Whether this run may still write is judged by this machine's continuous
/// clock, which also advances while the machine sleeps.
actor ObjectLock {
    private let client: StoreClient
    private let numbers: LockNumbers
    private let destination: String
    private let lease: Duration
    private var record: LockRecord
    /// The number of the last record of this run.
    private var number: Int
    /// Earlier numbers that have not been removed.
    private var outdated: [Int]
    private var heldUntil: ContinuousClock.Instant
    private var isLost = false

    private init(
        _ client: StoreClient, _ numbers: LockNumbers, _ destination: String, _ record: LockRecord, _ last: LockNumbers.Last,
        asked: ContinuousClock.Instant
    ) {
        self.client = client
        self.numbers = numbers
        self.destination = destination
        self.record = record
        number = last.number
        outdated = last.outdated
        lease = record.lease
        heldUntil = asked + Self.safe(record.lease)
    }

    /// The used part of a lease. The rest is for requests that are on their way at its end.
    private static func safe(_ lease: Duration) -> Duration { lease * 3 / 4 }

    /// How often a lock is read again if others change it at the same time.
    private static let rounds = 5

    /// Takes a lock.
    /// - Returns: The lock, and the commit that a crashed run left in it.
    /// - Throws: `StoreError.locked` if another run holds it; `StoreError.objectStore`, `CancellationError`.
    static func acquire(
        _ client: StoreClient, _ numbers: LockNumbers, destination: String, holder: String, units: [String]? = nil,
        declaration: LockDeclaration? = nil, lease: Duration
    ) async throws -> (ObjectLock, left: LockRecord?) {
        var record = LockRecord(
            holder: holder, units: units, declaration: declaration, token: UUID().uuidString, lease: lease, now: .now)
        var written: Int?
        do {
            return try await acquire(client, numbers, destination: destination, &record, &written)
        } catch {
            // Otherwise a run that is stopped here would keep the next one out until its lease has expired. A commit to clean up
            // stays in a lock that has to be taken over.
            if let written, record.commit == nil {
                record.isReleased = true
                _ = try? await client.uncancelled.putIfAbsent(numbers.key(written + 1), record.content())
            }
            throw error
        }
    }

    /// Takes a lock.
    /// - Parameter written: Set to the number that was written before it is known to be held.
    private static func acquire(
        _ client: StoreClient, _ numbers: LockNumbers, destination: String, _ record: inout LockRecord, _ written: inout Int?
    ) async throws -> (ObjectLock, left: LockRecord?) {
        let asked = ContinuousClock.now
        var left: LockRecord?
        for _ in 0..<rounds {
            let last = try await numbers.last(client)
            if let last {
                switch LockDecision.about(last.record, token: record.token, age: last.object.age, now: .now) {
                case .mine(let record):
                    // The commit that was taken over stays in it.
                    written = nil
                    let lock = ObjectLock(client, numbers, destination, record, last, asked: asked)
                    try await lock.checkStore(by: last.object)
                    return (lock, left)
                case .refuse(let holder): throw StoreError.locked(path: destination, holder: holder)
                case .takeOver(let dead):
                    // The unfinished commit stays in the record until it has been cleaned up.
                    record.commit = dead?.commit
                    left = dead
                    if dead == nil { tellUnreadable(numbers.key(last.number), client) }
                case .free: (record.commit, left) = (nil, nil)
                }
            }
            // The lock is this run's if the next round finds this number the last.
            let next = (last?.number ?? 0) + 1
            switch try await client.putIfAbsent(numbers.key(next), record.content()) {
            case .stored: written = next
            case .conditionFailed: break
            case .notImplemented: throw client.fault(.noConditionalWrites)
            }
        }
        // If others were faster each time, one of them holds the lock. If this run's record never appeared, no run does.
        guard let written else { throw StoreError.locked(path: destination, holder: nil) }
        throw client.fault(.notWritten(key: numbers.key(written), bytes: try record.content().count, found: nil))
    }

    private static func tellUnreadable(_ key: String, _ client: StoreClient) {
        client.logger.warning(
            "the lock to take over cannot be read, or names a file outside this destination: the files that it names are not removed",
            metadata: ["key": "\(key.shown())"])
    }

    /// Checks the required features of the store. A store that ignores conditions would admit two runs, and without metadata written files
    /// cannot be verified, so both kinds are refused.
    /// - Parameter own: The record of this run, as returned by the store.
    private func checkStore(by own: StoredObject) async throws {
        let key = numbers.key(number)
        let outcome: StoreClient.WriteOutcome
        do {
            outcome = try await client.putIfAbsent(key, record.content())
        } catch {
            await release()
            throw error
        }
        let fault: ObjectStoreFault? =
            switch outcome {
            case .conditionFailed: own.sha256 == nil ? .noMetadata : nil
            case .stored, .notImplemented: .noConditionalWrites
            }
        guard let fault else { return }
        do { try await client.uncancelled.delete(key) } catch { warnOfLease(error) }
        throw client.fault(fault)
    }

    /// Ensures that the lock is held. An expired lease that no run took over is renewed.
    /// - Throws: `StoreError`; `lockLost` if another run has taken over.
    func ensure() async throws {
        guard isLost || ContinuousClock.now >= heldUntil else { return }
        try await renew(client.uncancelled)
    }

    /// Records the commit that is about to become visible, which also proves that the lock is held.
    /// - Throws: `StoreError`.
    func begin(_ commit: LockRecord.Commit) async throws {
        record.commit = commit
        try await renew(client.uncancelled)
    }

    /// Ends the commit, which is completely visible or cleaned up.
    func end() { record.commit = nil }

    /// The commit in progress.
    var underWay: LockRecord.Commit? { record.commit }

    /// Renews the lease until the task is cancelled or the lock is lost.
    func keep() async {
        while !isLost, (try? await Task.sleep(for: lease / 4)) != nil {
            // If the store is unavailable for a while, the next iteration tries again. The lease limits how long that works.
            try? await renew(client)
        }
    }

    /// Removes outdated objects until the task is cancelled or the lock is lost. Nothing depends on it.
    func tidy() async {
        while !isLost, (try? await Task.sleep(for: min(lease / 4, .seconds(15)))) != nil { try? await removeOutdated(client) }
    }

    /// Writes the next record, unless another run has.
    private func renew(_ client: StoreClient) async throws {
        var lost: StoreError?
        for _ in 0..<Self.rounds {
            guard !isLost else { break }
            let asked = ContinuousClock.now
            record.renewals += 1
            record.expiresAt = Instant.now.advanced(by: lease)
            let (next, content) = (number + 1, try record.content())
            let outcome = try await client.putIfAbsent(numbers.key(next), content)
            let head = outcome == .stored ? try await client.head(numbers.key(next)) : nil
            if head?.size == content.count, ContinuousClock.now < heldUntil {
                // No other run writes before the lease expires.
                advance(to: next, over: outdated + [number])
            } else {
                // After the lease, others may have held the lock. Or another renewal of this run was faster, or this one succeeded but its
                // response was lost, or the store confirmed a write that it did not make.
                guard try await look(client) == Data(content) else {
                    let isSaidStored = outcome == .stored
                    if isSaidStored { lost = client.fault(.notWritten(key: numbers.key(next), bytes: content.count, found: nil)) }
                    continue
                }
            }
            heldUntil = max(heldUntil, asked + Self.safe(lease))
            // A response that took as long as the lease is outdated.
            if ContinuousClock.now < heldUntil { return }
        }
        if let lost, !isLost { throw lost }
        throw StoreError.lockLost(path: destination)
    }

    /// Finds the last record. If it is this run's, its number is adopted.
    private func look(_ client: StoreClient) async throws -> Data? {
        let last = try await numbers.last(client)
        guard let last, last.record?.token == record.token else {
            isLost = true
            return nil
        }
        advance(to: last.number, over: last.outdated)
        return last.object.content
    }

    /// Records a new number.
    /// - Parameter outdated: Earlier numbers that exist. Not all numbers have been written.
    private func advance(to next: Int, over outdated: [Int]) {
        guard next > number else { return }
        (number, self.outdated) = (next, outdated)
    }

    private func removeOutdated(_ client: StoreClient) async throws {
        while let first = outdated.first {
            try await client.delete(numbers.key(first))
            outdated.removeAll { $0 == first }
        }
    }

    /// Releases the lock if it is certain to be held, so that no other run can have taken it over.
    ///
    /// An unfinished commit stays in the record, for the run that takes the lock over.
    func release() async {
        guard record.commit == nil, !isLost else { return }
        record.isReleased = true
        do {
            try await renew(client.uncancelled)
        } catch {
            return warnOfLease(error)
        }
        isLost = true
        try? await removeOutdated(client.uncancelled)
    }

    /// Warns that the lock ends only with its lease, and keeps others out until then.
    private func warnOfLease(_ error: any Error) {
        let words = "the lock was not released, and keeps other runs out for up to \(record.leaseSeconds) s"
        client.logger.warning("\(words)", metadata: ["reason": "\(error)"])
    }
}
