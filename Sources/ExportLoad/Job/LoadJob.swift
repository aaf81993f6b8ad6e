package import ExportCore
package import ExportFormats
package import ExportStore
package import ExportWarehouse

/// A load: makes the tables of a warehouse equal to the committed windows of a destination.
///
/// ```swift
/// let job = try LoadJob(of: plan, layouts: layouts, in: destination, into: target, temporaryFolder: "/tmp")
/// let report = try await job.load()
/// ```
package struct LoadJob: Sendable {
    let pipeline: String
    let tables: [LoadTable]
    let target: LoadTarget
    let options: LoadOptions
    let destination: any ReadableDestination
    let temporaryFolder: String
    let client: WarehouseClient

    /// Creates a load.
    /// - Parameters:
    ///   - layouts: The layouts of the plan's outputs, with `nil` for unchanged rows.
    ///   - temporaryFolder: The folder for rows of a client that reads files.
    /// - Throws: `SchemaError`.
    package init(
        of plan: ExportPlan, layouts: [TableLayout?], in destination: any ReadableDestination, into target: LoadTarget,
        options: LoadOptions = LoadOptions(), temporaryFolder: String
    ) throws(SchemaError) {
        pipeline = plan.pipeline
        tables = try LoadTable.tables(of: plan, layouts: layouts, for: target.system, prefix: target.prefix)
        self.target = target
        self.options = options
        self.temporaryFolder = temporaryFolder
        self.destination = destination
        client = WarehouseClient(system: target.system, command: target.client)
    }

    /// How often tables are looked at anew because another load has changed them.
    private static let mostRounds = 10

    /// Loads the windows that differ.
    /// - Parameter report: Called with each window of each table when it is done.
    /// - Throws: `LoadError` if nothing was loaded, `StoreError`, `CancellationError`.
    package func load(_ report: (WindowResult) -> Void = { _ in }) async throws -> LoadReport {
        let (windows, unfinished) = try await committedWindows()
        if options.prunes, unfinished.isRunAtWork {
            throw LoadError.runAtWork(destination: destination.name, holder: unfinished.holder)
        }
        if !options.isDryRun, target.system == .duckdb { RowFile.removeLeftovers(in: temporaryFolder) }
        var result = LoadReport()
        var failures: [Bool] = []
        func add(_ window: WindowResult) {
            result.windows.append(window)
            report(window)
        }
        for window in windows where window.manifest == nil {
            failures.append(unfinished.isRunAtWork)
            for table in tables {
                add(
                    WindowResult(
                        key: window.key, table: table.name, state: .failed, rows: 0,
                        reason: unfinished.reasonForDamage(window.key)
                            ?? "the manifest cannot be read or has been changed. Run the pipeline, which exports the window again.",
                        isRetryable: unfinished.isRunAtWork))
            }
        }
        var left: [PlannedWindow]?
        var isCleared = false
        // A refused statement ends the client, so later windows get a new one.
        while left?.isEmpty != true {
            var current: PlannedWindow?
            do {
                try await client.withSession { session in
                    var warehouse = try await Warehouse(target, pipeline, tables, &session)
                    if left == nil {
                        var rounds = 0
                        while !options.isDryRun, try await !warehouse.define(&session) {
                            rounds += 1
                            guard rounds < Self.mostRounds else { throw LoadError.unavailable("others keep changing its tables.") }
                            warehouse = try await Warehouse(target, pipeline, tables, &session)
                        }
                        var ledger = try await warehouse.ledger(&session, whole: options.isDryRun)
                        // Otherwise the ledger has been told so where tables were made and extended.
                        if options.isDryRun { ledger.reset(where: warehouse.reloads) }
                        let plan = self.plan(windows, ledger, unfinished, former: warehouse.former)
                        plan.settled.forEach(add)
                        failures += plan.settled.filter { $0.state == .failed }.map(\.isRetryable)
                        if options.isDryRun {
                            for window in plan.windows { window.results(self.tables).forEach(add) }
                            left = []
                        } else {
                            left = plan.windows
                        }
                    }
                    if left?.isEmpty == false { try await warehouse.stage(&session) }
                    if !isCleared, !options.isDryRun { try await clear(warehouse, &session) }
                    isCleared = true
                    while let next = left?.first {
                        current = next
                        let outcome = try await load(next, into: warehouse, &session)
                        outcome.forEach(add)
                        failures += outcome.filter { $0.state == .failed }.map(\.isRetryable)
                        left?.removeFirst()
                        current = nil
                    }
                }
            } catch let error as LoadError {
                guard let failed = current, !error.concernsEveryWindow else {
                    // If the load has begun, its results are reported.
                    guard left != nil else { throw error }
                    for window in left ?? [] { window.results(tables, failed: "\(error)").forEach(add) }
                    failures.append(error.isRetryable)
                    result.stop = error
                    break
                }
                var named = error
                if case .statement(let statement) = error {
                    named = .statement(statement.naming(tables.flatMap { $0.columns.map(\.name) }))
                }
                failed.results(tables, failed: "\(named)").forEach(add)
                failures.append(error.isRetryable)
                left?.removeFirst()
            }
        }
        result.isRetryable = !failures.isEmpty && failures.allSatisfy(\.self)
        return result.ordered()
    }
}

extension LoadReport {
    fileprivate func ordered() -> LoadReport {
        var report = self
        report.windows = windows.enumerated().sorted {
            $0.element.key.utf8.elementsEqual($1.element.key.utf8)
                ? $0.offset < $1.offset : $0.element.key.utf8.lexicographicallyPrecedes($1.element.key.utf8)
        }.map(\.element)
        return report
    }
}

/// A window of the destination, without its manifest if that cannot be read.
struct CommittedWindow: Sendable {
    let key: String
    let manifest: Manifest?
}

extension LoadJob {
    /// The windows of the destination in the order of their commits, and the unfinished ones.
    func committedWindows() async throws -> (windows: [CommittedWindow], unfinished: UnfinishedWindows) {
        var unfinished = UnfinishedWindows()
        var windows: [CommittedWindow] = []
        var known: Set<[UInt8]> = []
        // A run that begins or ends in between is noticed by one of the checks, or its windows exist at the second.
        for _ in 0..<2 {
            try await unfinished.look(at: destination)
            for index in windows.indices where windows[index].manifest == nil {
                let key = windows[index].key
                windows[index] = CommittedWindow(key: key, manifest: try await destination.manifest(ofWindow: key))
            }
            for key in try await destination.windowKeys() where known.insert(Array(key.utf8)).inserted {
                windows.append(CommittedWindow(key: key, manifest: try await destination.manifest(ofWindow: key)))
            }
        }
        func time(_ window: CommittedWindow) -> Instant { window.manifest?.committedAt ?? Instant(seconds: 0) }
        let inOrder = windows.enumerated().sorted { (time($0.element), $0.offset) < (time($1.element), $1.offset) }
        return (inOrder.map(\.element), unfinished)
    }
}
