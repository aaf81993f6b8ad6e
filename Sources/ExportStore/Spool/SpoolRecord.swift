public import ExportCore
import FoundationEssentials

/// The record before the rows in a persistent spool: a line of JSON with a checksum over the line and the rows.
public struct SpoolRecord: Sendable, Codable {
    /// The origin of the rows, in the first record.
    var origin: SpoolOrigin?
    /// The piece whose rows follow, complete and in order. `nil` for rows from which a later run does not continue.
    var piece: WalkPiece?
    /// The id of a piece that was dropped.
    var dropped: Int?
    /// Keys that no earlier record has, or not with values of these kinds.
    var keys: [DiscoveredKey]?
    /// The server's count of the whole window when its export began.
    var countBefore: Int?
    /// The size of the rows that follow, in bytes.
    private(set) var bytes = 0

    init(origin: SpoolOrigin) { self.origin = origin }

    /// Creates the record of rows that only this run can use.
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

    /// Parses a line. `nil` if it is not a record.
    static func read(line: ArraySlice<UInt8>) -> (record: SpoolRecord, json: [UInt8], checksum: [UInt8])? {
        let json = Array(line.dropLast(checksumLength + 1))
        guard line.dropLast(checksumLength).last == separator,
            let record = try? JSONDecoder().decode(SpoolRecord.self, from: Data(json)), record.isWithinBounds
        else { return nil }
        return (record, json, Array(line.suffix(checksumLength)))
    }

    /// Whether each number is one that a run can write, since walks calculate with them.
    private var isWithinBounds: Bool {
        let counts = [bytes, countBefore ?? 0, dropped ?? 1, piece?.id ?? 1, piece?.seen ?? 0, piece?.written ?? 0]
        return counts.allSatisfy { 0...Self.largestNumber ~= $0 } && piece?.range.isForward ?? true
    }

    /// The largest plausible number of rows or bytes, small enough for the sum of a million of them not to overflow.
    private static let largestNumber = 1 << 40
}

/// The window and the declaration of the rows in a spool. Only a run with the same ones continues from it.
struct SpoolOrigin: Sendable, Hashable, Codable {
    /// The format of the spool; 3. Spools of other formats are not continued from.
    let format: Int
    let fingerprint: String
    let range: TimeRange
    /// The id of the system's boot. After a reboot, the latest data may not have reached the disk.
    var boot: String?
    let begunAt: Instant

    private static let newestFormat = 3

    /// The age after which rows are fetched anew, because they may have changed at the service.
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

    /// The id of the current boot. `nil` if the system does not provide it.
    private static let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id").map {
        String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
    }
}
