import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

/// Loads into a system without transactions: rows are inserted under a new number, which becomes the current one at the end.
extension LoadJob {
    func load(
        _ window: PlannedWindow, _ manifest: Manifest, _ places: [Int], _ covered: [String],
        _ statements: VersionStatements, _ warehouse: Warehouse, _ session: inout any ClientSession
    ) async throws -> [WindowResult] {
        let files = Dictionary(
            uniqueKeysWithValues: places.compactMap { place in file(of: tables[place], in: manifest).map { (place, $0) } })
        let known = try await session.run([warehouse.questions.ledgerRows(of: window.key), statements.time])
        let ledger = try Ledger(known.dropLast())
        if try await isLoadedMeanwhile(window, manifest, places, ledger) { return window.unchanged(tables) }
        let time = try Answer(known.last ?? "").text(0)
        let number = Int64.random(in: 1 ... .max)
        var fed: [(table: LoadTable, rows: FileRows)] = []
        do {
            for (place, file) in files.sorted(by: { $0.key < $1.key }) {
                let table = tables[place]
                var rows = try rows(of: file, table)
                let input = try await rows.open(in: destination)
                let statement = statements.insertion(
                    of: window.key, covering: covered, into: table, warehouse.typed(rows.columns, in: table), as: number, at: time)
                try await session.feed(statement) { write in
                    try await rows.read(from: input, CopyText.append, write: write)
                }
                try check(rows)
                fed.append((table, rows))
            }
            let tallies = try await session.run(fed.map { statements.tally(of: window.key, as: number, in: $0.table) })
            guard tallies.count == fed.count else { throw LoadError.unreadableAnswer }
            let entries = try zip(fed, tallies).map { fed, line in
                let tally = try TableTally(Answer(line))
                try tally.check(fed.rows, in: fed.table, manifest)
                return (table: fed.table, entry: entry(of: window.key, manifest, fed.table, fed.rows, tally))
            }
            // A run may have written the window while it was fed.
            guard try await destination.manifest(ofWindow: window.key.window) == manifest else { throw WindowFault.writtenAnew }
            try await session.run(statements.record(entries, covering: covered, as: number, at: time))
        } catch let error where error is WindowFault || error is FileFault || error is StoreError {
            // These rows are not visible. If this fails too, a load on another day removes them.
            _ = try? await session.run(files.keys.map { statements.removal(ofNumbers: [number], from: tables[$0]) })
            throw error
        }
        return window.results(tables, fed.map(\.rows.replacedCharacters))
    }

    func prune(
        _ window: PlannedWindow, _ prunes: [PlannedWindow.Prune], _ statements: VersionStatements,
        _ session: inout any ClientSession
    ) async throws -> [WindowResult] {
        if let results = try await unprunable(window, prunes) { return results }
        let time = try await answer(to: statements.time, &session).text(0)
        let number = Int64.random(in: 1 ... .max)
        try await session.run(statements.removal(of: window.key, from: prunes.map(\.table), as: number, at: time))
        return window.results(tables)
    }

    /// Removes rows that are no longer visible to readers.
    func clear(_ warehouse: Warehouse, _ session: inout any ClientSession) async throws {
        guard case .versions(let statements) = warehouse.questions.replacing else { return }
        var numbers: [[UInt8]: [Int64]] = [:]
        let tables = self.tables + warehouse.former
        for line in try await session.run(tables.map { statements.superseded(in: $0) }) {
            let answer = try Answer(line)
            guard let number = Int64(try answer.text(1)) else { throw LoadError.unreadableAnswer }
            numbers[Array(try answer.text(0).utf8), default: []].append(number)
        }
        for table in tables {
            let found = numbers[Array(table.name.utf8)] ?? []
            for start in stride(from: 0, to: found.count, by: 1000) {
                let some = Array(found[start..<min(start + 1000, found.count)])
                try await session.run([statements.removal(ofNumbers: some, from: table)])
            }
        }
    }

    /// Compares rows of a file with those of the warehouse.
    /// - Returns: The rows found, then how many differ, column by column.
    func compared(
        _ fed: FileRows, of key: LoadKey, in table: LoadTable, _ statements: VersionStatements, _ warehouse: Warehouse,
        _ session: inout any ClientSession
    ) async throws -> [Int] {
        var rows = fed
        let columns = warehouse.typed(rows.columns, in: table)
        var sums = [Int](repeating: 0, count: 1 + table.columns.count)
        var asking = session
        try await rows.read(from: try await rows.open(in: destination), CopyText.append) { block in
            let statement = statements.comparison(of: key, in: table, columns, with: String(decoding: block, as: UTF8.self))
            let answer = try Answer(try await asking.run([statement]).first ?? "")
            for index in sums.indices { sums[index] += try answer.number(index) }
        }
        session = asking
        return sums
    }
}
