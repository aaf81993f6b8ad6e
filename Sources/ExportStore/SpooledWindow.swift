public import ExportCore
import FoundationEssentials
import SystemPackage

/// What an interrupted run had spooled of a window.
public struct SpooledWindow: Sendable {
    public let spool: Spool
    /// Where the spool ends.
    public let end: Int
    public let remains: WalkRemains
    /// By the ids of the pieces.
    public let extents: [Int: Spool.Extent]
    /// What the rows have below the flattened fields.
    public let keys: [DiscoveredKey]

    /// Of a record. Where one is longer, what follows is not taken over.
    private static let longestLine = 16 << 20

    /// Takes over a spool, and cuts off a last record that is not whole.
    /// - Returns: nil where there is nothing to go on from.
    init?(_ name: FileName, in folder: Folder, for origin: SpoolOrigin) throws {
        guard let spool = try Spool(opening: name, in: folder) else { return nil }
        self.spool = spool
        var (position, size) = (0, try spool.size)
        var (pieces, extents, keys): ([Int: WalkPiece], [Int: Spool.Extent], [DiscoveredKey]) = ([:], [:], [])
        var countBefore: Int?
        while let (record, rows) = try Self.record(of: spool, at: position), rows.end <= size {
            if position == 0 {
                guard let found = record.origin, found.canBeTakenOver(by: origin) else { return nil }
            }
            if let piece = record.piece {
                pieces[piece.id] = piece
                extents[piece.id] = rows
            }
            if let dropped = record.dropped { (pieces[dropped], extents[dropped]) = (nil, nil) }
            countBefore = countBefore ?? record.countBefore
            keys += record.keys ?? []
            position = rows.end
        }
        guard let countBefore, !pieces.isEmpty else { return nil }
        end = position
        try spool.cut(at: end)
        remains = WalkRemains(pieces: pieces.values.sorted { $0.id < $1.id }, countBefore: countBefore)
        self.extents = extents
        self.keys = keys
    }

    /// Whether no window can take a spool over any more.
    static func isOutlived(_ name: FileName, in folder: Folder, now: Instant) throws -> Bool {
        guard let spool = try Spool(opening: name, in: folder) else { return false }
        guard let origin = try record(of: spool, at: 0)?.0.origin else { return true }
        return !origin.canBeTakenOver(by: SpoolOrigin(fingerprint: origin.fingerprint, range: origin.range, now: now))
    }

    /// The record at a position, and where its rows stand; nil where no whole line is.
    private static func record(of spool: Spool, at position: Int) throws -> (SpoolRecord, Spool.Extent)? {
        var length = 4096
        while length <= longestLine {
            let bytes = try spool.read(atMost: .init(offset: position, length: length))
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                guard let record = try? JSONDecoder().decode(SpoolRecord.self, from: Data(bytes[..<end])) else { return nil }
                return (record, Spool.Extent(offset: position + end + 1, length: record.bytes))
            }
            guard bytes.count == length else { return nil }
            length *= 4
        }
        return nil
    }
}
