public import ExportCore
import FoundationEssentials

/// The record of a persistent spool before its rows: a line of JSON with a checksum over it and the rows.
public struct SpoolRecord: Sendable, Codable {
    /// In the first record: whose rows these are.
    var origin: SpoolOrigin?
    /// The piece whose rows follow, all of them, in order. Nil: rows that a later run does not take over.
    var piece: WalkPiece?
    /// The piece is not to be taken over after all.
    var dropped: Int?
    /// Keys that no record before names, or not with values of these kinds.
    var keys: [DiscoveredKey]?
    /// The server's count of the whole window when its export began.
    var countBefore: Int?
    /// Bytes of the rows that follow.
    private(set) var bytes = 0

    init(origin: SpoolOrigin) { self.origin = origin }

    /// Rows that only this run can use.
    public init() {}

    /// Creates the record of a piece whose rows follow.
    public init(piece: WalkPiece, keys: [DiscoveredKey], countBefore: Int?) {
        self.piece = piece
        self.keys = keys.isEmpty ? nil : keys
        self.countBefore = countBefore
    }

    /// Creates the record that drops a piece.
    public init(dropped: Int) { self.dropped = dropped }

    func line(before rows: [UInt8]) throws -> [UInt8] {
        var record = self
        record.bytes = rows.count
        let json = Array(try JSONEncoder().encode(record))
        var checksum = SpoolChecksum()
        checksum.update(json)
        checksum.update(rows)
        return json + [Self.separator] + checksum.finish() + [UInt8(ascii: "\n")]
    }

    private static let separator = UInt8(ascii: " ")
    private static let checksumLength = 16

    /// Takes a line apart. Nil for what is none.
    static func read(line: ArraySlice<UInt8>) -> (record: SpoolRecord, json: [UInt8], checksum: [UInt8])? {
        let json = Array(line.dropLast(checksumLength + 1))
        guard line.dropLast(checksumLength).last == separator,
            let record = try? JSONDecoder().decode(SpoolRecord.self, from: Data(json)), record.isWithinBounds
        else { return nil }
        return (record, json, Array(line.suffix(checksumLength)))
    }

    /// Whether each number is one that a run can have written. Walks reckon with them.
    private var isWithinBounds: Bool {
        let counts = [bytes, countBefore ?? 0, dropped ?? 1, piece?.id ?? 1, piece?.seen ?? 0, piece?.written ?? 0]
        return counts.allSatisfy { 0...Self.largestNumber ~= $0 } && piece?.range.isForward ?? true
    }

    /// More than any service has of rows, and any spool of bytes; some million of them still have a sum.
    private static let largestNumber = 1 << 40
}

/// The window and the declaration whose rows a spool holds: only the same ones take them over.
struct SpoolOrigin: Sendable, Hashable, Codable {
    /// The format of the spool; 3. Nobody takes over those of another.
    let format: Int
    let fingerprint: String
    let range: TimeRange
    /// The id of the system's start. After another one, what was written last may not have reached the disk.
    var boot: String?
    let begunAt: Instant

    private static let newestFormat = 3

    /// Rows older than this are fetched anew: what the service says of them may have changed.
    static let maximumAge = Duration.seconds(24 * 3600)

    init(fingerprint: String, range: TimeRange, now: Instant) {
        format = Self.newestFormat
        self.fingerprint = fingerprint
        self.range = range
        boot = Self.boot
        begunAt = now
    }

    func canBeTakenOver(by other: SpoolOrigin) -> Bool {
        format == other.format && fingerprint == other.fingerprint && range == other.range && boot != nil && boot == other.boot
            && other.begunAt.duration(since: begunAt) < Self.maximumAge
    }

    /// Nil where the system does not tell.
    private static let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id").map {
        String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
    }
}
