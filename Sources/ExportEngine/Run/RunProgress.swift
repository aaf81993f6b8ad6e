import ExportAPI
import ExportCore
import ExportFormats
import ExportStore

/// Where a run stands: which windows are walked, written and committed, and what comes next.
///
/// Decides only; its owner sends, writes and commits. Windows are known by their place among those that are due.
struct RunProgress: Sendable {
    let due: [Window]
    var columns: ColumnPlan
    var summary = RunSummary()
    private(set) var columnUse = ColumnUse()
    private(set) var failures: [WindowFailure] = []
    /// Set where the run cannot go on.
    var stop: (any Error)?
    var isFirstEncoded = true

    private let plan: ExportPlan
    /// Then nothing can follow a window that failed.
    private let isSequential: Bool
    private var stages: [Int: Stage] = [:]
    /// The next window that has not begun.
    private var nextWindow = 0
    /// The next window whose columns are to be fixed.
    private var nextSealed = 0
    private var nextCommitted = 0
    private var requestsInFlight = 0
    private var encoding = 0
    private var isCommitting = false
    private var storedColumns: ColumnCatalog
    private var events: [RunEvent] = []
    /// What windows have found out, for those to come: a server that ignored it once is not trusted again.
    private var ordering = OrderingSupport.unknown
    private var pageSize: Int
    private var failedInARow = 0
    /// Windows that failed, and whether a later run saves requests by going on from their rows.
    private var leftovers: [Int: Bool] = [:]
    /// That stand for the windows, where they can be compared with what comes.
    private let rowsBefore: [Int?]
    /// Windows that came back with few of them.
    private var fewer: [Int: FewerRows] = [:]
    /// Windows that were given up because their lists do not add up.
    private var givenUp = 0

    private enum Stage: Sendable {
        case walking(WindowExport)
        case walked(WalkedWindow)
        case encoding(WalkedWindow, columns: ColumnCatalog)
        case encoded(WalkedWindow, [Manifest.File], columns: ColumnCatalog)
        case committing(rows: Int)
        case failed(WindowFailure)
    }

    /// The next window to be sealed, written while the count that is to prove it is awaited.
    private var ahead: Ahead?
    /// Whether windows are written ahead: nothing is put into a stream that it may have to give back.
    private var presumes: Bool

    private struct Ahead: Sendable {
        let window: Int
        /// Nil where the window is walked once more.
        var presumed: WalkOutcome?
        /// Once they are written.
        var written: WrittenWindow?
    }

    /// So many windows in a row that could not be fetched mean that the service is down.
    private static let failuresInARow = 3
    /// So many lists that do not add up mean that none will.
    private static let maximumGivenUp = 3

    /// - Parameters:
    ///   - columns: What is known of them, that is `stored` or more.
    ///   - stored: Those that the destination has.
    ///   - rowsBefore: That stand for the windows, one for each; nil where there is nothing to compare with.
    init(
        plan: ExportPlan, due: [Window], rowsBefore: [Int?], columns: ColumnPlan, stored: ColumnCatalog, isSequential: Bool
    ) {
        self.plan = plan
        self.rowsBefore = rowsBefore
        self.isSequential = isSequential
        presumes = !isSequential
        self.due = due
        self.columns = columns
        storedColumns = stored
        pageSize = plan.fetch.pageSize
    }

    /// Windows that were begun and are not committed, and whether a later run is to go on from the rows that are spooled.
    var unfinished: [(Window, keepsRows: Bool)] {
        // Rows that break what was asked for are no good to anybody.
        let mayGoOn =
            switch stop as? ServiceError {
            case .keyRefused, .unusable: true
            case let error?: error.isRetryable
            case nil: stop == nil || stop is StoreError || stop is CancellationError
            }
        return Set(stages.keys).union(leftovers.keys).sorted().map { (due[$0], mayGoOn && keepsSpool($0)) }
    }

    private func keepsSpool(_ window: Int) -> Bool {
        switch stages[window] {
        case .walking(let export): export.keepsSpool
        case .walked(let walked), .encoding(let walked, _), .encoded(let walked, _, _): walked.keepsSpool
        case .committing: true
        case .failed, nil: leftovers[window] ?? false
        }
    }

    mutating func takeEvents() -> [RunEvent] {
        defer { events = [] }
        return events
    }

    var snapshot: RunSnapshot {
        var snapshot = RunSnapshot()
        snapshot.windows = due.count
        snapshot.committed = summary.committed
        snapshot.unsettled = summary.unsettled
        snapshot.failed = summary.failed
        snapshot.rows = summary.rows
        snapshot.bytes = summary.bytes
        var done = Double(summary.committed + summary.failed)
        var underWay: [Int] = []
        for (window, stage) in stages {
            switch stage {
            case .walking(let export):
                snapshot.rows += export.rows
                done += Self.walkingShare * min(1, Double(export.rows) / Double(max(1, export.walk.countBefore ?? .max)))
            case .walked(let walked), .encoding(let walked, _), .encoded(let walked, _, _):
                snapshot.rows += walked.outcome.proof.distinctIDs
                done += Self.walkingShare
            case .committing(let rows):
                snapshot.rows += rows
                done += Self.walkingShare
            case .failed: continue
            }
            underWay.append(window)
        }
        snapshot.firstUnderWay = underWay.min().map { due[$0].key }
        snapshot.lastUnderWay = underWay.max().map { due[$0].key }
        snapshot.fraction = due.isEmpty ? 1 : min(1, done / Double(due.count))
        return snapshot
    }

    /// How much of a window's work is to fetch it.
    private static let walkingShare = 0.9

    /// - Throws: `RunStuck` where windows are neither committed nor failed, though nothing is under way.
    func checkIsDone() throws {
        if stop == nil, summary.committed + summary.failed < due.count {
            throw RunStuck(window: due[min(nextCommitted, due.count - 1)].key)
        }
    }

    // MARK: Fetching

    /// The next request to send, of the earliest window that has one. An idle slot begins a window, or splits a range.
    /// - Parameter spooled: What an interrupted run had spooled of a window.
    mutating func nextRequest(resuming spooled: (Window) -> SpooledWindow?) -> (window: Int, WalkRequest)? {
        guard requestsInFlight < plan.fetch.concurrency else { return nil }
        let walking = stages.keys.sorted().filter { if case .walking = stages[$0] { true } else { false } }
        for window in walking {
            if let request = update(window, { $0.nextRequest() }) { return send(request, window) }
        }
        if nextWindow < due.count, stages.count < 2 * plan.fetch.concurrency {
            let window = nextWindow
            nextWindow += 1
            stages[window] = .walking(begin(due[window], from: spooled(due[window]), requests: 0))
            return update(window) { $0.nextRequest() }.flatMap { send($0, window) }
        }
        for window in walking {
            if let request = update(window, { $0.split() ? $0.nextRequest() : nil }) { return send(request, window) }
        }
        return nil
    }

    private mutating func send(_ request: WalkRequest, _ window: Int) -> (window: Int, WalkRequest) {
        requestsInFlight += 1
        return (window, request)
    }

    private func begin(_ window: Window, from spooled: SpooledWindow?, requests: Int) -> WindowExport {
        switch plan.fetch.walk {
        case .pages:
            let walk = PageWalk(over: window.range, filters: plan.filters, pageSize: pageSize)
            return WindowExport(window, walk: walk, requests: requests)
        case .ranges:
            let walk = RangeWalk(
                over: window.range, filters: plan.filters, pageSize: pageSize, ordering: ordering, checkpoint: spooled?.checkpoint)
            return spooled.map { WindowExport(window, walk: walk, from: $0, discoveries: columns.discoveries) }
                ?? WindowExport(window, walk: walk, requests: requests)
        }
    }

    private mutating func update<Value>(_ window: Int, _ body: (inout WindowExport) throws -> Value?) rethrows -> Value? {
        // Taken out, and not only read: a second reference would copy the walk with every change.
        guard case .walking(var export) = stages[window] else { return nil }
        stages[window] = nil
        defer { stages[window] = .walking(export) }
        return try body(&export)
    }

    mutating func receive(
        _ page: FetchedPage, requests: Int, for request: WalkRequest, of window: Int, makeSpool: (Window) throws -> Spool
    ) {
        requestsInFlight -= 1
        failedInARow = 0
        do {
            let key = due[window]
            _ = try update(window) { export -> Void? in
                try export.receive(page, for: request, requests: requests) { try makeSpool(key) }
            }
            endWalk(of: window)
        } catch {
            stop = error
        }
    }

    /// Where the walk of a window has come to its end, the next stage begins.
    private mutating func endWalk(of window: Int) {
        guard case .walking(let export) = stages[window] else { return }
        if ordering != .ignored, export.walk.ordering != .unknown { ordering = export.walk.ordering }
        if let excess = export.walk.excess {
            giveUp(window, excess, isRetryable: false)
            givenUp += 1
            if givenUp == Self.maximumGivenUp { stop = excess }
        } else if let walked = export.walked {
            judge(walked, window)
        }
    }

    /// What stands for a window is not given up for few rows, or none, before they were asked for once more.
    private mutating func judge(_ walked: WalkedWindow, _ window: Int) {
        let rows = walked.outcome.proof.distinctIDs
        fewer[window]?.take(rows, isProved: walked.outcome.isProved)
        guard let found = fewer[window] ?? fewerRows(rows, window) else { return stages[window] = .walked(walked) }
        fewer[window] = found.verdict == .refetch ? found : nil
        switch found.verdict {
        case .refetch:
            stages[window] = .walking(begin(due[window], from: nil, requests: walked.requests))
            // What is written already is of the first walk.
            if ahead?.window == window { ahead?.presumed = nil }
        case .rejected:
            giveUp(window, found, isRetryable: true)
        case .accepted, .recovered:
            if found.verdict == .accepted { summary.fewerRows = (summary.fewerRows ?? 0) + 1 }
            events.append(.fewerRows(found))
            stages[window] = .walked(walked)
        }
    }

    /// A window whose rows are no good to a later run either.
    private mutating func giveUp(_ window: Int, _ error: any Error, isRetryable: Bool) {
        fail(window, error, isRetryable: isRetryable)
        leftovers[window] = false
    }

    private func fewerRows(_ rows: Int, _ window: Int) -> FewerRows? {
        FewerRows(rows, before: rowsBefore[window], window: due[window].key)
    }

    mutating func requestFailed(_ request: WalkRequest, of window: Int, _ error: any Error) {
        requestsInFlight -= 1
        // Of a window that has failed already, more requests may fail: it stays failed.
        guard case .walking = stages[window] else { return }
        switch error {
        case ServiceError.tooLarge where shrinkPages(after: request, of: window):
            pageSize = min(pageSize, request.query.pageSize / 2)
            // It may have been the last page that was out.
            endWalk(of: window)
        case ServiceError.tooLarge:
            fail(window, error, isRetryable: false)
        case ServiceError.unavailable, ServiceError.unusable:
            let isTransient = (error as? ServiceError)?.isRetryable ?? false
            fail(window, error, isRetryable: isTransient)
            failedInARow += 1
            if failedInARow == Self.failuresInARow { stop = error }
        default:
            // A key that is refused, or has to wait for longer than is worth it, a filter that is not honoured: no other window
            // would fare better.
            end(window, error)
        }
    }

    private mutating func shrinkPages(after request: WalkRequest, of window: Int) -> Bool {
        do {
            return try update(window) { try $0.shrinkPages(after: request) } ?? false
        } catch {
            end(window, error)
            return true
        }
    }

    private mutating func fail(_ window: Int, _ error: any Error, isRetryable: Bool) {
        leftovers[window] = keepsSpool(window)
        let failure = WindowFailure(window: due[window].key, reason: "\(error)", isRetryable: isRetryable)
        stages[window] = .failed(failure)
        failures.append(failure)
        summary.failed += 1
        events.append(.failed(failure))
    }

    // MARK: Writing

    /// The next window to be written: they are sealed one after the other, in the order of time. One whose last count is still awaited is
    /// written on the presumption that it agrees, and sealed when it does.
    ///
    /// `isAnew`: it was written already, and is not what it was presumed to be.
    mutating func nextToEncode(limit: Int) -> (window: Int, WalkedWindow, [any RowEncoder], isAnew: Bool)? {
        while let stage = stages[nextSealed] {
            let window = nextSealed
            switch stage {
            case .failed(let failure):
                if isSequential { stop = stop ?? SequenceBroken(failure: failure) }
                ahead = nil
                nextSealed += 1
            case .walking(let export):
                guard encoding < limit, ahead == nil, presumes, let presumed = export.presumed,
                    fewerRows(presumed.outcome.proof.distinctIDs, window) == nil
                else { return nil }
                var columns = columns
                // Columns that cannot be are told of when it is sealed.
                guard let sealed = try? columns.seal(presumed) else { return nil }
                ahead = Ahead(window: window, presumed: presumed.outcome)
                encoding += 1
                return (window, presumed, sealed.encoders, isAnew: false)
            case .walked(let walked):
                // What came since was the count alone.
                let isWritten = ahead?.presumed == walked.outcome
                // Two do not write the same files at once.
                guard isWritten || encoding < limit && (ahead == nil || ahead?.written != nil) else { return nil }
                defer { ahead = nil }
                nextSealed += 1
                do {
                    let sealed = try columns.seal(walked)
                    if !sealed.new.isEmpty { events.append(.newColumns(window: walked.window.key, names: sealed.new)) }
                    if !sealed.collisions.isEmpty {
                        events.append(.columnsCollide(window: walked.window.key, sealed.collisions))
                    }
                    if !sealed.full.isEmpty { events.append(.columnsFull(window: walked.window.key, sealed.full)) }
                    stages[window] = .encoding(walked, columns: sealed.columns)
                    if isWritten {
                        if let written = ahead?.written { finishEncoding(window, written) }
                    } else {
                        encoding += 1
                        // A service that disagreed once is waited for.
                        if ahead != nil { presumes = false }
                        return (window, walked, sealed.encoders, isAnew: ahead != nil)
                    }
                } catch {
                    fail(window, error, isRetryable: false)
                }
            default:
                return nil
            }
        }
        return nil
    }

    mutating func encoded(_ window: Int, _ written: WrittenWindow) {
        encoding -= 1
        if ahead?.window == window { ahead?.written = written }
        finishEncoding(window, written)
    }

    private mutating func finishEncoding(_ window: Int, _ written: WrittenWindow) {
        guard case .encoding(var walked, let columns) = stages[window] else { return }
        if written.repeated != .none { events.append(.repeatedIDs(window: walked.window.key, written.repeated)) }
        columnUse.add(written.columnUse)
        walked.outcome = walked.outcome.leavingOut(written.repeated)
        stages[window] = .encoded(walked, written.files, columns: columns)
    }

    /// The destination cannot be written: no other window would fare better.
    mutating func encodingFailed(_ window: Int, _ error: any Error) {
        encoding -= 1
        end(window, error)
    }

    /// The next window to be committed: in the order of time, one at a time.
    ///
    /// `isNew`: the columns are others than those that are stored.
    mutating func nextToCommit() -> (window: Int, WalkedWindow, [Manifest.File], ColumnCatalog, isNew: Bool)? {
        guard !isCommitting else { return nil }
        while nextCommitted < nextSealed, case .failed = stages[nextCommitted] {
            stages[nextCommitted] = nil
            nextCommitted += 1
        }
        guard case .encoded(let walked, let files, let columns) = stages[nextCommitted] else { return nil }
        stages[nextCommitted] = .committing(rows: walked.outcome.proof.distinctIDs)
        isCommitting = true
        defer { storedColumns = columns }
        return (nextCommitted, walked, files, columns, columns != storedColumns)
    }

    mutating func committed(_ window: Int, _ manifest: Manifest) {
        isCommitting = false
        stages[window] = nil
        nextCommitted += 1
        summary.committed += 1
        summary.unsettled += manifest.status == .unsettled ? 1 : 0
        summary.rows += manifest.proof.distinctIDs
        summary.add(tableRows: manifest.tableRows)
        summary.bytes += manifest.bytes
        events.append(.committed(manifest))
    }

    mutating func committingFailed(_ window: Int, _ error: any Error) {
        end(window, error)
    }

    /// A failure that ends the run, and is told as its end.
    private mutating func end(_ window: Int, _ error: any Error) {
        stop = stop ?? error
        switch stages[window] {
        // It has failed already, while it was written ahead.
        case .failed, nil: break
        default:
            leftovers[window] = keepsSpool(window)
            stages[window] = nil
            summary.failed += 1
        }
    }
}

/// A fault of this program: nothing is under way, and windows are left.
struct RunStuck: Error, CustomStringConvertible {
    let window: String

    var description: String {
        "the run stopped making progress before window \(window). This is a bug: please report it, and run again to continue."
    }
}
