import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

extension LoadJob {
    /// Loads or removes a window: whole or not at all.
    /// - Throws: `LoadError`, `ClientEnded` where the client ended.
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
            } catch let fault as WindowFault {
                return window.results(tables, failed: "\(fault)")
            } catch let fault as FileFault {
                return await failed(window, manifest, "\(fault)")
            } catch let error as StoreError {
                return await failed(window, manifest, "\(error)")
            }
        }
    }

    /// A window whose files could not be read: damaged, or one that a run is writing.
    private func failed(_ window: PlannedWindow, _ manifest: Manifest, _ reason: String) async -> [WindowResult] {
        let key = window.key.window
        var unfinished = UnfinishedWindows()
        // A destination that cannot be looked at tells nothing new: the fault itself is told then.
        try? await unfinished.look(at: destination)
        if let unfinishedReason = unfinished.reasonForDamage(key) {
            return window.results(tables, failed: unfinishedReason, isRetryable: unfinished.isRunAtWork)
        }
        if let current = try? await destination.manifest(ofWindow: key), current != manifest {
            return window.results(tables, failed: "a run has written the window anew meanwhile: load again.", isRetryable: true)
        }
        return window.results(tables, failed: reason)
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
        let known = try await session.run([statements.questions.ledgerContent(of: window.key)])
        if !options.isForced, try isLoaded(fed.mapValues(\.file), known) {
            try await session.run([statements.rollback])
            return window.unchanged(tables)
        }
        do {
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
        } catch let fault as WindowFault {
            try await session.run([statements.rollback])
            throw fault
        }
        try await session.run([statements.commit])
        return window.results(tables, places.map { fed[$0]?.replacedCharacters ?? 0 })
    }

    /// What the ledger has to say of a window.
    func entry(
        of key: LoadKey, _ manifest: Manifest, _ table: LoadTable, _ rows: FileRows, _ tally: TableTally
    ) -> LedgerEntry {
        LedgerEntry(
            key: key, start: manifest.window.start.map { "\($0)" }, end: "\(manifest.window.end)",
            content: rows.file.contentSHA256, rows: rows.rows, distinctIDs: tally.distinctIDs, digestSum: tally.digestSum,
            hash: tally.hash, columns: LedgerEntry.json(table.columns.map(\.name)), replacedCharacters: rows.replacedCharacters,
            run: run)
    }

    /// The rows of a file of a table.
    /// - Throws: `WindowFault.schema`.
    func rows(of file: Manifest.File, _ table: LoadTable) throws(WindowFault) -> FileRows {
        do { return FileRows(file, columns: try table.columns.of(file: file.path, named: file.columns)) } catch {
            throw .schema(error)
        }
    }

    /// - Throws: `WindowFault.unloadable` where characters were replaced, and none may be.
    func check(_ rows: FileRows) throws(WindowFault) {
        guard options.refusesUnloadable, rows.replacedCharacters > 0 else { return }
        throw .unloadable(rows.replacedCharacters, path: rows.file.path)
    }

    /// The only line that a statement answers.
    func answer(to statement: String, _ session: inout any ClientSession) async throws -> Answer {
        try Answer(try await session.run([statement]).first ?? "")
    }

    /// Whether another load has come first.
    /// - Parameters:
    ///   - files: By the places of their tables.
    ///   - lines: What the ledger says of the window.
    func isLoaded(_ files: [Int: Manifest.File], _ lines: some Sequence<String>) throws -> Bool {
        var contents: [[UInt8]: String] = [:]
        for line in lines {
            let answer = try Answer(line)
            contents[Array(try answer.text(0).utf8)] = try answer.text(1)
        }
        return files.allSatisfy { contents[Array(tables[$0.key].name.utf8)] == $0.value.contentSHA256 }
    }

    private func prune(
        _ window: PlannedWindow, _ prunes: [PlannedWindow.Prune], _ statements: TransactionStatements,
        _ session: inout any ClientSession
    ) async throws -> [WindowResult] {
        try await session.run(statements.begin)
        let time = try await answer(to: statements.questions.time, &session).text(0)
        for prune in prunes {
            try await session.run(statements.removal(of: window.key, from: prune.table, at: time))
        }
        try await session.run([statements.commit])
        return window.results(tables)
    }
}

/// The content of a table for a window, as the warehouse counts it.
struct TableTally: Hashable {
    let rows: Int
    /// Nil where the table has no column of ids.
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

    /// - Throws: `WindowFault` where it is not what was fed, and what the manifest says.
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
        }
    }
}
