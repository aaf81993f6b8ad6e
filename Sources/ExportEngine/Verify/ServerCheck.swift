public import ExportAPI
public import ExportCore
import ExportFormats
public import ExportStore

/// Asks the service whether it still has the rows that the windows of a declaration hold, and no others.
public struct ServerCheck: Sendable {
    private let plan: ExportPlan
    private let destination: any ReadableDestination
    private let walk: LeanWalk

    /// Ids that are named of those that differ.
    private static let namedIDs = 10

    /// Creates a comparison of a destination's windows with the service.
    public init(of plan: ExportPlan, in destination: any ReadableDestination, from client: ServiceClient) {
        self.plan = plan
        self.destination = destination
        walk = LeanWalk(plan: plan, client: client, reader: PageReader(filters: plan.filters, detail: nil, discoveries: []))
    }

    /// Compares every committed window of the declaration. A window that another declaration has written is left out: its rows
    /// were asked for with other filters.
    /// - Returns: How many windows were compared.
    /// - Throws: `ServiceError`, `StoreError`, `FilterNotApplied`, `CancellationError`.
    public func run(report: (VerifyProblem) throws -> Void) async throws -> Int {
        let policy = try plan.policy
        var compared = 0
        // A window sends one request at a time, so that there are never more in flight than the plan allows.
        try await forEachInOrder(plan.windows, width: plan.fetch.concurrency) { window -> [VerifyProblem]? in
            guard let manifest = try await destination.readableManifest(ofWindow: window.key),
                policy.asked(for: manifest)
            else { return nil }
            return try await faults(of: manifest).map { VerifyProblem($0, window: window.key) }
        } deliver: { problems in
            guard let problems else { return }
            compared += 1
            try problems.forEach(report)
        }
        return compared
    }

    private func faults(of manifest: Manifest) async throws -> [VerifyProblem.Fault] {
        let range = manifest.window.range
        let written = manifest.proof.distinctIDs
        if try await count(range, atLeast: written) == written { return [] }
        let (now, repeated): (Set<Int64>, Set<Int64>)
        switch try await walk.run(over: range) {
        case .proved(let ids, let twice): (now, repeated) = (ids, twice)
        case .changedDuringCheck: return [.changedDuringCheck]
        case .givenUp(let excess): return [.doesNotAddUp(excess)]
        }
        var faults: [VerifyProblem.Fault] = []
        if !repeated.isEmpty { faults.append(.listedTwice(count: repeated.count, ids: Self.first(repeated))) }
        guard let ids = try await ids(in: manifest) else {
            return now.count == written ? faults : faults + [.otherCount(onServer: now.count, inExport: written)]
        }
        let (missing, gone) = (now.subtracting(ids), ids.subtracting(now))
        if !missing.isEmpty { faults.append(.notInExport(count: missing.count, ids: Self.first(missing))) }
        if !gone.isEmpty { faults.append(.goneFromServer(count: gone.count, ids: Self.first(gone))) }
        return faults
    }

    private static func first(_ ids: Set<Int64>) -> [Int64] {
        Array(ids.sorted().prefix(namedIDs))
    }

    /// The ids of a window as its first file that has some holds them. Nil where none has, or none can be read.
    private func ids(in manifest: Manifest) async throws -> Set<Int64>? {
        for file in manifest.files where file.keys.id != nil {
            do {
                guard try await destination.size(ofFile: file.path) == file.bytes else { continue }
                var ids: Set<Int64> = []
                let fault = try await FileReading.read(file, from: destination.openFile(file.path)) { row in
                    if let id = row.id { ids.insert(id) }
                }
                if fault == nil { return ids }
            } catch let error as StoreError where error.isSingleFile {
                continue
            }
        }
        return nil
    }
}

// MARK: Counting

extension ServerCheck {
    /// The rows that the service has in a window now. Nil where counts cannot tell, or are less than `least` already, so that only
    /// a walk shows what differs.
    ///
    /// The count is asked for from a microsecond before the window to its end. Where the service counts bounds out, this is the
    /// window. Where it counts one in, the rows exactly there are too many; they are no one's to guess, so they are looked at. The
    /// range of one microsecond up to the window's end, and that before its start, show them: such a range has two instants, and
    /// a row on the one is in the answer exactly if the service counts that bound in, whatever it does with the other. So the
    /// result is right even where it counts one bound in and the other out.
    ///
    /// The rows on the bounds only take away from the count. So what is too small without them needs no look at them; what is
    /// equal does, since a row on a bound may stand in for one that is gone.
    private func count(_ range: TimeRange, atLeast least: Int) async throws -> Int? {
        // The service counts rows that are not deleted too.
        guard plan.filters.deletedRows != .only else { return nil }
        let query = ListQuery(after: range.start?.earlier(by: 1), before: range.end, pageSize: 1, isCount: true)
        let wide = try await walk.fetch(query, of: range).count
        guard wide >= least, let atEnd = try await rows(onBound: range.end, of: range, upTo: range.end) else { return nil }
        guard let start = range.start else { return wide - atEnd }
        guard let beforeStart = try await rows(onBound: start.earlier(by: 1), of: range, upTo: start) else { return nil }
        return wide - atEnd - beforeStart
    }

    /// The rows at an instant that is a bound of the count, as far as the service counts them in. Nil where they are more than a page.
    private func rows(onBound instant: Instant, of range: TimeRange, upTo before: Instant) async throws -> Int? {
        let query = ListQuery(after: before.earlier(by: 1), before: before, pageSize: plan.fetch.pageSize)
        let response = try await walk.fetch(query, of: range)
        return response.isWhole ? response.rows.count { $0.startedAt == instant } : nil
    }
}
