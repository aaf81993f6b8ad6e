import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

extension LoadJob {
    /// Loads or removes a window: whole or not at all.
    /// - Throws: `LoadError`, `ClientEnded` if the client ended.
    func load(_ window: PlannedWindow, into warehouse: Warehouse, _ session: inout any ClientSession) async throws -> [WindowResult]
    {
        switch (window.work, warehouse.questions.replacing) {
        case (.prune(let prunes), .transactions(let statements)): return try await prune(window, prunes, statements, &session)
        case (.prune(let prunes), .versions(let statements)): return try await prune(window, prunes, statements, &session)
        case (.load(let manifest, let places, let covered), let replacing):
            do {
                switch replacing {
                case .transactions(let statements):
                    return try await load(window, manifest, places, covered, statements, &session)
                case .versions(let statements):
                    return try await load(window, manifest, places, covered, statements, warehouse, &session)
                }
            } catch WindowFault.writtenAnew {
                return await failed(window, manifest, "\(WindowFault.writtenAnew)", isRetryable: true)
            } catch let fault as WindowFault {
                return window.results(tables, failed: "\(fault)")
            } catch let fault as FileFault {
                return await failed(window, manifest, "\(fault)")
            } catch let error as StoreError {
                return await failed(window, manifest, "\(error)")
            }
        }
    }

    /// The fault of a window whose files could not be read: it is damaged, or a run is writing it.
    private func failed(
        _ window: PlannedWindow, _ manifest: Manifest, _ reason: String, isRetryable: Bool = false
    ) async -> [WindowResult] {
        let key = window.key.window
        var unfinished = UnfinishedWindows()
        // If the destination cannot be read again, the original fault is reported.
        try? await unfinished.look(at: destination)
        if let unfinishedReason = unfinished.reasonForDamage(key) {
            return window.results(tables, failed: unfinishedReason, isRetryable: unfinished.isRunAtWork)
        }
        if let current = try? await destination.manifest(ofWindow: key), current != manifest {
            return window.results(tables, failed: "\(WindowFault.writtenAnew)", isRetryable: true)
        }
        return window.results(tables, failed: reason, isRetryable: isRetryable)
    }

    private func load(
        _ window: PlannedWindow, _ manifest: Manifest, _ places: [Int], _ covered: [String],
        _ statements: TransactionStatements, _ session: inout any ClientSession
    ) async throws -> [WindowResult] {
        let files = try places.compactMap { place in
            try file(of: tables[place], in: manifest).map { (place: place, rows: try rows(of: $0, tables[place])) }
        }
        let fed = try await RowFeed(target.system, statements, temporaryFolder: temporaryFolder).feed(
            files, from: destination, &session)
        for place in places { if let rows = fed[place] { try check(rows) } }
        try await session.run(statements.begin)
        let time = try await answer(to: statements.questions.time, &session).text(0)
        do {
            let known = try await session.run([statements.questions.ledgerRows(of: window.key)])
            if try await isLoadedMeanwhile(window, manifest, places, Ledger(known)) {
                try await session.run([statements.rollback])
                return window.unchanged(tables)
            }
            for place in places {
                guard let rows = fed[place] else { continue }
                let table = tables[place]
                try await session.run(
                    statements.replacement(of: window.key, covering: covered, in: table, from: place, at: time))
                let tally = try TableTally(await answer(to: statements.questions.tally(of: window.key, in: table), &session))
                try tally.check(rows, in: table, manifest)
                let entry = entry(of: window.key, manifest, table, rows, tally)
                try await session.run(statements.record(entry, covering: covered, table: table, at: time))
            }
        } catch let error where error is WindowFault || error is StoreError {
            try await session.run([statements.rollback])
            throw error
        }
        try await session.run([statements.commit])
        return window.results(tables, places.map { fed[$0]?.replacedCharacters ?? 0 })
    }

    /// The expected ledger entry of a window.
    func entry(
        of key: LoadKey, _ manifest: Manifest, _ table: LoadTable, _ rows: FileRows, _ tally: TableTally
    ) -> LedgerEntry {
        LedgerEntry(
            key: key, start: manifest.window.start.map { "\($0)" }, end: "\(manifest.window.end)",
            content: rows.file.contentSHA256, rows: rows.rows, distinctIDs: tally.distinctIDs, digestSum: tally.digestSum,
            hash: tally.hash, columns: LedgerEntry.json(table.hashedColumns), replacedCharacters: rows.replacedCharacters,
            run: manifest.run)
    }

    /// The rows of a file of a table.
    /// - Throws: `WindowFault.schema`.
    func rows(of file: Manifest.File, _ table: LoadTable) throws(WindowFault) -> FileRows {
        do { return FileRows(file, columns: try table.columns.of(file: file.path, named: file.columns)) } catch {
            throw .schema(error)
        }
    }

    /// Checks for replaced characters.
    /// - Throws: `WindowFault.unloadable` if characters were replaced although none may be.
    func check(_ rows: FileRows) throws(WindowFault) {
        guard options.refusesUnloadable, rows.replacedCharacters > 0 else { return }
        throw .unloadable(rows.replacedCharacters, path: rows.file.path)
    }

    /// The only line of an answer.
    func answer(to statement: String, _ session: inout any ClientSession) async throws -> Answer {
        try Answer(try await session.run([statement]).first ?? "")
    }

    /// Whether another load was faster. Checked while no other load can commit, so that an older export never replaces a newer one.
    /// - Parameter ledger: The ledger's entries of the window.
    /// - Throws: `WindowFault.writtenAnew` if the destination no longer has this export; `StoreError`.
    func isLoadedMeanwhile(
        _ window: PlannedWindow, _ manifest: Manifest, _ places: [Int], _ ledger: Ledger
    ) async throws -> Bool {
        let current = try await destination.manifest(ofWindow: window.key.window)
        let isCurrent = current == manifest
        if let current, !(isCurrent && options.isForced), places.allSatisfy({ isLoaded(current, tables[$0], ledger) }) {
            return true
        }
        guard isCurrent else { throw WindowFault.writtenAnew }
        return false
    }

    private func prune(
        _ window: PlannedWindow, _ prunes: [PlannedWindow.Prune], _ statements: TransactionStatements,
        _ session: inout any ClientSession
    ) async throws -> [WindowResult] {
        try await session.run(statements.begin)
        let time = try await answer(to: statements.questions.time, &session).text(0)
        if let results = try await unprunable(window, prunes) {
            try await session.run([statements.rollback])
            return results
        }
        for prune in prunes {
            try await session.run(statements.removal(of: window.key, from: prune.table, at: time))
        }
        try await session.run([statements.commit])
        return window.results(tables)
    }

    /// The results of a window that is, or may be, in the destination again. `nil` if it is still gone.
    func unprunable(_ window: PlannedWindow, _ prunes: [PlannedWindow.Prune]) async throws -> [WindowResult]? {
        guard prunes.contains(where: { !$0.isFormer }) else { return nil }
        do {
            guard try await destination.manifest(ofWindow: window.key.window) != nil else { return nil }
            return window.results(tables, failed: "\(WindowFault.writtenAnew)", isRetryable: true)
        } catch let error as StoreError {
            return window.results(tables, failed: "\(error)")
        }
    }
}

/// The content of a table for a window, as the warehouse counts it.
struct TableTally: Hashable {
    let rows: Int
    /// The number of distinct ids. `nil` if the table has no column of ids.
    let distinctIDs: Int?
    let digestSum: String
    let hash: String

    /// - Parameter first: The place of the number of rows.
    init(_ answer: Answer, from first: Int = 0) throws {
        rows = try answer.number(first)
        distinctIDs = try? answer.number(first + 1)
        digestSum = try answer.text(first + 2)
        hash = try answer.text(first + 3)
    }

    /// The tally of a window without rows.
    static func empty(hasIDs: Bool) -> TableTally {
        TableTally(rows: 0, distinctIDs: hasIDs ? 0 : nil, digestSum: "0", hash: "0")
    }

    private init(rows: Int, distinctIDs: Int?, digestSum: String, hash: String) {
        self.rows = rows
        self.distinctIDs = distinctIDs
        self.digestSum = digestSum
        self.hash = hash
    }

    /// Checks the content of a table.
    /// - Throws: `WindowFault` if it differs from the rows that were fed, or from the manifest.
    func check(_ fed: FileRows, in table: LoadTable, _ manifest: Manifest) throws(WindowFault) {
        guard rows == fed.file.rows else { throw .rows(table.name, found: rows, expected: fed.file.rows) }
        if let distinctIDs {
            let expected = table.table == .conversations ? manifest.proof.distinctIDs : rows
            guard distinctIDs == expected else { throw .ids(table.name, found: distinctIDs, expected: expected) }
        }
        guard digestSum.equalsExactly("\(fed.digestSum)") else { throw .digests(table.name) }
    }
}

/// Why a window was rolled back.
enum WindowFault: Error, Hashable {
    case rows(String, found: Int, expected: Int)
    case ids(String, found: Int, expected: Int)
    case digests(String)
    case unloadable(Int, path: String)
    case schema(SchemaError)
    case writtenAnew
}

extension WindowFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .rows(let table, let found, let expected):
            "\(table) would have \(found) rows of the window, but the manifest says \(expected). The window is as it was before."
        case .ids(let table, let found, let expected):
            "\(table) would have \(found) distinct ids of the window, but \(expected) were proved. The window is as it was before."
        case .digests(let table):
            "\(table) would not have the rows of the file: the sum of their digests differs. The window is as it was before."
        case .unloadable(let count, let path):
            """
            \(path) has \(count) character\(count == 1 ? "" : "s") that the warehouse cannot store. Load it with --unloadable replace, which \
            writes U+FFFD in their place.
            """
        case .schema(let error): "\(error)"
        case .writtenAnew: "the window was exported again or removed meanwhile: load again."
        }
    }
}
