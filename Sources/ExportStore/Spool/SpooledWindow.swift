public import ExportCore
import FoundationEssentials
import SystemPackage

/// The rows that an interrupted run spooled for a window.
public struct SpooledWindow: Sendable {
    /// The spool file, to read from and to append to.
    public let spool: Spool
    /// The end of the spool.
    public let end: Int
    /// The checkpoint from which the walk continues.
    public let checkpoint: WalkCheckpoint
    /// The extents of the rows, by the ids of the pieces.
    public let extents: [Int: Spool.Extent]
    /// The keys of the rows below the flattened fields.
    public let keys: [DiscoveredKey]

    /// The maximum size of a record in bytes. If one is longer, it and everything after it is discarded.
    private static let longestLine = 16 << 20
    /// The maximum number of keys in all records, including repeats. If there are more, everything after them is discarded.
    private static let maximumKeys = 1 << 18
    /// The maximum number of pieces, enough for tens of millions of rows.
    private static let maximumPieces = 1 << 18
    /// The number of bytes that are read at once, a multiple of eight.
    private static let chunkSize = 1 << 18

    /// Opens a spool to continue from it. The first incomplete or damaged record and everything after it is cut off.
    /// - Returns: `nil` if there is nothing to continue from.
    init?(_ name: FileName, in folder: Folder, for origin: SpoolOrigin) throws {
        guard let spool = try Spool(opening: name, in: folder) else { return nil }
        self.spool = spool
        var position = 0
        var (pieces, extents, keys): ([Int: WalkPiece], [Int: Spool.Extent], [DiscoveredKey]) = ([:], [:], [])
        var countBefore: Int?
        while let (record, rows) = try Self.record(of: spool, at: position) {
            if position == 0 {
                guard let found = record.origin, found.canBeTakenOver(by: origin) else { return nil }
            }
            guard keys.count + (record.keys?.count ?? 0) <= Self.maximumKeys, pieces.count < Self.maximumPieces else { break }
            if let piece = record.piece {
                pieces[piece.id] = piece
                extents[piece.id] = rows
            }
            if let dropped = record.dropped { (pieces[dropped], extents[dropped]) = (nil, nil) }
            countBefore = countBefore ?? record.countBefore
            keys += record.keys ?? []
            position = rows.end
        }
        let inOrder = pieces.values.sorted { $0.range.end < $1.range.end }
        guard let countBefore, !pieces.isEmpty, zip(inOrder, inOrder.dropFirst()).allSatisfy({ !$0.range.meets($1.range) }) else {
            return nil
        }
        end = position
        try spool.truncate(to: end)
        checkpoint = WalkCheckpoint(pieces: inOrder, countBefore: countBefore)
        self.extents = extents
        self.keys = keys
    }

    /// Whether no run can continue from a spool any more.
    static func isExpired(_ name: FileName, in folder: Folder, now: Instant) throws -> Bool {
        guard let spool = try Spool(opening: name, in: folder) else { return false }
        guard let origin = try record(of: spool, at: 0)?.0.origin else { return true }
        return !origin.canBeTakenOver(by: SpoolOrigin(fingerprint: origin.fingerprint, range: origin.range, now: now))
    }

    /// The record at a position, and the extent of its rows. `nil` if they are incomplete or damaged.
    private static func record(of spool: Spool, at position: Int) throws -> (SpoolRecord, Spool.Extent)? {
        var length = 4096
        while length <= longestLine {
            let bytes = try spool.read(atMost: .init(offset: position, length: length))
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                guard let (record, json, checksum) = SpoolRecord.read(line: bytes[..<end]) else { return nil }
                let rows = Spool.Extent(offset: position + end + 1, length: record.bytes)
                guard try rows.end <= spool.size, try self.checksum(of: json, rows, in: spool) == checksum else { return nil }
                return (record, rows)
            }
            guard bytes.count == length else { return nil }
            length *= 4
        }
        return nil
    }

    private static func checksum(of json: [UInt8], _ rows: Spool.Extent, in spool: Spool) throws -> [UInt8] {
        var checksum = SpoolChecksum()
        checksum.update(json)
        for offset in stride(from: rows.offset, to: rows.end, by: chunkSize) {
            checksum.update(try spool.read(.init(offset: offset, length: min(chunkSize, rows.end - offset))))
        }
        return checksum.finish()
    }
}

extension TimeRange {
    /// Whether the next range in the order of their ends begins before this one's end.
    fileprivate func meets(_ next: TimeRange) -> Bool { next.start.map { $0 < end } ?? true }
}
