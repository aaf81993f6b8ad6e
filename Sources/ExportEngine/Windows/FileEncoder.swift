import Crypto
import ExportCore
import ExportFormats
import ExportStore
import Foundation

/// The encoder of one file of a window: rows are collected in blocks of one size, which are compressed in parallel and written in order.
///
/// A block ends with the row that fills it, so that the bytes depend neither on the pages of the rows nor on how many blocks are compressed
/// at the same time.
struct FileEncoder {
    let output: Output
    private var rowEncoder: any RowEncoder
    private let redaction: RowRedaction?
    private var pending: [UInt8] = []
    /// The hash of the uncompressed content. `nil` if the file is not compressed.
    private var content: SHA256?
    private(set) var rows = 0
    private var tally: ColumnTally
    /// The number of blocks so far.
    private(set) var blocks = 0

    /// The minimum size of a block in uncompressed bytes.
    static let blockSize = 512 * 1024

    init(_ output: Output, rowEncoder: any RowEncoder, hasHeader: Bool) {
        self.output = output
        self.rowEncoder = rowEncoder
        redaction = RowRedaction(output.privacy)
        tally = ColumnTally(watching: rowEncoder.layout?.keyCells ?? [])
        content = output.fileCompression == .none ? nil : SHA256()
        if hasHeader { self.rowEncoder.appendHeader(to: &pending) }
    }

    mutating func append(row: Span<UInt8>) throws {
        if let redaction {
            var redacted: [UInt8] = []
            redaction.append(row: row, to: &redacted)
            try rowEncoder.append(row: redacted.span, to: &pending, tally: &tally)
        } else {
            try rowEncoder.append(row: row, to: &pending, tally: &tally)
        }
        rows += 1
    }

    /// The next full block. `nil` if there is none.
    mutating func nextBlock() -> [UInt8]? {
        pending.count >= Self.blockSize ? cut() : nil
    }

    /// The last block at the end of the file. `nil` if nothing is left.
    mutating func lastBlock() throws -> [UInt8]? {
        try rowEncoder.appendFooter(to: &pending)
        return pending.isEmpty ? nil : cut()
    }

    private mutating func cut() -> [UInt8] {
        var block: [UInt8] = []
        swap(&block, &pending)
        // Includes room for the row that fills the block.
        pending.reserveCapacity(Self.blockSize + Self.blockSize / 8)
        content?.update(data: block)
        blocks += 1
        return block
    }

    /// The number of values that did not fit their columns, by the columns' names. `nil` if all did.
    var misfitsByName: [String: Int]? { byName(tally.misfits) }

    /// The number of values that were cut, by the columns' names. `nil` if none was.
    var cutsByName: [String: Int]? { byName(tally.cuts) }

    private func byName(_ counts: [Int: Int]) -> [String: Int]? {
        guard !counts.isEmpty, let columns else { return nil }
        // Names that differ only in their bytes are one key of the manifest, which gets their sum.
        return Dictionary(counts.sorted { $0.key < $1.key }.map { (columns[$0], $1) }, uniquingKeysWith: +)
    }

    var columns: [String]? { rowEncoder.layout?.columns.map(\.name) }

    /// The types of the columns, for the manifest.
    var types: [String]? { rowEncoder.layout?.columns.map(\.content.typeName) }

    /// The declared columns of keys, and whether they had a value. Without rows, no column counts as empty.
    var use: ColumnUse {
        var use = ColumnUse()
        guard rows > 0, let layout = rowEncoder.layout else { return use }
        for place in layout.keyCells {
            let column = layout.columns[place]
            use.add(
                .init(table: output.table, name: column.name, path: "\(column.content)"), hadValue: !tally.empty.contains(place))
        }
        return use
    }

    /// SHA-256 of the uncompressed content. `nil` if it is that of the file.
    var contentSHA256: String? { content?.finalize().hexadecimal }

    /// A compressed block.
    enum Packed: Sendable {
        case plain([UInt8])
        case gzip(GzipBlock)
    }

    /// The name of the encoder of an output, for the manifest.
    static func name(of output: Output) -> String {
        switch output.compression {
        case .none: Manifest.File.noEncoder
        case .gzip(let level) where output.format == .parquet: WholeGzip.encoder(level: level)
        case .gzip(let level): GzipBlock.encoder(level: level)
        case .zstd(let level): Zstd.encoder(level: level)
        }
    }
}

/// The file of an encoder. It accepts packed blocks in any order, and writes them in their own.
final class PackedFile {
    private var file: OutputFile?
    private var member: GzipMember?
    private var zstd: ZstdCompressor?
    private var next = 0
    private var early: [Int: FileEncoder.Packed] = [:]

    /// The number of threads that compress a file with zstd.
    private static let workers = min(ProcessInfo.processInfo.activeProcessorCount, 4)

    init(_ file: consuming OutputFile, _ compression: Output.Compression) throws {
        self.file = consume file
        switch compression {
        case .none: break
        case .gzip:
            member = GzipMember()
            try self.file?.write(GzipMember.header)
        case .zstd(let level): zstd = try ZstdCompressor(level: level, workers: Self.workers)
        }
    }

    func write(_ packed: FileEncoder.Packed, at index: Int) throws {
        early[index] = packed
        while let packed = early.removeValue(forKey: next) {
            switch packed {
            case .plain(let block) where zstd != nil: try zstd?.write(block.span) { try file?.write($0) }
            case .plain(let block): try file?.write(block)
            case .gzip(let block):
                member?.append(block)
                try file?.write(block.bytes)
            }
            next += 1
        }
    }

    /// Ends the file. `nil` if it has ended before.
    func finish() throws -> OutputFile.Digest? {
        if let member { try file?.write(member.finish()) }
        member = nil
        try zstd.take()?.finish { try file?.write($0) }
        return try file.take()?.finish()
    }
}
