import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

/// Puts the rows of a file into a session's temporary table.
struct RowFeed {
    private let system: WarehouseSystem
    private let statements: TransactionStatements
    private let temporaryFolder: String

    init(_ system: WarehouseSystem, _ statements: TransactionStatements, temporaryFolder: String) {
        self.system = system
        self.statements = statements
        self.temporaryFolder = temporaryFolder
    }

    /// Empties the table, and reads the file into it.
    /// - Returns: What was read, with its counts.
    /// - Throws: `FileFault` where the file is not what its manifest says, `StoreError`, `ClientEnded`. The session goes on after the
    ///   first two.
    func feed(
        _ fed: FileRows, from destination: any ReadableDestination, into place: Int, _ session: inout any ClientSession
    ) async throws -> FileRows {
        let input = try await fed.open(in: destination)
        try await session.run([statements.emptyStaging(place)])
        var rows = fed
        switch system {
        case .duckdb:
            // Through a temporary file, which the client reads once all of it was checked.
            let file = try RowFile(in: temporaryFolder)
            defer { file.remove() }
            try await rows.read(from: input, CSVText.append) { try file.write($0) }
            try await session.run([statements.insertion(rows.columns, fromFile: file.path, into: place)])
        default:
            try await session.feed(statements.copy(rows.columns, into: place)) { write in
                try await rows.read(from: input, CopyText.append, write: write)
            }
        }
        return rows
    }
}
