package import ExportCore
package import ExportFormats
package import ExportStore
package import ExportWarehouse

/// A load: makes the tables of a warehouse equal to the committed windows of a destination.
///
/// ```swift
/// let job = try LoadJob(of: plan, in: destination, into: target, layouts: layouts)
/// let report = try await job.run()
/// ```
package struct LoadJob: Sendable {
    let pipeline: String
    let tables: [LoadTable]
    let target: LoadTarget
    let options: LoadOptions
    let run: String
    let destination: any ReadableDestination
    let temporaryFolder: String
    let client: WarehouseClient

    /// - Parameters:
    ///   - layouts: Of the plan's outputs; nil for rows as they came.
    ///   - run: What the ledger calls this load.
    ///   - temporaryFolder: Where rows are put for a client that takes files.
    /// - Throws: `SchemaError`.
    package init(
        of plan: ExportPlan, layouts: [TableLayout?], in destination: any ReadableDestination, into target: LoadTarget,
        options: LoadOptions = LoadOptions(), run: String, temporaryFolder: String
    ) throws(SchemaError) {
        pipeline = plan.pipeline
        tables = try LoadTable.tables(of: plan, layouts: layouts, for: target.system, prefix: target.prefix)
        self.target = target
        self.options = options
        self.run = run
        self.temporaryFolder = temporaryFolder
        self.destination = destination
        client = WarehouseClient(system: target.system, command: target.client)
    }

    /// Loads the windows that differ.
    /// - Parameter report: Called with each window of each table once it is seen to.
    /// - Throws: `LoadError` where nothing was loaded, `StoreError`, `CancellationError`.
    package func load(_ report: (WindowResult) -> Void = { _ in }) async throws -> LoadReport {
        let windows = try await committedWindows()
        var result = LoadReport()
        func add(_ window: WindowResult) {
            result.windows.append(window)
            report(window)
        }
        for window in windows where window.manifest == nil {
            for table in tables {
                add(
                    WindowResult(
                        key: window.key, table: table.name, state: .failed, rows: 0,
                        reason: "the manifest cannot be read or has been changed. Run the pipeline, which exports the window again."
                    ))
            }
        }
        var left: [PlannedWindow]?
        var failures: [Bool] = []
        var isCleared = false
        // A refused statement ends the client: the windows behind it get another.
        while left?.isEmpty != true {
            var current: PlannedWindow?
            do {
                try await client.withSession { session in
                    var warehouse = try await Warehouse(target, pipeline, tables, &session)
                    if left == nil {
                        if !options.isDryRun { try await warehouse.define(&session) }
                        let plan = self.plan(windows, try await warehouse.ledger(&session))
                        plan.settled.forEach(add)
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
                        if outcome.contains(where: { $0.state == .failed }) { failures.append(false) }
                        left?.removeFirst()
                        current = nil
                    }
                }
            } catch let error as LoadError {
                guard let failed = current else {
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

/// A window of the destination. Without a manifest where that cannot be read.
struct CommittedWindow: Sendable {
    let key: String
    let manifest: Manifest?
}

extension LoadJob {
    /// The windows of the destination, in the order in which they were committed.
    func committedWindows() async throws -> [CommittedWindow] {
        var windows: [CommittedWindow] = []
        for key in try await destination.windowKeys() {
            windows.append(CommittedWindow(key: key, manifest: try await destination.manifest(ofWindow: key)))
        }
        func time(_ window: CommittedWindow) -> Instant { window.manifest?.committedAt ?? Instant(seconds: 0) }
        return windows.enumerated().sorted { (time($0.element), $0.offset) < (time($1.element), $1.offset) }.map(\.element)
    }
}
