import ExportAPI
public import ExportCore
import ExportFormats
public import ExportStore

/// Runs an export by itself: makes a destination equal to a plan, and records what it did.
///
/// Each window is looked at once. Where one is to be exported, the service is opened, the share is locked, and the windows that were not
/// committed are looked at again: another run may have committed them. Nothing is asked of the service, and no key is needed, where
/// nothing is to be exported.
///
/// ```swift
/// let job = ExportJob(
///     plan, as: try .init(of: plan, version: "1.0", at: .now), from: service, exitCode: { $0.isInterrupted ? 130 : 0 })
/// let result = await job.run(in: FolderDestination(path: "out"), holder: "process 7 on worker-1")
/// ```
public struct ExportJob: Sendable {
    let plan: ExportPlan
    let identity: ExportRun.Identity
    let service: any ServiceAccess
    /// Whether a destination of the same pipeline under another name is taken over.
    private let adopts: Bool
    private let startedAt: Instant
    private let now: @Sendable () -> Instant
    private let exitCode: @Sendable (RunReport) -> Int
    private(set) var report: @Sendable (RunEvent) -> Void
    /// The patches that looks found, by the keys of their windows.
    private var patches: [String: WindowPatch] = [:]
    /// Whose rows each key gives, once that was asked.
    private var knownSources: [Result<Manifest.RowSource, any Error>]?

    /// - Parameters:
    ///   - adopts: Whether a destination that the pipeline has written under another name is taken over.
    ///   - now: The time, for the record.
    ///   - exitCode: With what the process ends after a run that came to this, for the record.
    ///   - report: Takes what the run tells while it is under way.
    public init(
        _ plan: ExportPlan, as identity: ExportRun.Identity, from service: any ServiceAccess, adopts: Bool = false,
        now: @escaping @Sendable () -> Instant = { .now }, exitCode: @escaping @Sendable (RunReport) -> Int,
        report: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.plan = plan
        self.identity = identity
        self.service = service
        self.adopts = adopts
        self.now = now
        startedAt = now()
        self.exitCode = exitCode
        self.report = report
    }

    /// Exports the windows of a share that are not committed.
    ///
    /// Where its task is cancelled, a commit that is under way comes to its end, and the result tells what was done until then.
    /// - Parameter holder: What other runs are told of the one that holds the destination, beside the run's name.
    public func run(in destination: any PersistentDestination, share: Share = .whole, holder: String) async -> JobResult {
        let holder = "\(holder), run \(identity.run)"
        do {
            let windows = plan.narrowed(to: share).windows
            if adopts { try await adopt(destination, windows, share, holder) }
            var states = try await WindowLook(of: plan, in: destination).states(of: windows)
            // A window whose commit was decided is not missing.
            if await destination.completeCommits(share) {
                states = try await WindowLook(of: plan, in: destination).states(of: windows)
            }
            // With several keys, by several runs, or what these have left to it.
            let isUnderWay = try await SharedRun.isUnderWay(states, in: destination)
            let isShared = isUnderWay || share != .whole || plan.agents.count > 1
            var result: JobResult
            let looks = try await dueLooks(share, states, in: destination)
            if !looks.isEmpty || states.contains(where: { $0.need == .export }) {
                result = try await exportedFromService(
                    states, looks, share, to: destination, isShared: isShared, holder: holder)
            } else if states.contains(where: { $0.need == .render }) {
                do {
                    result = try await export(states, [], share, to: destination, from: nil, isShared: isShared, holder: holder)
                } catch let needed as ServiceNeeded {
                    result = try await exportedFromService(
                        states, [], share, to: destination, after: needed.done, isShared: isShared, holder: holder)
                }
            } else if !isShared, try await !unfinishedWindows(states, in: destination).isEmpty {
                result = try await export(states, [], share, to: destination, from: nil, isShared: false, holder: holder)
            } else {
                await destination.cleanUp(share)
                result = idle(states)
            }
            if isShared, result.failure == nil, result.report?.allowsCompletion(of: share) ?? true {
                do { try await completeColumns(in: destination, states, share, holder) } catch {
                    let end = ended(by: error, after: result.report)
                    (result.record, result.failure) = (end.record, end.failure)
                    if result.report != nil { await keep(&result, in: destination, share, holder) }
                }
            }
            return result
        } catch {
            return ended(by: error)
        }
    }

    /// Takes the destination over. Where the service will be asked, a key that is missing, refused or another agent's changes nothing.
    private func adopt(
        _ destination: any PersistentDestination, _ windows: [Window], _ share: Share, _ holder: String
    ) async throws {
        _ = try await destination.check(every: plan.windowing.every)
        let states = try await WindowLook(of: plan, in: destination).states(of: windows, adopting: true)
        let looks = try await dueLooks(share, states, in: destination, adopting: true)
        if !looks.isEmpty || states.contains(where: { $0.need == .export }) {
            try await service.withClients(of: plan) { try await KeyCheck.run(plan, in: destination, from: $0) }
        }
        let taken = try await Adoption(plan: plan, destination: destination).run(holder: holder)
        report(.adopted(windows: taken))
    }

    /// The result of a job that ended before it began.
    public func ended(by error: any Error) -> JobResult { ended(by: error, after: nil) }

    private func ended(by error: any Error, after report: RunReport?) -> JobResult {
        // A cancelled operation may fail with another error.
        let error = Task.isCancelled ? CancellationError() : error
        var whole = report ?? RunReport(summary: RunSummary(), failures: [], stop: nil)
        whole.stop = error
        return JobResult(record: record(of: whole), report: report, failure: error)
    }

    private func idle(_ states: [WindowState]) -> JobResult {
        var report = RunReport(summary: RunSummary(), failures: [], stop: nil)
        (report.summary.windows, report.summary.skipped) = (states.count, states.count)
        return JobResult(record: record(of: report))
    }

    /// Without a key nothing is begun.
    private func exportedFromService(
        _ states: [WindowState], _ looks: [WindowState], _ share: Share, to destination: any PersistentDestination,
        after done: RenderingRun.Outcome? = nil, isShared: Bool, holder: String
    ) async throws -> JobResult {
        try await service.withClients(of: plan) { clients in
            try await ExtraCheck.run(plan, from: clients)
            return try await export(
                states, looks, share, to: destination, from: clients, after: done, isShared: isShared, holder: holder)
        }
    }

    /// - Parameters:
    ///   - known: How the windows of the share stood at the first look.
    ///   - looks: Windows that are compared with the service first.
    ///   - clients: Nil where nothing is to be asked of the service.
    ///   - before: What the job has rendered already.
    private func export(
        _ known: [WindowState], _ looks: [WindowState], _ share: Share, to destination: any PersistentDestination,
        from clients: [ServiceClient]?, after before: RenderingRun.Outcome? = nil, isShared: Bool, holder: String
    ) async throws -> JobResult {
        let declaration = LockDeclaration(pipeline: plan.pipeline, every: plan.windowing.every)
        return try await destination.withLock(holder: holder, share: share, for: declaration) {
            let limits = LimitMemory(
                destination: destination, clients: clients ?? [], share: share, run: identity.run, now: now, report: self.report)
            var result: JobResult
            var report: RunReport?
            if clients != nil { try await limits.recall() }
            do {
                let done = try await refreshed(known, looks, in: destination, from: clients) { job in
                    try await job.exported(
                        known, share, to: destination, from: clients, after: before, isShared: isShared, reportSoFar: &report)
                }
                report = done
                result = JobResult(record: record(of: done), report: done)
                if done.isComplete { try destination.removeSpools(of: share) }
            } catch let error where (error is StoreError || report != nil) && (error as? StoreError)?.isOfOtherDeclaration != true {
                // Windows may be committed: the record says so, whatever ended the run.
                result = ended(by: error, after: report)
            }
            // The limits that an interrupted run found are valid for the next one, too.
            if result.failure == nil { await limits.keep() }
            // The windows are committed all the same.
            do { try await destination.record(result.record) } catch { result.unwritten = error }
            return result
        }
    }

    /// The windows that a run looks at. One of several looks for all: what it finds of the others' windows is due for them.
    private func dueLooks(
        _ share: Share, _ states: [WindowState], in destination: any PersistentDestination, adopting: Bool = false
    ) async throws -> [WindowState] {
        // All windows or none: a look at counts may include the windows in between.
        func looks(_ states: [WindowState]) -> [WindowState] { states.contains { $0.look != nil } ? states : [] }
        // Differences that an earlier run or another shard found may be old: these windows are looked at again before they are patched.
        let own = states.map { state in
            var state = state
            state.look = state.look ?? state.patchLook
            return state
        }
        switch share {
        case .whole, .units: return looks(own)
        case .shard(0, _) where !plan.windowing.refresh.isEmpty:
            let all = try await WindowLook(of: plan, in: destination).states(adopting: adopting)
            let others = all.filter { !share.covers($0.window.key) }.map { state in
                var state = state
                // Its shard renders it from the stored rows, and looks at it later: a difference found before that would seem to be exported.
                if state.need == .render { state.look = nil }
                return state
            }
            return looks((own + others).sorted { $0.window.range.end < $1.window.range.end })
        case .shard: return looks(own.filter { $0.patchLook != nil })
        }
    }

    /// Compares windows with the service, and exports. A look that fails keeps nothing from being exported.
    private func refreshed(
        _ known: [WindowState], _ looks: [WindowState], in destination: any PersistentDestination, from clients: [ServiceClient]?,
        _ export: (ExportJob) async throws -> RunReport
    ) async throws -> RunReport {
        guard let clients else { return try await export(self) }
        let committed = CommittedWindows()
        var job = self
        job.report = { [report] in
            committed.take($0)
            report($0)
        }
        let refresh = Refresh(plan: plan, destination: destination, clients: clients, run: identity.run, now: now, report: report)
        // Nothing is compared with another agent's rows.
        if !looks.isEmpty { job.knownSources = try await sources(clients, looks, in: destination) }
        let looked = Set(looks.map(\.window.key))
        // Some windows are exported for what another run has found.
        var found = try await refresh.withoutLooks(at: known.filter { !looked.contains($0.window.key) })
        if !looks.isEmpty {
            let open = found.open
            found = try await refresh.look(at: looks)
            found.open.merge(open) { found, _ in found }
        }
        if found.failures.values.contains(where: { $0 is CancellationError }) { throw CancellationError() }
        job.patches = found.differing.compactMapValues(\.patch)
        var done = try await export(job)
        if !looks.isEmpty {
            (done.summary.looked, done.summary.differing) = (found.looked.values.reduce(0, +), found.differing.count)
            done.summary.looks = Dictionary(uniqueKeysWithValues: found.looked.map { ($0.key.rawValue, $0.value) })
        }
        done.add(failuresOfLooks: found.failures)
        try await refresh.settle(committed.all, found, asks: done.stop == nil)
        return done
    }

    /// Writes the record once more, over the one that says that all went well.
    private func keep(
        _ result: inout JobResult, in destination: any PersistentDestination, _ share: Share, _ holder: String
    ) async {
        do {
            let record = result.record
            try await destination.withLock(holder: holder, share: share) { try await destination.record(record) }
        } catch {
            result.unwritten = error
        }
    }

    /// - Parameter reportSoFar: Set once windows were committed, should what follows fail.
    private func exported(
        _ known: [WindowState], _ share: Share, to destination: any PersistentDestination, from clients: [ServiceClient]?,
        after before: RenderingRun.Outcome?, isShared: Bool, reportSoFar: inout RunReport?
    ) async throws -> RunReport {
        // With the places of rows that are kept, for good or until the columns are known.
        let windows = plan.keepingRows.narrowed(to: share).windows
        // Shared runs look again by themselves, once their columns are settled.
        let looksAgain = !isShared || known.contains { $0.need == .render }
        var states =
            looksAgain ? try await WindowLook(of: plan, in: destination).states(of: windows, known: known) : known
        let sources = if let knownSources { knownSources } else { try await sources(clients ?? [], states, in: destination) }
        var rendered = try await render(states, in: destination, isShared: isShared)
        for index in states.indices where rendered.rendered.contains(states[index].window.key) { states[index].state = .committed }
        if let before { rendered.add(before) }
        let unfinished = isShared ? [] : try await unfinishedWindows(states, in: destination)
        var done: RunReport
        if let clients, isShared {
            done = try await SharedRun(
                share, of: plan, to: destination, from: clients, of: sources, as: identity, patches: patches, report: report
            ).run(states)
        } else if let clients {
            var run = ExportRun(plan.keepingRows, to: destination, from: clients[0], as: identity, report: report)
            run.patching = WindowPatching(plan: plan, destination: destination, patches: patches)
            switch sources[0] {
            case .success(let source):
                run.source = source
                done = try await run.run(states)
            case .failure(let error):
                done = RunReport(summary: RunSummary(), failures: [], stop: error)
                (done.summary.windows, done.summary.skipped) = (states.count, states.count { $0.need == .nothing })
                done.summary.take(clients[0].counts)
            }
        } else {
            guard states.allSatisfy({ $0.need == .nothing }) else { throw ServiceNeeded(done: rendered) }
            done = RunReport(summary: RunSummary(), failures: [], stop: nil)
            (done.summary.windows, done.summary.skipped) = (states.count, states.count)
        }
        done.add(rendered)
        reportSoFar = done
        if !isShared {
            done.windowsToComplete.formUnion(unfinished)
            try await complete(&done, in: destination)
        }
        done.summary.add(tableRows: plan.noRows)
        return done
    }

    /// Whose rows each key gives, or what kept the service from saying it.
    /// - Throws: `StoreError` where one of them belongs to another agent than the windows that stand there.
    private func sources(
        _ clients: [ServiceClient], _ states: [WindowState], in destination: any PersistentDestination
    ) async throws -> [Result<Manifest.RowSource, any Error>] {
        let check = AgentCheck(destination: destination, report: report)
        var sources: [Result<Manifest.RowSource, any Error>] = []
        for ((agent, part), client) in zip(plan.parts, clients) {
            let own = states.filter { $0.window.agent == agent?.name }
            do {
                sources.append(.success(try await check.source(of: client, agent, part, own)))
            } catch let error as ServiceError {
                sources.append(.failure(error))
            }
        }
        return sources
    }

    /// Writes windows anew from the rows that stand there.
    private func render(
        _ states: [WindowState], in destination: any PersistentDestination, isShared: Bool
    ) async throws -> RenderingRun.Outcome {
        let keys = Set(states.lazy.filter { $0.need == .render }.map(\.window.key))
        guard !keys.isEmpty else { return .init() }
        report(.rendering(windows: keys.count))
        return try await RenderingRun(
            isShared ? .outputsOfShared : .outputs, of: plan, in: destination, as: identity, report: report
        ).run(keys)
    }

    /// The windows of interrupted runs, which were to have the columns that these discovered: this run goes on with them as with its own.
    private func unfinishedWindows(
        _ states: [WindowState], in destination: any PersistentDestination
    ) async throws -> Set<String> {
        guard plan.discoversColumns, let runs = try await destination.columns().incompleteRuns else { return [] }
        let left = states.filter { state in
            state.need == .nothing && state.run.map { run in runs.contains { $0.equalsExactly(run) } } == true
        }
        return Set(left.map(\.window.key))
    }

    /// Gives the windows that a run wrote the columns that it discovered after them.
    private func complete(_ done: inout RunReport, in destination: any PersistentDestination) async throws {
        guard plan.discoversColumns, !done.isInterrupted, !(done.stop is StoreError) else { return }
        if !done.windowsToComplete.isEmpty {
            let outcome = try await RenderingRun(.columns, of: plan, in: destination, as: identity, report: report)
                .run(done.windowsToComplete)
            done.summary.bytes += outcome.summary.bytes
            done.failures += outcome.failures
            // The next run goes on with them.
            guard outcome.failures.isEmpty else { return }
        }
        let columns = try await destination.columns()
        if columns.incompleteRuns != nil { try await destination.store(columns.completed) }
    }

    /// Gives the windows of a destination that several runs shared their columns, once all of them stand.
    /// - Parameter known: How the windows of the share stood at the first look.
    private func completeColumns(
        in destination: any PersistentDestination, _ known: [WindowState], _ share: Share, _ holder: String
    ) async throws {
        let completion = try ColumnCompletion(of: plan, in: destination, needsAll: share != .whole)
        // One that died at it may have left a window half-way.
        var isDue = try await destination.lockHolders().contains { $0.holdsAll && !$0.isActive }
        if !isDue { isDue = try await completion.isDue(known: known) }
        guard isDue else { return }
        _ = try await destination.withExclusiveLock(holder: holder) {
            guard try await completion.isDue() else { return }
            report(.completingColumns)
            try await completion.run()
        }
    }

    private func record(of report: RunReport) -> RunRecord {
        var record = RunRecord(
            run: identity.run, pipeline: plan.pipeline, version: identity.version, startedAt: startedAt, endedAt: now(),
            exitCode: exitCode(report), summary: report.summary)
        record.summary.add(tableRows: plan.noRows)
        record.reason = report.reason
        if !report.agents.isEmpty {
            record.agents = report.agents.map {
                RunRecord.Agent(
                    name: $0.name, exitCode: exitCode($0.report), reason: $0.report.reason, summary: $0.report.summary)
            }
        }
        return record
    }
}

extension RunReport {
    /// Whether columns are completed after it. Other runs may bring what failed in a part; what failed in the whole is left out.
    fileprivate func allowsCompletion(of share: Share) -> Bool { share == .whole ? !isInterrupted : isComplete }
}

extension ExportPlan {
    /// No row of each table that is to be written: a figure that is missing fires no alarm.
    var noRows: [String: Int] { Dictionary(outputs.map { ($0.table.rawValue, 0) }) { first, _ in first } }
}

/// Windows that were to be rendered have to be exported, and the service was not opened.
private struct ServiceNeeded: Error {
    /// The outcome of the rendering before.
    let done: RenderingRun.Outcome
}

extension RunReport {
    /// An agent whose windows were not all looked at is not complete.
    fileprivate mutating func add(failuresOfLooks failures: [String?: any Error]) {
        for (agent, error) in failures {
            if let place = agents.firstIndex(where: { $0.name == agent }) {
                agents[place].report.stop = agents[place].report.stop ?? error
            } else {
                stop = stop ?? error
            }
        }
    }
}

extension RunReport {
    /// Adds windows that were rendered, which the run itself has left alone.
    fileprivate mutating func add(_ rendered: RenderingRun.Outcome) {
        summary.addWindows(of: rendered.summary)
        summary.skipped -= rendered.summary.committed
        columnUse.add(rendered.columnUse)
    }
}

extension RenderingRun.Outcome {
    fileprivate mutating func add(_ other: RenderingRun.Outcome) {
        summary.addWindows(of: other.summary)
        columnUse.add(other.columnUse)
    }
}
