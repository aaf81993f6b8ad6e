import ExportCore
import ExportWarehouse

/// A window that a load writes to tables, or removes from them.
struct PlannedWindow: Sendable {
    let key: LoadKey
    let work: Work

    enum Work: Sendable {
        /// Write it to the tables with these indices. `covered`: older windows whose spans it covers.
        case load(Manifest, tables: [Int], covered: [String])
        case prune([Prune])
    }

    struct Prune: Sendable {
        let table: LoadTable
        let rows: Int
        /// Whether the table is no longer an output.
        var isFormer = false
    }

    /// Older windows that it replaces.
    var covered: [String] {
        if case .load(_, _, let covered) = work { covered } else { [] }
    }

    /// The result for each of its tables after the work has succeeded or, with the reason, failed.
    func results(_ tables: [LoadTable], failed reason: String? = nil, isRetryable: Bool = false) -> [WindowResult] {
        switch work {
        case .load(let manifest, let places, _):
            places.map { place in
                WindowResult(
                    key: key.window, table: tables[place].name, state: reason == nil ? .loaded : .failed,
                    rows: manifest.files.first { $0.table == tables[place].table.rawValue }?.rows ?? 0, reason: reason,
                    isRetryable: isRetryable)
            }
        case .prune(let prunes):
            prunes.map { prune in
                WindowResult(
                    key: key.window, table: prune.table.name, state: reason == nil ? .pruned : .failed, rows: prune.rows,
                    reason: reason, isRetryable: isRetryable)
            }
        }
    }
}

extension PlannedWindow {
    /// The result for each of its tables after it was loaded.
    /// - Parameter replaced: The number of replaced characters, table by table.
    func results(_ tables: [LoadTable], _ replaced: [Int]) -> [WindowResult] {
        zip(results(tables), replaced).map { result, count in
            var result = result
            result.replacedCharacters = count
            return result
        }
    }

    /// The result for each of its tables if another load was faster.
    func unchanged(_ tables: [LoadTable]) -> [WindowResult] {
        results(tables).map { result in
            var result = result
            (result.state, result.reason) = (.unchanged, "another load has loaded it meanwhile.")
            return result
        }
    }
}

extension LoadJob {
    /// Compares the committed windows with the ledger.
    /// - Parameter former: Tables of the warehouse that are no longer outputs.
    func plan(
        _ committed: [CommittedWindow], _ ledger: Ledger, _ unfinished: UnfinishedWindows = UnfinishedWindows(),
        former: [LoadTable] = []
    ) -> (settled: [WindowResult], windows: [PlannedWindow]) {
        var settled: [WindowResult] = []
        var windows: [PlannedWindow] = []
        let keys = Set(committed.map { Array($0.key.utf8) })
        // Windows with an unfinished commit are not gone.
        let there = keys.union(unfinished.left ?? [])
        for window in committed {
            guard let manifest = window.manifest else { continue }
            let (results, due) = compare(window.key, manifest, ledger, unfinished)
            settled += results
            guard !due.isEmpty else { continue }
            let covered = windowsCovered(by: manifest, key: window.key, ledger, there: there)
            windows.append(
                PlannedWindow(
                    key: LoadKey(pipeline: pipeline, window: window.key), work: .load(manifest, tables: due, covered: covered)))
        }
        let replaced = keys.union(windows.flatMap { $0.covered.map { Array($0.utf8) } })
        for (window, prunes) in orphans(in: ledger, beside: replaced, former: former) {
            let (results, due) = settle(window, prunes, unfinished)
            settled += results
            guard !due.isEmpty else { continue }
            windows.append(PlannedWindow(key: LoadKey(pipeline: pipeline, window: window), work: .prune(due)))
        }
        return (settled, windows)
    }

    /// Compares a committed window with its ledger entries.
    /// - Returns: The tables that need no work or cannot be loaded, and the indices of those that are due.
    private func compare(
        _ key: String, _ manifest: Manifest, _ ledger: Ledger, _ unfinished: UnfinishedWindows
    ) -> (settled: [WindowResult], due: [Int]) {
        var (settled, due): ([WindowResult], [Int]) = ([], [])
        for (place, table) in tables.enumerated() {
            func add(_ state: WindowResult.State, _ reason: String? = nil, isRetryable: Bool = false) {
                let rows = manifest.files.first { $0.table == table.table.rawValue }?.rows ?? 0
                settled.append(
                    WindowResult(key: key, table: table.name, state: state, rows: rows, reason: reason, isRetryable: isRetryable))
            }
            if manifest.pipeline != pipeline {
                add(.failed, "the window belongs to the pipeline “\(manifest.pipeline.shown())”.")
            } else if manifest.status == .unsettled, !options.allowsUnsettled {
                add(.unsettled, "the window is not proved. Run the pipeline again, or load it as it is with --allow-unsettled.")
            } else if let fault = fault(of: table, in: manifest) {
                add(.failed, unfinished.reasonForDamage(key) ?? fault, isRetryable: unfinished.isRunAtWork)
            } else if !options.isForced, isLoaded(manifest, table, ledger) {
                add(.unchanged)
            } else {
                due.append(place)
            }
        }
        return (settled, due)
    }

    /// Windows of the ledger that are gone and whose spans a window covers.
    /// - Parameter there: The keys of windows that are not gone.
    private func windowsCovered(by manifest: Manifest, key: String, _ ledger: Ledger, there: Set<[UInt8]>) -> [String] {
        let agent = Window.parts(ofKey: key).agent
        let covered = ledger.rows.values.filter { row in
            !there.contains(Array(row.window.utf8)) && Window.parts(ofKey: row.window).agent == agent
                && covers(manifest.window, row)
        }
        return Set(covered.map(\.window)).sorted()
    }

    /// Windows of the ledger that are not in the destination, and those of tables that are no longer outputs, by their keys.
    /// - Parameter replaced: The keys of windows that exist, or that others cover.
    private func orphans(
        in ledger: Ledger, beside replaced: Set<[UInt8]>, former: [LoadTable]
    ) -> [(window: String, prunes: [PlannedWindow.Prune])] {
        let prunable = tables.map { ($0, isFormer: false) } + former.map { ($0, isFormer: true) }
        let rows = ledger.rows.values.filter { row in
            former.contains { $0.name.equalsExactly(row.table) } || !replaced.contains(Array(row.window.utf8))
        }
        return Dictionary(grouping: rows) { Array($0.window.utf8) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            window, rows in
            let prunes = prunable.compactMap { table, isFormer in
                rows.first { $0.table.equalsExactly(table.name) }.map {
                    PlannedWindow.Prune(table: table, rows: $0.rows, isFormer: isFormer)
                }
            }
            return (String(decoding: window, as: UTF8.self), prunes)
        }
    }

    /// Decides which tables of an orphaned window are left alone, and which are pruned.
    private func settle(
        _ window: String, _ prunes: [PlannedWindow.Prune], _ unfinished: UnfinishedWindows
    ) -> (settled: [WindowResult], due: [PlannedWindow.Prune]) {
        var (settled, due): ([WindowResult], [PlannedWindow.Prune]) = ([], [])
        for prune in prunes {
            func add(_ state: WindowResult.State, _ reason: String) {
                settled.append(WindowResult(key: window, table: prune.table.name, state: state, rows: prune.rows, reason: reason))
            }
            if !prune.isFormer, let reason = unfinished.reason(window) {
                // The window may not be an orphan.
                add(.unchanged, reason)
            } else if options.prunes {
                due.append(prune)
            } else if prune.isFormer {
                add(.orphaned, "the pipeline no longer has this table. Remove its rows with --prune.")
            } else {
                add(.orphaned, "the destination no longer has the window. Remove its rows with --prune.")
            }
        }
        return (settled, due)
    }

    /// The file of a table in a window.
    func file(of table: LoadTable, in manifest: Manifest) -> Manifest.File? {
        // Manifests list files in the order of the outputs.
        guard manifest.files.indices.contains(table.output), manifest.files[table.output].table == table.table.rawValue else {
            return nil
        }
        return manifest.files[table.output]
    }

    private func fault(of table: LoadTable, in manifest: Manifest) -> String? {
        guard let file = file(of: table, in: manifest) else { return "\(SchemaError.otherOutputs(window: manifest.window.key))" }
        guard let format = Output.Format(rawValue: file.format) else { return "\(SchemaError.columnsUnknown(path: file.path))" }
        if !format.traits.keepsRows, file.columns == nil { return "\(SchemaError.columnsUnknown(path: file.path))" }
        do { _ = try table.columns.of(file: file.path, named: file.columns) } catch { return "\(error)" }
        return nil
    }

    func isLoaded(_ manifest: Manifest, _ table: LoadTable, _ ledger: Ledger) -> Bool {
        guard let file = file(of: table, in: manifest), let row = ledger[manifest.window.key, table.name] else { return false }
        return row.content == file.contentSHA256 && row.rows == file.rows
            && Instant(iso8601: row.end.replacingExactly(" ", with: "T").timeWithZone) == manifest.window.end
    }

    private func covers(_ span: Manifest.Span, _ row: Ledger.Row) -> Bool {
        guard let end = Instant(iso8601: row.end.replacingExactly(" ", with: "T").timeWithZone), end <= span.end else {
            return false
        }
        guard let start = span.start else { return true }
        guard let rowStart = row.start.flatMap({ Instant(iso8601: $0.replacingExactly(" ", with: "T").timeWithZone) }) else {
            return false
        }
        return rowStart >= start
    }
}

extension String {
    /// The time with the offset `+00` of databases replaced by `+00:00`.
    fileprivate var timeWithZone: String { endsExactly(with: "+00") ? self + ":00" : self }
}
