import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

/// Loads the rows of files into a session's temporary tables.
struct RowFeed {
    private let system: WarehouseSystem
    private let statements: TransactionStatements
    private let temporaryFolder: String

    init(_ system: WarehouseSystem, _ statements: TransactionStatements, temporaryFolder: String) {
        self.system = system
        self.statements = statements
        self.temporaryFolder = temporaryFolder
    }

    /// Empties the tables, and loads the files into them.
    /// - Parameter files: The files with the indices of their tables.
    /// - Returns: The rows that were read, with their counts, by the indices.
    /// - Throws: `FileFault` if a file does not match its manifest, or `StoreError`, after which the session can be used further;
    ///   `ClientEnded`, `LoadError.temporaryFile`, `CancellationError`.
    func feed(
        _ files: [(place: Int, rows: FileRows)], from destination: any ReadableDestination, _ session: inout any ClientSession
    ) async throws -> [Int: FileRows] {
        switch system {
        case .duckdb: try await feedThroughFiles(files, from: destination, &session)
        default: try await feedThroughInput(files, from: destination, &session)
        }
    }

    private func feedThroughInput(
        _ files: [(place: Int, rows: FileRows)], from destination: any ReadableDestination, _ session: inout any ClientSession
    ) async throws -> [Int: FileRows] {
        var fed: [Int: FileRows] = [:]
        for (place, file) in files {
            let input = try await file.open(in: destination)
            try await session.run([statements.emptyStaging(place)])
            var rows = file
            try await session.feed(statements.copy(rows.columns, into: place)) { write in
                try await rows.read(from: input, CopyText.append, write: write)
            }
            fed[place] = rows
        }
        return fed
    }

    /// Feeds rows through temporary files. The client reads a file only after all of its rows were checked, while the next file is written.
    private func feedThroughFiles(
        _ files: [(place: Int, rows: FileRows)], from destination: any ReadableDestination, _ session: inout any ClientSession
    ) async throws -> [Int: FileRows] {
        var fed: [Int: FileRows] = [:]
        var written: WrittenRows?
        defer { written?.file.remove() }
        for (place, rows) in files {
            let file = try RowFile(in: temporaryFolder)
            var isWritten = false
            defer { if !isWritten { file.remove() } }
            async let read = Self.write(rows, from: destination, to: file)
            if let before = written.take() { fed[before.place] = try await insert(before, &session) }
            written = WrittenRows(place: place, rows: try await read, file: file)
            isWritten = true
        }
        if let last = written.take() { fed[last.place] = try await insert(last, &session) }
        return fed
    }

    private static func write(
        _ file: FileRows, from destination: any ReadableDestination, to target: RowFile
    ) async throws -> FileRows {
        var rows = file
        try await rows.read(from: try await rows.open(in: destination), CSVText.append) { try target.write($0) }
        return rows
    }

    private func insert(_ written: WrittenRows, _ session: inout any ClientSession) async throws -> FileRows {
        defer { written.file.remove() }
        try await session.run([
            statements.emptyStaging(written.place),
            statements.insertion(written.rows.columns, fromFile: written.file.path, into: written.place),
        ])
        return written.rows
    }

    /// The rows of a file, in a temporary one.
    private struct WrittenRows {
        let place: Int
        let rows: FileRows
        let file: RowFile
    }
}
