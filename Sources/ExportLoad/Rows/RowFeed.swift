import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

/// Puts the rows of a file into a session's temporary table.
struct RowFeed {
    private let system: WarehouseSystem
    private let statements: LoadStatements
    private let temporaryFolder: String

    init(_ system: WarehouseSystem, _ statements: LoadStatements, temporaryFolder: String) {
        self.system = system
        self.statements = statements
        self.temporaryFolder = temporaryFolder
    }

    /// Empties the table, and reads the file into it.
    /// - Returns: What was read, with its counts.
    /// - Throws: `FileFault` where the file is not what its manifest says, `StoreError`, `ClientSession.Ended`. The session goes on after the
    ///   first two.
    func feed(
        _ rows: FileRows, from destination: any ReadableDestination, into place: Int, _ session: inout ClientSession
    ) async throws -> FileRows {
        guard try await destination.size(ofFile: rows.file.path) != nil else { throw FileFault.missing(rows.file.path) }
        let input = try await destination.openFile(rows.file.path)
        try await session.run([statements.emptyStaging(place)])
        return switch system {
        case .duckdb: try await feedFile(rows, from: input, into: place, &session)
        default: try await feedInput(rows, from: input, into: place, &session)
        }
    }

    /// Through the client's standard input.
    private func feedInput(
        _ fed: FileRows, from input: any ReadableFile, into place: Int, _ session: inout ClientSession
    ) async throws -> FileRows {
        var rows = fed
        // The client stops at the first error: rows that follow a refused COPY are not read as statements.
        try await session.send(Array((statements.copy(rows.columns, into: place) + "\n").utf8))
        var fault: (any Error)?
        let writing = session
        do {
            try await rows.read(from: input, CopyText.append) { try await writing.send($0) }
        } catch let error where error is FileFault || error is StoreError {
            fault = error
        }
        try await session.send(Array("\\.\n".utf8))
        try await session.run([])
        if let fault { throw fault }
        return rows
    }

    /// Through a temporary file, which the client reads once all of it was checked.
    private func feedFile(
        _ fed: FileRows, from input: any ReadableFile, into place: Int, _ session: inout ClientSession
    ) async throws -> FileRows {
        var rows = fed
        let file = try RowFile(in: temporaryFolder)
        defer { file.remove() }
        try await rows.read(from: input, CSVText.append) { try file.write($0) }
        try await session.run([statements.insertion(rows.columns, fromFile: file.path, into: place)])
        return rows
    }
}
