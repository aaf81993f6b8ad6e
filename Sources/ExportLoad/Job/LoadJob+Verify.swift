import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

/// A difference between a warehouse and the destination.
package struct LoadProblem: Sendable, Hashable {
    /// The window's key.
    package let window: String
    /// The table's name in the warehouse.
    package let table: String
    /// The kind of difference.
    package let fault: Fault

    /// A kind of difference.
    package enum Fault: Sendable, Hashable {
        case notLoaded
        case otherExport
        /// The ledger's entry was changed.
        case damagedEntry
        case notProved
        case unreadableManifest
        case rows(Int, expected: Int)
        case ids(Int, expected: Int)
        case digests
        case cells
        case noColumn(String)
        case orphaned(rows: Int)
        /// Of a table that is no output any more.
        case formerTable(rows: Int)
        /// Rows of a window that no load has written, and the statement that removes them.
        case stray(rows: Int, removal: String)
        /// A crashed run left an unfinished commit.
        case unfinished
        /// Compared rows whose value in a column differs from the files.
        case otherCells(column: String, rows: Int)
        case missingRows(Int)
        case unreadableFile(String)
    }
}

/// The coverage of a comparison of a warehouse with its destination.
package struct LoadVerification: Sendable, Hashable {
    /// Windows that were compared, each in all of its tables.
    package var windows = 0
    /// Rows of these windows.
    package var rows = 0
    /// Rows that were compared with the files, cell by cell.
    package var comparedRows = 0
}

extension LoadJob {
    /// Compares the tables with the destination, by the warehouse's own count of their rows.
    /// - Parameters:
    ///   - cells: The number of rows to compare with the files, cell by cell.
    ///   - report: Called with each difference.
    /// - Throws: `LoadError`, `StoreError`, `CancellationError`. `StoreError.locked` while a run writes to the destination.
    package func verify(cells: Int = 0, _ report: (LoadProblem) -> Void) async throws -> LoadVerification {
        try await destination.checkIsIdle()
        let (windows, unfinished) = try await committedWindows()
        let result = try await verify(windows, unfinished, cells: cells, report)
        // What a run that began meanwhile has written differs from what was read before.
        try await destination.checkIsIdle()
        return result
    }

    private func verify(
        _ windows: [CommittedWindow], _ unfinished: UnfinishedWindows, cells: Int, _ report: (LoadProblem) -> Void
    ) async throws -> LoadVerification {
        try await client.withSession { session in
            let warehouse = try await Warehouse(target, pipeline, tables, &session)
            let ledger = try await warehouse.ledger(&session, whole: true)
            var result = LoadVerification()
            result.windows = windows.count
            if cells > 0 { try await warehouse.stage(&session) }
            for (place, table) in tables.enumerated() {
                var intact: [Manifest] = []
                let (held, strays) = try await tallies(of: table, ledger, warehouse, &session)
                for window in windows {
                    let fault = try self.fault(of: window, table, ledger, held)
                    if let fault {
                        report(LoadProblem(window: window.key, table: table.name, fault: fault))
                    } else if let manifest = window.manifest {
                        intact.append(manifest)
                    }
                    result.rows += held[Ledger.Key(window.key, table.name)]?.tally.rows ?? 0
                }
                let keys = Set(windows.map { Array($0.key.utf8) })
                for (place, held) in held.sorted(by: { $0.key.window.lexicographicallyPrecedes($1.key.window) })
                where !keys.contains(place.window) && held.tally.rows > 0 {
                    let window = String(decoding: place.window, as: UTF8.self)
                    let fault: LoadProblem.Fault =
                        if ledger.rows[place] == nil {
                            stray(LoadKey(pipeline: pipeline, window: window), held.tally.rows, in: table, warehouse)
                        } else if unfinished.reason(window) == nil {
                            .orphaned(rows: held.tally.rows)
                        } else {
                            .unfinished
                        }
                    report(LoadProblem(window: window, table: table.name, fault: fault))
                }
                for (key, rows) in strays {
                    report(LoadProblem(window: key.window, table: table.name, fault: stray(key, rows, in: table, warehouse)))
                }
                if cells > 0, warehouse.has(table.columns.map(\.name), in: table) {
                    result.comparedRows += try await compare(
                        cells, of: intact, in: table, at: place, warehouse, &session, report)
                }
            }
            let former = ledger.rows.values.filter { row in warehouse.former.contains { $0.name.equalsExactly(row.table) } }
            for row in former.sorted(by: { ($0.table, $0.window) < ($1.table, $1.window) }) {
                report(LoadProblem(window: row.window, table: row.table, fault: .formerTable(rows: row.rows)))
            }
            for table in warehouse.former {
                for line in try await session.run([warehouse.questions.rowCounts(of: pipeline, in: table.name)]) {
                    let answer = try Answer(line)
                    let key = LoadKey(pipeline: pipeline, agent: try answer.text(0), window: try answer.text(1))
                    guard !key.isConsistent || ledger[key.window, table.name] == nil else { continue }
                    let fault = stray(key, try answer.number(2), in: table, warehouse)
                    report(LoadProblem(window: key.window, table: table.name, fault: fault))
                }
            }
            return result
        }
    }

    private func stray(_ key: LoadKey, _ rows: Int, in table: LoadTable, _ warehouse: Warehouse) -> LoadProblem.Fault {
        .stray(rows: rows, removal: warehouse.questions.removal(ofStrays: key, from: table))
    }

    /// The content of a table for a window, and the names of the columns that the hash covers.
    private struct Held {
        let tally: TableTally
        let columns: [String]
    }

    /// Queries the table once for each list of hashed columns, since older windows may lack newer columns.
    /// - Returns: The content of the table, and the rows of each agent that is not that of its window.
    private func tallies(
        of table: LoadTable, _ ledger: Ledger, _ warehouse: Warehouse, _ session: inout any ClientSession
    ) async throws -> (held: [Ledger.Key: Held], strays: [(key: LoadKey, rows: Int)]) {
        guard !warehouse.lacks(table) else { return ([:], []) }
        // Columns that were discovered since the last load do not exist yet.
        let today = table.hashedColumns.filter { warehouse.has([$0], in: table) }
        var lists: Set<[String]> = [today]
        for row in ledger.rows.values where row.table.utf8.elementsEqual(table.name.utf8) {
            if let columns = row.proof?.columns, warehouse.has(columns, in: table) { lists.insert(columns) }
        }
        var held: [Ledger.Key: Held] = [:]
        var strays: [LoadKey: Int] = [:]
        for columns in lists {
            let statement = warehouse.questions.tallies(of: pipeline, in: table.name, id: table.id?.name, columns: columns)
            for line in try await session.run([statement]) {
                let answer = try Answer(line)
                let key = LoadKey(pipeline: pipeline, agent: try answer.text(0), window: try answer.text(1))
                guard key.isConsistent else {
                    strays[key] = try answer.number(2)
                    continue
                }
                let place = Ledger.Key(key.window, table.name)
                // The hash covers the columns that the ledger lists.
                let isAsked = ledger.rows[place]?.proof?.columns == columns
                if isAsked || held[place] == nil {
                    held[place] = Held(tally: try TableTally(answer, from: 2), columns: columns)
                }
            }
        }
        return (held, strays.map { ($0.key, $0.value) }.sorted { ($0.0.window, $0.0.agent) < ($1.0.window, $1.0.agent) })
    }

    private func fault(
        of window: CommittedWindow, _ table: LoadTable, _ ledger: Ledger, _ held: [Ledger.Key: Held]
    ) throws -> LoadProblem.Fault? {
        guard let manifest = window.manifest, let file = file(of: table, in: manifest) else { return .unreadableManifest }
        guard let row = ledger[window.key, table.name] else { return manifest.status == .unsettled ? .notProved : .notLoaded }
        guard let proof = row.proof else { return .damagedEntry }
        guard isLoaded(manifest, table, ledger) else { return .otherExport }
        let place = Ledger.Key(window.key, table.name)
        let tally = held[place]?.tally ?? TableTally.empty(hasIDs: table.id != nil)
        guard tally.rows == file.rows else { return .rows(tally.rows, expected: file.rows) }
        let ids = table.table == .conversations ? manifest.proof.distinctIDs : file.rows
        if let found = tally.distinctIDs, found != ids { return .ids(found, expected: ids) }
        guard tally.digestSum.equalsExactly(proof.tally.digestSum) else { return .digests }
        if tally.rows > 0, let columns = held[place]?.columns, columns != proof.columns {
            let names = Set(columns.map { Array($0.utf8) })
            return .noColumn(proof.columns.first { !names.contains(Array($0.utf8)) } ?? "")
        }
        return tally.hash.equalsExactly(proof.tally.hash) ? nil : .cells
    }

    /// Feeds rows of the files into the temporary table, and lets the warehouse compare them with its own.
    /// - Returns: The number of compared rows.
    private func compare(
        _ count: Int, of manifests: [Manifest], in table: LoadTable, at place: Int, _ warehouse: Warehouse,
        _ session: inout any ClientSession, _ report: (LoadProblem) -> Void
    ) async throws -> Int {
        guard table.id != nil else { return 0 }
        let total = manifests.map { file(of: table, in: $0)?.rows ?? 0 }.reduce(0, +)
        guard total > 0 else { return 0 }
        // Evenly spread over all rows, beginning with a random one.
        let step = max(1, total / count)
        var (passed, next, compared) = (0, Int.random(in: 0..<step), 0)
        for manifest in manifests {
            guard let file = file(of: table, in: manifest) else { continue }
            defer { passed += file.rows }
            var chosen: Set<Int> = []
            while next < passed + file.rows, compared + chosen.count < count {
                chosen.insert(next - passed)
                next += step
            }
            guard !chosen.isEmpty else { continue }
            let key = LoadKey(pipeline: pipeline, window: manifest.window.key)
            func add(_ fault: LoadProblem.Fault) {
                report(LoadProblem(window: key.window, table: table.name, fault: fault))
            }
            do {
                let columns = try table.columns.of(file: file.path, named: file.columns)
                let rows = FileRows(file, columns: columns, choosing: chosen)
                let numbers =
                    switch warehouse.questions.replacing {
                    case .transactions(let statements):
                        try await self.compared(rows, of: key, in: table, at: place, statements, &session)
                    case .versions(let statements):
                        try await self.compared(rows, of: key, in: table, statements, warehouse, &session)
                    }
                compared += chosen.count
                if numbers[0] < chosen.count { add(.missingRows(chosen.count - numbers[0])) }
                for (column, differing) in zip(table.columns, numbers.dropFirst()) where differing > 0 {
                    add(.otherCells(column: column.name, rows: differing))
                }
            } catch let fault as FileFault {
                add(.unreadableFile("\(fault)"))
            }
        }
        return compared
    }

    /// Compares rows of a file with those of the warehouse, by way of the temporary table.
    /// - Returns: The rows found, then how many differ, column by column.
    private func compared(
        _ rows: FileRows, of key: LoadKey, in table: LoadTable, at place: Int, _ statements: TransactionStatements,
        _ session: inout any ClientSession
    ) async throws -> [Int] {
        _ = try await RowFeed(target.system, statements, temporaryFolder: temporaryFolder).feed(
            [(place, rows)], from: destination, &session)
        let answer = try await answer(to: statements.comparison(of: key, in: table, with: place), &session)
        return try (0...table.columns.count).map { try answer.number($0) }
    }
}

extension LoadProblem.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notLoaded: "not loaded yet: run load"
        case .otherExport: "loaded from an earlier export of the window: run load"
        case .damagedEntry: "its entry in _agentsight_loads has been changed: load the window again with --force"
        case .notProved: "not proved, and not loaded"
        case .unreadableManifest: "the manifest cannot be read, or does not have the table"
        case .rows(let rows, let expected): "\(rows) rows, but the manifest says \(expected)"
        case .ids(let ids, let expected): "\(ids) distinct ids, but the manifest says \(expected)"
        case .digests: "other rows than were loaded: the sum of _row_digest differs"
        case .cells: "cells have been changed since the load: the hash over all columns differs"
        case .noColumn(let column): "the column \(column.shown()), which was loaded, is gone"
        case .orphaned(let rows): "\(rows) rows of a window that the destination does not have: remove them with load --prune"
        case .formerTable(let rows): "\(rows) rows in a table that the pipeline no longer has: remove them with load --prune"
        case .stray(let rows, let removal):
            """
            \(rows) rows that no load has written: they were changed or copied by hand, and load does not touch them. To remove them: \
            \(removal)
            """
        case .unfinished: "a run ended before it had finished the window: run the pipeline, which finishes it"
        case .otherCells(let column, let rows): "the column \(column.shown()) differs from the file in \(rows) of the compared rows"
        case .missingRows(let rows): "\(rows) of the compared rows of the file are not in the table"
        case .unreadableFile(let reason): reason
        }
    }
}
