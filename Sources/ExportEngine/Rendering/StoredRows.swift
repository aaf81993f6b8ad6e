import Crypto
import ExportCore
import ExportFormats
import ExportStore

/// The rows of a committed window as they came, in a file of the window.
struct StoredRows: Sendable {
    let file: Manifest.File
    let destination: any PersistentDestination

    /// In bytes; more than the largest answer of the service.
    private static let maximumRowLength = 128 << 20

    /// Reads all rows, in pieces that end with a row.
    /// - Throws: `StoreError.changed` where the file is not what was written; `StoreError`, `CancellationError`, what `body` throws.
    func forEachPiece(_ body: ([UInt8]) throws -> Void) async throws {
        guard file.rows > 0 else { return }
        var (hash, rest, failure) = (SHA256(), [UInt8](), nil as (any Error)?)
        let fault = try await FileReading.read(
            file, from: try await destination.openFile(file.path), bytes: { hash.update(data: $0) }
        ) {
            guard failure == nil else { return }
            guard rest.count + $0.count >= FileEncoder.blockSize, let last = $0.lastIndex(of: UInt8(ascii: "\n")) else {
                rest += $0
                // No row is so long: it is not what was written.
                if rest.count > Self.maximumRowLength { failure = StoreError.changed(path: file.path) }
                return
            }
            do {
                try body(rest + $0[...last])
                rest = Array($0[(last + 1)...])
            } catch {
                failure = error
            }
        } row: { _ in
        }
        if let failure { throw failure }
        guard fault == nil, hash.finalize().hexadecimal == file.sha256 else { throw StoreError.changed(path: file.path) }
        if !rest.isEmpty { try body(rest) }
    }

    /// Copies the rows of a window into a spool, and collects the keys that they have below flattened fields.
    /// - Parameter discoveries: Of no row yet. None: nothing is collected.
    func spooled(
        for window: Window, fingerprint: String, discoveries: [KeyDiscovery]
    ) async throws -> (spool: Spool?, rows: [Spool.Extent], keys: [DiscoveredKey]) {
        guard file.rows > 0 else { return (nil, [], []) }
        let spool = try destination.makeSpool(for: window, fingerprint: fingerprint)
        var (extents, end, keys) = ([Spool.Extent](), spool.start, RowKeys(discoveries))
        try await forEachPiece { rows in
            try keys.collect(rows)
            let extent = try spool.append(rows, SpoolRecord(), at: end)
            extents.append(extent)
            end = extent.end
        }
        return (spool, extents, keys.keys)
    }

    /// The keys that the rows have below flattened fields.
    func keys(_ discoveries: [KeyDiscovery]) async throws -> [DiscoveredKey] {
        var keys = RowKeys(discoveries)
        try await forEachPiece { try keys.collect($0) }
        return keys.keys
    }

    /// The number of the agent that the first row names. Nil where there is no row, or it names none.
    func agent() async throws -> Int64? {
        let row = try await firstRow()
        guard let row else { return nil }
        return JSONText.value(at: ["agent"], of: try JSONText.validate(row.span), in: row.span).flatMap {
            JSONText.int64(row.span, $0)
        }
    }

    /// The first row alone, of a file that is not read to its end.
    private func firstRow() async throws -> [UInt8]? {
        var row: [UInt8] = []
        do {
            _ = try await FileReading.read(
                file, from: try await destination.openFile(file.path),
                content: { content in
                    if !row.contains(UInt8(ascii: "\n")) { row += content.prefix(Self.maximumRowLength) }
                }
            ) { _ in
                // A row was read to its end.
                throw Enough()
            }
        } catch is Enough {}
        return row.firstIndex(of: UInt8(ascii: "\n")).map { Array(row[..<$0]) }
    }

    private struct Enough: Error {}

    /// Whether the rows have the detail that is asked for, by the first of them. Manifests of 0.1.0 do not say.
    func has(_ detail: Source.Detail) async throws -> Bool {
        guard let row = try await firstRow() else { return true }
        let hasMessages = JSONText.value(at: ["messages"], of: try JSONText.validate(row.span), in: row.span) != nil
        return hasMessages == (detail == .full)
    }
}

/// Collects the keys that rows, one a line, have below flattened fields.
struct RowKeys {
    private var discoveries: [KeyDiscovery]

    init(_ discoveries: [KeyDiscovery]) { self.discoveries = discoveries }

    var keys: [DiscoveredKey] { discoveries.flatMap(\.keys) }

    mutating func collect(_ rows: [UInt8]) throws {
        guard !discoveries.isEmpty else { return }
        var start = 0
        while let end = rows.span.firstIndex(of: UInt8(ascii: "\n"), in: start..<rows.count) {
            let row = rows.span.extracting(start..<end)
            let object = try JSONText.validate(row)
            for place in discoveries.indices {
                for (index, field) in discoveries[place].scannedFields.enumerated() {
                    guard let value = JSONText.value(at: [field], of: object, in: row) else { continue }
                    discoveries[place].collect(scanned: index, value, in: row)
                }
            }
            start = end + 1
        }
    }
}
