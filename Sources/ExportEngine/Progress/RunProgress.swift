import ExportAPI
import ExportCore
import ExportFormats
import ExportStore

/// The state of a run: which windows are fetched, written and committed, and what comes next.
///
/// A pure value that passes each window through the deciding parts: the scheduler of requests, the order in which columns are fixed and
/// windows written, the order of commits, and the rules for failures. Its owner sends, writes and commits. Windows are identified by their
/// places among those that are due.
struct RunProgress: Sendable {
    let due: [Window]
    private(set) var summary = RunSummary()
    private(set) var columnUse = ColumnUse()
    private(set) var failures: [WindowFailure] = []
    /// The error that ends the run, if it cannot continue.
    var stop: (any Error)?
    private var hasHeader = false

    private(set) var scheduler: RequestScheduler<WindowRows>
    /// Windows that have been fetched, but are neither committed nor passed over yet.
    private(set) var stages: [Int: WindowStage] = [:]
    private let opening: WindowOpening
    private var sealing: WindowSealing
    private var commits: CommitOrder
    private var standingRows: StandingRows
    private var rules = FailureRules()
    /// Whether windows are written in one stream, so that nothing can follow a window that failed.
    private let isSequential: Bool
    private var patches: PatchOrder
    /// Windows that failed, and whether a later run saves requests by continuing from their rows.
    private var leftovers: [Int: Bool] = [:]
    private var events: [RunEvent] = []
    /// The versions of the columns that windows were written with: of sealed windows by their places, of committed ones by their keys.
    private var columnVersions: (sealed: [Int: Int], committed: [String: Int]) = ([:], [:])

    /// Committed windows that lack columns which were discovered in later windows.
    var windowsWithFewerColumns: Set<String> {
        Set(columnVersions.committed.lazy.filter { $0.value != columns.version }.map(\.key))
    }

    /// The keys of all windows that were committed.
    var committedWindows: Set<String> { Set(columnVersions.committed.keys) }

    /// Creates the progress of a run of which no window has begun.
    /// - Parameters:
    ///   - columns: All known columns: those of `stored`, and possibly more.
    ///   - stored: The columns that the destination has.
    ///   - rowsBefore: The number of committed rows of each window. `nil` if there is nothing to compare with.
    ///   - patched: Keys of windows of which perhaps only the differing rows have to be fetched.
    init(
        plan: ExportPlan, due: [Window], rowsBefore: [Int?], columns: ColumnPlan, stored: ColumnCatalog, isSequential: Bool,
        patched: Set<String> = [], makeSpool: @escaping WindowRows.MakeSpool
    ) {
        self.due = due
        self.isSequential = isSequential
        scheduler = RequestScheduler(
            windows: due.count, concurrency: plan.fetch.concurrency, pageSize: plan.fetch.pageSize)
        opening = WindowOpening(plan: plan, discoveries: columns.discoveries, makeSpool: makeSpool)
        sealing = WindowSealing(columns, isSequential: isSequential)
        commits = CommitOrder(stored: stored)
        standingRows = StandingRows(rowsBefore)
        patches = PatchOrder(due.indices.filter { patched.contains(due[$0].key) })
        scheduler.barrier = patches.barrier
    }

    /// The columns after the windows that were sealed.
    var columns: ColumnPlan {
        get { sealing.columns }
        set { sealing.columns = newValue }
    }

    /// Windows that have begun and are not committed, and whether a later run should continue from their spooled rows.
    var unfinished: [(Window, keepsRows: Bool)] {
        let mayGoOn = FailureRules.mayGoOn(after: stop)
        let begun = Set(stages.keys).union(leftovers.keys).union(scheduler.walking.map(\.window)).union(patches.begun)
        return begun.sorted().map { (due[$0], mayGoOn && keepsSpool($0)) }
    }

    private func keepsSpool(_ window: Int) -> Bool {
        if let fetch = scheduler.fetch(of: window) { return fetch.rows.keepsSpool }
        switch stages[window] {
        case .failed, nil: return leftovers[window] ?? false
        case let stage?: return stage.keepsSpool
        }
    }

    mutating func takeEvents() -> [RunEvent] {
        defer { events = [] }
        return events
    }

    /// Checks that every window is committed or has failed.
    /// - Throws: `RunStuck` if some window is neither, although nothing is in progress.
    func checkIsDone() throws {
        if stop == nil, summary.committed + summary.failed < due.count {
            throw RunStuck(window: due[min(commits.next, due.count - 1)].key)
        }
    }

    // MARK: Fetching

    /// The next request to send, and its window.
    /// - Parameter spooled: Returns what an interrupted run spooled of a window.
    mutating func nextRequest(resuming spooled: (Window) -> SpooledWindow?) -> (window: Int, WalkRequest)? {
        let (due, opening) = (due, opening)
        var patches = patches
        defer { self.patches = patches }
        return scheduler.nextRequest { window, start in
            if let patch = patches.take(window) { return opening.fetch(of: due[window], start, resuming: nil, patch: patch) }
            return opening.fetch(of: due[window], start, resuming: spooled(due[window]))
        }
    }

    /// The next window whose kept rows are to be read.
    /// - Parameter limit: The maximum number of windows that are prepared but not fetched.
    mutating func nextToPrepare(limit: Int) -> Int? { patches.next(limit: limit) }

    /// Takes the kept rows of a window. If `nil`, it is fetched whole.
    mutating func prepared(_ window: Int, _ patch: PreparedPatch?) {
        patches.prepared(window, patch)
        scheduler.barrier = patches.barrier
    }

    mutating func preparingFailed(_ window: Int, _ error: any Error) {
        prepared(window, nil)
        stop = stop ?? error
    }

    mutating func receive(_ page: FetchedPage, requests: Int, for request: WalkRequest, of window: Int) {
        rules.answered()
        do {
            if let fetch = try scheduler.receive(page, requests: requests, for: request, of: window) { endWalk(of: window, fetch) }
        } catch {
            stop = error
        }
    }

    mutating func requestFailed(_ request: WalkRequest, of window: Int, _ error: any Error) {
        guard let error = error as? ServiceError, error.asksForLess(than: request.query) else {
            scheduler.requestFailed()
            return take(error, of: window)
        }
        do {
            let shrunk = try scheduler.shrinkPages(after: request, of: window)
            // It may have been the last page in flight.
            if let fetch = shrunk.ended { endWalk(of: window, fetch) }
            if !shrunk.isSmaller { take(error, of: window) }
        } catch {
            end(window, error)
        }
    }

    private mutating func take(_ error: any Error, of window: Int) {
        // Further requests of a failed window may fail too, which changes nothing.
        guard scheduler.isFetched(window) else { return }
        follow(rules.meaning(of: error), of: error, window)
    }

    private mutating func follow(_ meaning: FailureRules.Meaning, of error: any Error, _ window: Int) {
        switch meaning {
        case .windowFails(let isRetryable):
            fail(window, error, isRetryable: isRetryable)
        case .lastWindowFails(let isRetryable):
            fail(window, error, isRetryable: isRetryable)
            stop = error
        case .runEnds:
            end(window, error)
        }
    }

    /// Moves a window whose walk has ended to the next stage.
    private mutating func endWalk(of window: Int, _ fetch: WindowExport) {
        if let excess = fetch.walk.excess {
            follow(rules.meaningOfExcess(), of: excess, window)
            // The rows are of no use to a later run either.
            leftovers[window] = false
        } else if let walked = fetch.walked {
            judge(walked, window)
        }
    }

    /// Judges the result of a walk. If it returned few or no rows, the committed window stays until a second walk confirms that.
    private mutating func judge(_ walked: WalkedWindow, _ window: Int) {
        if let patch = walked.patch, !patch.holds(walked) { return fetchWhole(window, walked) }
        stages[window] = .walked(walked)
        guard let found = standingRows.compare(walked.outcome, of: window, key: due[window].key) else { return }
        switch found.verdict {
        case .refetch:
            fetchWhole(window, walked)
        case .rejected:
            fail(window, found, isRetryable: true)
            leftovers[window] = false
        case .accepted, .recovered:
            if found.verdict == .accepted { summary.fewerRows = (summary.fewerRows ?? 0) + 1 }
            events.append(.fewerRows(found))
        }
    }

    private mutating func fetchWhole(_ window: Int, _ walked: WalkedWindow) {
        stages[window] = nil
        scheduler.fetchAgain(window, opening.fetch(of: due[window], scheduler.start, resuming: nil, requests: walked.requests))
        sealing.walkedAgain(window)
    }

    private mutating func fail(_ window: Int, _ error: any Error, isRetryable: Bool) {
        leftovers[window] = keepsSpool(window)
        scheduler.withdraw(window)
        let failure = WindowFailure(window: due[window].key, reason: "\(error)", isRetryable: isRetryable)
        stages[window] = .failed(failure)
        failures.append(failure)
        summary.failed += 1
        events.append(.failed(failure))
    }

    /// Ends the run with the failure of a window.
    private mutating func end(_ window: Int, _ error: any Error) {
        stop = stop ?? error
        // The window may have failed already, while it was written ahead.
        if case .failed = stages[window] { return }
        guard stages[window] != nil || scheduler.isFetched(window) else { return }
        leftovers[window] = keepsSpool(window)
        scheduler.withdraw(window)
        stages[window] = nil
        summary.failed += 1
    }

    // MARK: Writing

    /// The next window to write.
    /// - Parameter limit: The maximum number of windows that are written at the same time.
    mutating func nextToEncode(limit: Int) -> WindowToEncode? {
        while true {
            let window = sealing.next
            switch stages[window] {
            case .failed(let failure):
                if isSequential { stop = stop ?? SequenceBroken(failure: failure) }
                sealing.pass()
            case .walked(let walked):
                do {
                    guard let sealed = try sealing.seal(walked, limit: limit) else { return nil }
                    tell(sealed.columns, of: walked.window.key)
                    columnVersions.sealed[window] = sealed.columns.version
                    stages[window] = .encoding(walked, columns: sealed.columns.columns)
                    switch sealed.writing {
                    case .begins(let toEncode): return toEncode
                    case .underWay: break
                    case .done(let written): finishEncoding(window, written)
                    }
                } catch {
                    fail(window, error, isRetryable: false)
                }
            case nil:
                guard sealing.mayWriteAhead(limit: limit), let presumed = scheduler.fetch(of: window)?.presumed,
                    !standingRows.areFew(presumed.outcome, of: window, key: due[window].key),
                    presumed.patch?.holds(presumed) ?? true
                else { return nil }
                return sealing.writeAhead(presumed)
            case .encoding, .encoded, .committing:
                return nil
            }
        }
    }

    /// Whether the header of a stream is written before a window: before the first one after which the columns are fixed, or the last one.
    mutating func takesHeader(_ next: WindowToEncode) -> Bool {
        guard !hasHeader, columns.isFixed || next.window == due.count - 1 else { return false }
        hasHeader = true
        return true
    }

    private mutating func tell(_ sealed: ColumnPlan.Sealed, of window: String) {
        if !sealed.new.isEmpty {
            events.append(
                isSequential
                    ? .keysWithoutColumn(window: window, names: sealed.new) : .newColumns(window: window, names: sealed.new))
        }
        if !sealed.collisions.isEmpty { events.append(.columnsCollide(window: window, sealed.collisions)) }
        if !sealed.full.isEmpty { events.append(.columnsFull(window: window, sealed.full)) }
    }

    mutating func encoded(_ window: Int, _ written: WrittenWindow) {
        sealing.encoded(window, written)
        finishEncoding(window, written)
    }

    private mutating func finishEncoding(_ window: Int, _ written: WrittenWindow) {
        guard case .encoding(var walked, let columns) = stages[window] else { return }
        if written.repeated != .none { events.append(.repeatedIDs(window: walked.window.key, written.repeated)) }
        columnUse.add(written.columnUse)
        walked.outcome = walked.outcome.leavingOut(written.repeated)
        stages[window] = .encoded(EncodedWindow(walked: walked, written: written, columns: columns))
    }

    /// Records that a window could not be written. Its own rows may be the reason; what else fails would fail for every other window too,
    /// and ends the run.
    mutating func encodingFailed(_ window: Int, _ error: any Error) {
        sealing.encodingFailed()
        guard !isSequential, let error = error as? RowError, error.isOfRow else { return end(window, error) }
        fail(window, error, isRetryable: false)
        // The service may have other rows by then.
        leftovers[window] = false
    }

    // MARK: Committing

    /// The next window to commit.
    mutating func nextToCommit() -> WindowToCommit? {
        guard !commits.isCommitting else { return nil }
        while commits.next < sealing.next, case .failed = stages[commits.next] {
            leave(commits.next)
            commits.pass()
        }
        guard case .encoded(let encoded) = stages[commits.next] else { return nil }
        stages[commits.next] = .committing(rows: encoded.walked.outcome.proof.distinctIDs)
        return commits.begin(encoded)
    }

    mutating func committed(_ window: Int, _ manifest: Manifest) {
        leave(window)
        commits.committed()
        columnVersions.committed[manifest.window.key] = columnVersions.sealed.removeValue(forKey: window)
        summary.committed += 1
        summary.unsettled += manifest.status == .unsettled ? 1 : 0
        if manifest.patch != nil { summary.patched = (summary.patched ?? 0) + 1 }
        summary.rows += manifest.proof.distinctIDs
        summary.add(tableRows: manifest.tableRows)
        summary.bytes += manifest.bytes
        events.append(.committed(manifest))
    }

    private mutating func leave(_ window: Int) {
        stages[window] = nil
        scheduler.release(window)
    }

    mutating func committingFailed(_ window: Int, _ error: any Error) {
        end(window, error)
    }
}

/// The error of a bug in this program: nothing is in progress, but windows are left.
struct RunStuck: Error, CustomStringConvertible {
    let window: String

    var description: String {
        "the run stopped making progress before window \(window). This is a bug: please report it, and run again to continue."
    }
}
