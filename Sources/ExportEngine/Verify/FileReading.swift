import ExportCore
import ExportFormats
import ExportStore

/// Reads a file of a window in bounded memory: its bytes, what they hold uncompressed, and the rows in that.
enum FileReading {
    /// Reads the file to its end, even where its content turns out to be no good.
    /// - Returns: What is wrong with the compression or the format; `content` and `row` are not called any more from there on.
    /// - Throws: `StoreError`, `CancellationError`, and what `row` throws but for a `RowReadError`.
    static func read(
        _ file: Manifest.File, from input: any ReadableFile, bytes: ([UInt8]) -> Void = { _ in },
        content: ([UInt8]) -> Void = { _ in },
        row: (WrittenRow) throws -> Void
    ) async throws -> VerifyProblem.Fault? {
        let format = Output.Format(rawValue: file.format)
        var (footer, fault): (ParquetFooter?, VerifyProblem.Fault?) = (nil, nil)
        if format == .parquet {
            do { footer = try await ParquetFooter.read(size: file.bytes, input.bytes) } catch let error as RowReadError {
                fault = .format(error)
            }
        }
        // Nil for a format that this version does not read.
        var rows = format?.rowReader(of: file, footer: footer)
        func readContent(_ piece: Span<UInt8>) throws {
            content(Array(copying: piece))
            // Where the format is broken the content still is what it is.
            guard fault == nil else { return }
            do { try rows?.read(piece, row) } catch let error as RowReadError { fault = .format(error) }
        }
        var reader: ContentReader?
        var broken: InflateError?
        do { reader = try ContentReader(file.compression) } catch { broken = error }
        while let chunk = try await input.next() {
            try Task.checkCancellation()
            bytes(chunk)
            guard broken == nil else { continue }
            do { try reader?.read(chunk.span) { try readContent($0) } } catch let error as InflateError { broken = error }
        }
        if broken == nil { do { try reader.take()?.finish() } catch { broken = error } }
        if let broken { return .compression(broken) }
        guard fault == nil else { return fault }
        do { try rows?.finish() } catch { return .format(error) }
        return nil
    }
}
