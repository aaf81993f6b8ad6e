import Crypto
import ExportCore
import ExportFormats
import ExportStore
import Foundation

/// One file of a window in the making: rows → blocks of one size → compressed, in parallel → written in order.
///
/// A block ends with the row that fills it, so that the bytes depend neither on how the rows came nor on how many blocks are compressed
/// at the same time.
struct FileEncoder {
    let output: Output
    private var rowEncoder: any RowEncoder
    private let redaction: RowRedaction?
    private var pending: [UInt8] = []
    /// Nil where the file is the content.
    private var content: SHA256?
    private(set) var rows = 0
    private var tally: ColumnTally
    /// Blocks cut so far.
    private(set) var blocks = 0

    /// Uncompressed bytes in a block, at the least.
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

    /// A whole block, where there is one.
    mutating func nextBlock() -> [UInt8]? {
        pending.count >= Self.blockSize ? cut() : nil
    }

    /// The rest at the end of the file; nil if there is none.
    mutating func lastBlock() throws -> [UInt8]? {
        try rowEncoder.appendFooter(to: &pending)
        return pending.isEmpty ? nil : cut()
    }

    private mutating func cut() -> [UInt8] {
        var block: [UInt8] = []
        swap(&block, &pending)
        // Room for the row that fills it.
        pending.reserveCapacity(Self.blockSize + Self.blockSize / 8)
        content?.update(data: block)
        blocks += 1
        return block
    }

    /// How many values did not fit their columns, by the columns' names. Nil where all did.
    var misfitsByName: [String: Int]? { byName(tally.misfits) }

    /// How many values were cut, by the columns' names. Nil where none was.
    var cutsByName: [String: Int]? { byName(tally.cuts) }

    private func byName(_ counts: [Int: Int]) -> [String: Int]? {
        guard !counts.isEmpty, let columns else { return nil }
        // Names that differ in their bytes alone are one key of the manifest: the first has their sum.
        return Dictionary(counts.sorted { $0.key < $1.key }.map { (columns[$0], $1) }, uniquingKeysWith: +)
    }

    var columns: [String]? { rowEncoder.layout?.columns.map(\.name) }

    /// The types of the columns, as a manifest has them.
    var types: [String]? { rowEncoder.layout?.columns.map(\.content.typeName) }

    /// Which of the declared columns of keys had a value. None is said to be empty where there are no rows.
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

    /// Nil where it is that of the file.
    var contentSHA256: String? { content?.finalize().hexadecimal }

    /// A block as it is written.
    enum Packed: Sendable {
        case plain([UInt8])
        case gzip(GzipBlock)
    }

    /// For the manifest.
    static func name(of output: Output) -> String {
        switch output.compression {
        case .none: Manifest.File.noEncoder
        case .gzip(let level) where output.format == .parquet: WholeGzip.encoder(level: level)
        case .gzip(let level): GzipBlock.encoder(level: level)
        case .zstd(let level): Zstd.encoder(level: level)
        }
    }
}

/// The file behind an encoder: takes packed blocks in any order, and writes them in theirs.
final class PackedFile {
    private var file: OutputFile?
    private var member: GzipMember?
    private var zstd: ZstdCompressor?
    private var next = 0
    private var early: [Int: FileEncoder.Packed] = [:]

    /// Threads that compress with zstd, for each file.
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

    /// Ends the file; nil where it has ended before.
    func finish() throws -> OutputFile.Digest? {
        if let member { try file?.write(member.finish()) }
        member = nil
        try zstd.take()?.finish { try file?.write($0) }
        return try file.take()?.finish()
    }
}
