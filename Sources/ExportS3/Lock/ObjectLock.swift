import ExportCore
import ExportStore
import Foundation
import Logging

/// A lock on a destination that is an object in it, held for a lease at a time.
///
/// It needs three things of a store: writes where nothing is, lists that show what has been written, and metadata of objects. The lock is
/// a row of objects, one for each time that it was taken, renewed or released, numbered from one; the last counts. A number is written
/// only where none is, so of all that saw the same last one, a single one wins. The last one is removed only from a store that is
/// refused. So no number is used twice: a run that was held up and writes a removed number finds a higher one.
///
/// Whether a lease has passed is judged by the store's clock, and whether this run may still write by its own, which runs on while
/// the machine sleeps.
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

    /// The part of a lease that is used: what is on its way at its end has the rest to arrive.
    private static func safe(_ lease: Duration) -> Duration { lease * 3 / 4 }

    /// How often a lock that others change at the same time is looked at again.
    private static let rounds = 5

    /// - Returns: The lock, and what a run left in it that died.
    /// - Throws: `StoreError.locked` where another run holds it; `StoreError.objectStore`, `CancellationError`.
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
            // A run that is stopped here would keep the next one out until its lease has passed. What is to be cleared up stays
            // in a lock that has to be taken over.
            if let written, record.commit == nil {
                record.isReleased = true
                _ = try? await client.uncancelled.putIfAbsent(numbers.key(written + 1), record.content())
            }
            throw error
        }
    }

    /// - Parameter written: Takes the number that was written, and is not known yet to be held.
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
                    // With what was taken over in it.
                    written = nil
                    let lock = ObjectLock(client, numbers, destination, record, last, asked: asked)
                    try await lock.checkStore(by: last.object)
                    return (lock, left)
                case .refuse(let holder): throw StoreError.locked(path: destination, holder: holder)
                case .takeOver(let dead):
                    // The unfinished commit stays in the record until it has been cleared up.
                    record.commit = dead?.commit
                    left = dead
                    if dead == nil { tellUnreadable(numbers.key(last.number), client) }
                case .free: (record.commit, left) = (nil, nil)
                }
            }
            // It is this run's if the next look finds it the last.
            let next = (last?.number ?? 0) + 1
            switch try await client.putIfAbsent(numbers.key(next), record.content()) {
            case .stored: written = next
            case .conditionFailed: break
            case .notImplemented: throw client.fault(.noConditionalWrites)
            }
        }
        // Where others were quicker each time, one of them holds it. Where this run wrote, and its record never showed, nobody does.
        guard let written else { throw StoreError.locked(path: destination, holder: nil) }
        throw client.fault(.notWritten(key: numbers.key(written), bytes: try record.content().count, found: nil))
    }

    private static func tellUnreadable(_ key: String, _ client: StoreClient) {
        client.logger.warning(
            "the lock to take over cannot be read, or names a file outside this destination: the files that it names are not removed",
            metadata: ["key": "\(key.shown())"])
    }

    /// A store that takes no notice of a condition would let two runs in, and in one that keeps no metadata nothing that was written can
    /// be checked: both are refused.
    /// - Parameter own: The record of this run, as the store gave it.
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

    /// The commit that was begun and not ended.
    var underWay: LockRecord.Commit? { record.commit }

    /// Renews the lease until the task is cancelled or the lock is lost.
    func keep() async {
        while !isLost, (try? await Task.sleep(for: lease / 4)) != nil {
            // A store that is away for a while is asked again at the next turn; the lease says how long that is good.
            try? await renew(client)
        }
    }

    /// Removes what has been passed until the task is cancelled or the lock is lost. Nothing waits for it.
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
                // While the lease runs, nobody else writes.
                advance(to: next, over: outdated + [number])
            } else {
                // After it others may have come and gone. And another renewal of this run may have been quicker, or this one was
                // heard and its answer lost; or the store said that it had written it, and has not.
                guard try await look(client) == Data(content) else {
                    let isSaidStored = outcome == .stored
                    if isSaidStored { lost = client.fault(.notWritten(key: numbers.key(next), bytes: content.count, found: nil)) }
                    continue
                }
            }
            heldUntil = max(heldUntil, asked + Self.safe(lease))
            // An answer that took as long as the lease says nothing of now.
            if ContinuousClock.now < heldUntil { return }
        }
        if let lost, !isLost { throw lost }
        throw StoreError.lockLost(path: destination)
    }

    /// Finds the last record, and whether it is this run's: then its number counts.
    private func look(_ client: StoreClient) async throws -> Data? {
        let last = try await numbers.last(client)
        guard let last, last.record?.token == record.token else {
            isLost = true
            return nil
        }
        advance(to: last.number, over: last.outdated)
        return last.object.content
    }

    /// - Parameter outdated: Those before it that are there. Numbers in between need not ever have been written.
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

    /// Releases the lock while it is certainly held: nobody else can have taken it over before that.
    ///
    /// An unfinished commit stays in it, for the run that takes it over.
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

    /// Tells that the lock ends with its lease, and keeps others out until then.
    private func warnOfLease(_ error: any Error) {
        let words = "the lock was not released, and keeps other runs out for up to \(record.leaseSeconds) s"
        client.logger.warning("\(words)", metadata: ["reason": "\(error)"])
    }
}
