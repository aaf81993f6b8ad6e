import Crypto
import ExportCore
import ExportFormats
import ExportStore
import ExportWarehouse

/// The rows of a window's file for loading into a table. They are decoded and counted, and the file is verified while it is read.
struct FileRows {
    let file: Manifest.File
    let columns: [LoadTable.Column]
    private(set) var rows = 0
    private(set) var digestSum: Int128 = 0
    private(set) var replacedCharacters = 0

    /// The minimum number of bytes that are passed on at once.
    private static let blockSize = 256 * 1024

    /// The rows that are passed on, by their indices in the file. `nil` for all.
    private let chosen: Set<Int>?

    init(_ file: Manifest.File, columns: [LoadTable.Column], choosing chosen: Set<Int>? = nil) {
        self.file = file
        self.columns = columns
        self.chosen = chosen
    }

    /// Opens the file.
    /// - Throws: `FileFault.missing`, `StoreError`.
    func open(in destination: any ReadableDestination) async throws -> any ReadableFile {
        guard try await destination.size(ofFile: file.path) != nil else { throw FileFault.missing(file.path) }
        return try await destination.openFile(file.path)
    }

    /// Reads the file to its end.
    /// - Parameters:
    ///   - append: Writes a row.
    ///   - write: Called with what was written, block by block.
    /// - Throws: `FileFault` if the file does not match the manifest, `StoreError`, and what `write` throws.
    mutating func read(
        from input: any ReadableFile, _ append: (RowCells, Int64, inout [UInt8]) -> Void, write: ([UInt8]) async throws -> Void
    ) async throws {
        guard let format = Output.Format(rawValue: file.format) else { throw FileFault.format(file.path, "unknown format") }
        // If the content is invalid, the rest still shows whether the file was changed.
        var fault: FileFault?
        func note(_ error: any Error) throws {
            guard error is RowReadError || error is InflateError else { throw error }
            fault = .format(file.path, "\(error)")
        }
        var footer: ParquetFooter?
        if format == .parquet {
            do { footer = try await ParquetFooter.read(size: file.bytes, input.bytes) } catch { try note(error) }
        }
        let cells = columns.map { CellColumn(name: $0.source, type: $0.type) }
        // `nil` if the footer is broken.
        var reader = format.cellReader(cells, footer: footer, replacing: true)
        var digest = TableRowDigester(columns)
        var hash = SHA256()
        var block: [UInt8] = []
        block.reserveCapacity(2 * Self.blockSize)
        var (rows, sum, replaced) = (0, Int128(0), 0)
        func take(_ content: Span<UInt8>) throws {
            try reader?.read(content) { row in
                defer { rows += 1 }
                if let chosen, !chosen.contains(rows) { return }
                let number = digest.digest(row)
                sum += Int128(number)
                replaced += row.replacedCharacters
                append(row, number, &block)
            }
        }
        func flush(atLeast size: Int) async throws {
            guard block.count >= size else { return }
            try await write(block)
            block.removeAll(keepingCapacity: true)
        }
        var content: ContentReader?
        do { content = try ContentReader(file.compression) } catch { try note(error) }
        while let chunk = try await input.next() {
            try Task.checkCancellation()
            hash.update(data: chunk)
            guard fault == nil else { continue }
            do { try content?.read(chunk.span) { try take($0) } } catch { try note(error) }
            try await flush(atLeast: Self.blockSize)
        }
        do { try content.take()?.finish() } catch  where fault == nil { try note(error) } catch {}
        if fault == nil { do { try reader?.finish() } catch { try note(error) } }
        guard hash.finalize().hexadecimal == file.sha256 else { throw FileFault.changed(file.path) }
        if let fault { throw fault }
        guard rows == file.rows else { throw FileFault.rows(file.path, found: rows, expected: file.rows) }
        if !block.isEmpty { try await flush(atLeast: 1) }
        (self.rows, digestSum, replacedCharacters) = (rows, sum, replaced)
    }
}

/// The reason why a file of the destination was not loaded.
enum FileFault: Error, Hashable {
    case missing(String)
    case changed(String)
    case format(String, String)
    case rows(String, found: Int, expected: Int)
}

extension FileFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .missing(let path): "\(path) is missing. Run the pipeline with --force for this window."
        case .changed(let path):
            "\(path) has been changed: its SHA-256 differs from the manifest. Run the pipeline with --force for this window."
        case .format(let path, let reason): "\(path): \(reason). Run the pipeline with --force for this window."
        case .rows(let path, let found, let expected): "\(path) has \(found) rows; the manifest says \(expected)."
        }
    }
}
