public import ExportAPI
public import ExportCore
import ExportFormats
public import ExportStore
import FoundationEssentials

/// Makes a destination equal to a declaration: fetches, proves, writes and commits the windows that are due.
///
/// A single task group holds all work in progress. The earliest windows get requests first, and at most `concurrency` requests are in
/// flight. Windows are written and committed in the order of time, whatever the order in which they were fetched.
public struct ExportRun: Sendable {
    var plan: ExportPlan
    let destination: any Destination
    let client: ServiceClient
    let identity: Identity
    /// Whether the output is a stream: one window after the other, with a single header, ending at the first failure.
    let isSequential: Bool
    let report: @Sendable (RunEvent) -> Void
    /// The slots that this run shares with runs of other keys. `nil` if there are no others.
    var sharedSlots: SharedSlots?
    /// Whether manifests record the new keys of their windows although the columns are not fixed.
    var notesKeys = false
    /// The source of the rows. `nil` if it was not determined.
    var source: Manifest.RowSource?
    /// The patching of windows in which only some rows differ. If `nil`, all windows are exported whole.
    var patching: WindowPatching?

    struct SharedSlots: Sendable {
        /// The number of the run.
        let number: Int
        let encoding: FairSemaphore
        /// The semaphore for commits, since a destination accepts one window at a time.
        let committing: FairSemaphore
    }

    /// The identity of the run in manifests.
    public struct Identity: Sendable {
        /// The identifier of the run.
        public let run: String
        /// The version of the program.
        public let version: String
        /// The fingerprint of the declaration.
        public let fingerprint: String

        /// Creates an identity.
        public init(run: String, version: String, fingerprint: String) {
            self.run = run
            self.version = version
            self.fingerprint = fingerprint
        }
    }

    /// Creates a run of a plan.
    public init(
        _ plan: ExportPlan, to destination: any Destination, from client: ServiceClient, as identity: Identity,
        isSequential: Bool = false, report: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.plan = plan
        self.destination = destination
        self.client = client
        self.identity = identity
        self.isSequential = isSequential
        self.report = report
    }

    /// Exports the windows that are not committed. Unless columns are given, they are added as they are discovered.
    ///
    /// A cancelled run reports what it did until then, with a `CancellationError` as its `stop`.
    /// - Parameter columns: Fixed columns for all windows, whatever keys they have.
    /// - Throws: `StoreError` if the destination cannot be read. All other errors are in the report.
    public func run(_ states: [WindowState], columns: ColumnCatalog? = nil) async throws -> RunReport {
        // Windows that could not be rendered are exported, too.
        let due = states.filter(\.isOutdated)
        report(.started(due: due.count, skipped: states.count - due.count))
        let stored = if let columns { columns } else { try await destination.columns() }
        let known = ColumnPlan(of: plan, stored, isFixed: columns != nil)
        var report = await export(due, columns: known, stored: stored)
        report.summary.windows = states.count
        report.summary.skipped = states.count - due.count
        report.summary.take(client.counts)
        return report
    }

    /// Exports one or more windows.
    /// - Parameters:
    ///   - columns: All known columns: those of `stored`, and possibly more.
    ///   - stored: The columns that the destination has.
    func export(_ due: [WindowState], columns: ColumnPlan, stored: ColumnCatalog) async -> RunReport {
        do {
            guard let reading = try await ServiceClock.reading(for: due.map(\.window), client, now: .now) else {
                return await exportAll(due, columns: columns, stored: stored)
            }
            if reading.isSkewed { report(.clockSkew(reading)) }
            let ended = ServiceClock.ended(due, by: reading, settle: plan.windowing.settle)
            return await exportAll(ended, columns: columns, stored: stored)
        } catch {
            return RunReport(summary: RunSummary(), failures: [], stop: error)
        }
    }

    private func exportAll(_ due: [WindowState], columns: ColumnPlan, stored: ColumnCatalog) async -> RunReport {
        var progress = RunProgress(
            plan: plan, due: due.map(\.window), rowsBefore: due.map(\.comparableRows), columns: columns, stored: stored,
            isSequential: isSequential, patched: patching.map { Set($0.patches.keys) } ?? [],
            makeSpool: { [destination, identity] in try destination.makeSpool(for: $0, fingerprint: identity.fingerprint) })
        if !due.isEmpty {
            // Files that cannot be removed now are removed by the next run.
            defer {
                for (window, keepsRows) in progress.unfinished { try? destination.discard(window, keepingRows: keepsRows) }
            }
            do {
                if !columns.isFixed { try await progress.columns.addNamedKeys(from: client) }
                // Colliding columns would otherwise make every window fail after it was fetched.
                try progress.columns.check()
                try await export(&progress)
            } catch {
                progress.stop = error
            }
        }
        var report = RunReport(
            summary: progress.summary, failures: progress.failures, stop: progress.stop, columnUse: progress.columnUse)
        let holdsRows = !plan.keepsRows && plan.outputs.contains(where: \.isKeptRows)
        if !progress.columns.isFixed {
            report.windowsToComplete = holdsRows ? progress.committedWindows : progress.windowsWithFewerColumns
        }
        return report
    }

    /// An event that a task of the group returns.
    private enum Event: Sendable {
        case prepared(window: Int, Result<PreparedPatch?, any Error>)
        case page(window: Int, WalkRequest, Result<(value: FetchedPage, requests: Int), any Error>)
        case encoded(window: Int, Result<WrittenWindow, any Error>)
        case committed(window: Int, Result<Manifest, any Error>)
    }

    private func export(_ progress: inout RunProgress) async throws {
        let reader = PageReader(filters: plan.filters, detail: plan.source.detail, discoveries: progress.columns.discoveries)
        let (due, coverage, summed) = (progress.due, DigestCoverage.kept(of: plan), CountPredicate.summed(by: plan))
        let encoders = isSequential ? 1 : ProcessInfo.processInfo.activeProcessorCount
        try await withThrowingTaskGroup(of: Event.self) { group in
            while progress.stop == nil {
                while let patching, let window = progress.nextToPrepare(limit: encoders) {
                    let discoveries = progress.columns.discoveries
                    group.addTask {
                        .prepared(
                            window: window,
                            await outcome {
                                try await patching.prepare(
                                    due[window], fingerprint: identity.fingerprint, discoveries: discoveries)
                            })
                    }
                }
                // A window whose spool cannot be used is fetched from the beginning.
                let spooled = { try? destination.spooled($0, fingerprint: identity.fingerprint) }
                while let (window, request) = progress.nextRequest(resuming: spooled) {
                    group.addTask { .page(window: window, request, await fetch(request, of: due[window].range, reader)) }
                }
                while let next = progress.nextToEncode(limit: encoders) {
                    let encoder = WindowEncoder(
                        outputs: plan.outputs, rowEncoders: next.encoders,
                        hasHeader: isSequential ? progress.takesHeader(next) : true, destination: destination,
                        digests: isSequential ? nil : coverage, sums: isSequential ? nil : summed)
                    let (window, walked, isAnew) = (next.window, next.walked, next.isAnew)
                    group.addTask {
                        .encoded(
                            window: window,
                            await outcome {
                                if isAnew { try destination.discard(walked.window, keepingRows: true) }
                                return try await inTurn({ $0.encoding }) { try await encoder.encode(walked) }
                            })
                    }
                }
                if let next = progress.nextToCommit() {
                    let manifest = try manifest(
                        of: next.encoded, brings: (progress.columns.isFixed || notesKeys) && !progress.columns.discoveries.isEmpty)
                    group.addTask {
                        .committed(
                            window: next.window,
                            await outcome {
                                try await inTurn({ $0.committing }) {
                                    var columns = next.hasNewColumns ? next.encoded.columns : nil
                                    // With shared runs, manifests record what has to be completed.
                                    if !notesKeys { columns = columns?.awaitingCompletion(of: identity.run) }
                                    try await destination.commit(manifest, columns: columns, keeping: [])
                                }
                                return manifest
                            })
                    }
                }
                progress.takeEvents().forEach(report)
                report(.progressed(progress.snapshot))
                guard let event = try await group.next() else { return try progress.checkIsDone() }
                guard !Task.isCancelled else {
                    // A cancelled request has not failed.
                    progress.stop = CancellationError()
                    takeCommit(event, &progress)
                    break
                }
                take(event, &progress)
            }
            group.cancelAll()
            // A commit in progress is not interrupted, and counts.
            while let event = await group.nextResult() {
                if case .success(let event) = event { takeCommit(event, &progress) }
            }
            progress.takeEvents().forEach(report)
        }
    }

    private func inTurn<Value: Sendable>(
        _ slots: (SharedSlots) -> FairSemaphore, _ body: () async throws -> Value
    ) async throws -> Value {
        guard let sharedSlots else { return try await body() }
        return try await slots(sharedSlots).withPermit(of: sharedSlots.number, body)
    }

    private func fetch(
        _ request: WalkRequest, of window: TimeRange, _ reader: PageReader
    ) async -> Result<(value: FetchedPage, requests: Int), any Error> {
        await outcome {
            let list = ServiceRequest(list: request.query, filters: plan.filters, detail: plan.source.detail)
            do {
                return try await client.get(list) { try reader.read($0, to: request.query, for: window) }
            } catch ServiceError.pageOutOfRange {
                return (FetchedPage.outOfRange, 1)
            } catch ServiceError.requestRefused where request.query.isUnpaginated {
                return (FetchedPage.noList, 1)
            }
        }
    }

    /// Takes only the result of a commit. A cancelled commit has not failed.
    private func takeCommit(_ event: Event, _ progress: inout RunProgress) {
        switch event {
        case .committed(_, .failure(let error)) where error is CancellationError: break
        case .committed: take(event, &progress)
        case .page, .encoded, .prepared: break
        }
    }

    private func take(_ event: Event, _ progress: inout RunProgress) {
        switch event {
        case .prepared(let window, .success(let patch)):
            progress.prepared(window, patch)
        case .prepared(let window, .failure(let error)):
            progress.preparingFailed(window, error)
        case .page(let window, let request, .success(let page)):
            progress.receive(page.value, requests: page.requests, for: request, of: window)
        case .page(let window, let request, .failure(let error)):
            progress.requestFailed(request, of: window, error)
        case .encoded(let window, .success(let written)):
            progress.encoded(window, written)
        case .encoded(let window, .failure(let error)):
            progress.encodingFailed(window, error)
        case .committed(let window, .failure(let error)):
            progress.committingFailed(window, error)
        case .committed(let window, .success(let manifest)):
            progress.committed(window, manifest)
        }
    }

    private func manifest(of encoded: EncodedWindow, brings: Bool) throws -> Manifest {
        let (walked, columns) = (encoded.walked, encoded.columns)
        // If the service's clock was not known in time, the window may not have ended yet.
        let hasEnded = client.clockReading.map { walked.window.range.end <= $0.service.advanced(by: .zero - plan.windowing.settle) }
        let isWhole = walked.outcome.isProved && hasEnded ?? true
        var manifest = Manifest(
            pipeline: plan.pipeline, fingerprint: identity.fingerprint, status: isWhole ? .proved : .unsettled,
            window: Manifest.Span(walked.window),
            query: plan.query,
            proof: walked.outcome.proof, requests: walked.requests, run: identity.run, committedAt: .now, version: identity.version,
            discoveredColumns: columns.columns.count,
            newKeys: brings ? Manifest.NewKeys(columns: try columns.digest, keys: walked.keys) : nil,
            digests: encoded.written.digests, sums: encoded.written.sums, files: encoded.written.files)
        manifest.fingerprints = try plan.fingerprints
        manifest.source = source
        if let patch = walked.patch {
            manifest.patch = patch.record(walked.outcome)
            manifest.exportedAt = patch.exportedAt
        }
        return manifest
    }
}

/// The error of a stream that ends at a window that failed, since later rows after it would hide the gap.
public struct SequenceBroken: Error, Sendable, CustomStringConvertible {
    /// The window that failed, and why.
    public let failure: WindowFailure

    public var description: String { "the stream ends before window \(failure.window): \(failure.reason)" }
}

/// Runs `body`, and returns its result or error.
private func outcome<Value>(_ body: () async throws -> Value) async -> Result<Value, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}
