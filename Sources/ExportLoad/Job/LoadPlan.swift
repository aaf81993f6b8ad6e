import ExportCore
import ExportWarehouse

/// A window that a load writes into tables, or takes out of them.
struct PlannedWindow: Sendable {
    let key: LoadKey
    let work: Work

    enum Work: Sendable {
        /// Into the tables of these places. `covered`: older windows whose spans it covers.
        case load(Manifest, tables: [Int], covered: [String])
        case prune([Prune])
    }

    struct Prune: Sendable {
        let table: LoadTable
        let rows: Int
        /// Whether the table is no output any more.
        var isFormer = false
    }

    /// Older windows that it replaces.
    var covered: [String] {
        if case .load(_, _, let covered) = work { covered } else { [] }
    }

    /// The window of each of its tables, as it is when the work succeeds; or when it failed, with the reason.
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
    /// The window of each of its tables once it is loaded.
    /// - Parameter replaced: The characters that were replaced, table by table.
    func results(_ tables: [LoadTable], _ replaced: [Int]) -> [WindowResult] {
        zip(results(tables), replaced).map { result, count in
            var result = result
            result.replacedCharacters = count
            return result
        }
    }

    /// The window of each of its tables where another load came first.
    func unchanged(_ tables: [LoadTable]) -> [WindowResult] {
        results(tables).map { result in
            var result = result
            (result.state, result.reason) = (.unchanged, "another load has loaded it meanwhile.")
            return result
        }
    }
}

extension LoadJob {
    /// Compares what was committed with what the ledger says.
    /// - Parameter former: Tables of the warehouse that are no outputs any more.
    func plan(
        _ committed: [CommittedWindow], _ ledger: Ledger, _ unfinished: UnfinishedWindows = UnfinishedWindows(),
        former: [LoadTable] = []
    ) -> (settled: [WindowResult], windows: [PlannedWindow]) {
        var settled: [WindowResult] = []
        var windows: [PlannedWindow] = []
        let keys = Set(committed.map { Array($0.key.utf8) })
        for window in committed {
            guard let manifest = window.manifest else { continue }
            var places: [Int] = []
            for (place, table) in tables.enumerated() {
                func add(_ state: WindowResult.State, _ reason: String? = nil, isRetryable: Bool = false) {
                    let rows = manifest.files.first { $0.table == table.table.rawValue }?.rows ?? 0
                    settled.append(
                        WindowResult(
                            key: window.key, table: table.name, state: state, rows: rows, reason: reason, isRetryable: isRetryable))
                }
                if manifest.pipeline != pipeline {
                    add(.failed, "the window belongs to the pipeline “\(manifest.pipeline.shown())”.")
                } else if manifest.status == .unsettled, !options.allowsUnsettled {
                    add(.unsettled, "the window is not proved. Run the pipeline again, or load it as it is with --allow-unsettled.")
                } else if let fault = fault(of: table, in: manifest) {
                    add(.failed, unfinished.reasonForDamage(window.key) ?? fault, isRetryable: unfinished.isRunAtWork)
                } else if !options.isForced, isLoaded(manifest, table, ledger) {
                    add(.unchanged)
                } else {
                    places.append(place)
                }
            }
            guard !places.isEmpty else { continue }
            let covered = Set(
                ledger.rows.values.filter { row in
                    !keys.contains(Array(row.window.utf8)) && unfinished.left?.contains(Array(row.window.utf8)) != true
                        && Window.parts(ofKey: row.window).agent == Window.parts(ofKey: window.key).agent
                        && covers(manifest.window, row)
                }.map(\.window)
            ).sorted()
            windows.append(
                PlannedWindow(
                    key: LoadKey(pipeline: pipeline, window: window.key),
                    work: .load(manifest, tables: places, covered: covered)))
        }
        let covered = Set(windows.flatMap { $0.covered.map { Array($0.utf8) } })
        let prunable = tables.map { ($0, isFormer: false) } + former.map { ($0, isFormer: true) }
        let orphans = ledger.rows.values.filter { row in
            former.contains { $0.name.equalsExactly(row.table) }
                || !keys.contains(Array(row.window.utf8)) && !covered.contains(Array(row.window.utf8))
        }
        for (window, rows) in Dictionary(grouping: orphans, by: { Array($0.window.utf8) }).sorted(by: {
            $0.key.lexicographicallyPrecedes($1.key)
        }) {
            let window = String(decoding: window, as: UTF8.self)
            var prunes: [PlannedWindow.Prune] = []
            for (table, isFormer) in prunable {
                guard let row = rows.first(where: { $0.table.equalsExactly(table.name) }) else { continue }
                prunes.append(PlannedWindow.Prune(table: table, rows: row.rows, isFormer: isFormer))
            }
            if let reason = unfinished.reason(window) {
                // No orphan, as far as anybody can know.
                settled += prunes.filter { !$0.isFormer }.map { prune in
                    WindowResult(key: window, table: prune.table.name, state: .unchanged, rows: prune.rows, reason: reason)
                }
                prunes.removeAll { !$0.isFormer }
            }
            guard !prunes.isEmpty else { continue }
            if options.prunes {
                windows.append(PlannedWindow(key: LoadKey(pipeline: pipeline, window: window), work: .prune(prunes)))
            } else {
                settled += prunes.map { prune in
                    WindowResult(
                        key: window, table: prune.table.name, state: .orphaned, rows: prune.rows,
                        reason: prune.isFormer
                            ? "the pipeline no longer has this table. Remove its rows with --prune."
                            : "the destination no longer has the window. Remove its rows with --prune.")
                }
            }
        }
        return (settled, windows)
    }

    /// The file of a table in a window.
    func file(of table: LoadTable, in manifest: Manifest) -> Manifest.File? {
        // Manifests name files in the order of the outputs.
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
    /// `+00` of databases as `+00:00`.
    fileprivate var timeWithZone: String { endsExactly(with: "+00") ? self + ":00" : self }
}
