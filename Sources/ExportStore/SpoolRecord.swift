public import ExportCore
import FoundationEssentials

/// What a lasting spool says of the rows that follow: a line of JSON before them.
public struct SpoolRecord: Sendable, Codable {
    /// In the first record: whose rows these are.
    var origin: SpoolOrigin?
    /// The piece whose rows follow, all of them, in order. Nil: rows that a later run does not take over.
    var piece: WalkPiece?
    /// The piece is not to be taken over after all.
    var dropped: Int?
    /// Keys that no record before names, or not with values of these kinds.
    var keys: [DiscoveredKey]?
    /// What the server counted in the whole window when its export began.
    var countBefore: Int?
    /// Of the rows that follow.
    private(set) var bytes = 0

    init(origin: SpoolOrigin) { self.origin = origin }

    /// Rows that only this run can use.
    public init() {}

    public init(piece: WalkPiece, keys: [DiscoveredKey], countBefore: Int?) {
        self.piece = piece
        self.keys = keys.isEmpty ? nil : keys
        self.countBefore = countBefore
    }

    public init(dropped: Int) { self.dropped = dropped }

    func line(bytes: Int) throws -> [UInt8] {
        var record = self
        record.bytes = bytes
        return Array(try JSONEncoder().encode(record)) + [UInt8(ascii: "\n")]
    }
}

/// Whose rows a spool holds: only the same window of the same declaration takes them over.
struct SpoolOrigin: Sendable, Hashable, Codable {
    /// Of the spool; 2.
    let format: Int
    let fingerprint: String
    let range: TimeRange
    /// Of the system's start. After another one, what was written last may not have reached the disk.
    let boot: String?
    let begunAt: Instant

    /// Rows older than this are fetched anew: what the service says of them may have changed.
    static let longestLife = Duration.seconds(24 * 3600)

    init(fingerprint: String, range: TimeRange, now: Instant) {
        format = 2
        self.fingerprint = fingerprint
        self.range = range
        boot = Self.boot
        begunAt = now
    }

    func canBeTakenOver(by other: SpoolOrigin) -> Bool {
        format == other.format && fingerprint == other.fingerprint && range == other.range && boot != nil && boot == other.boot
            && other.begunAt.duration(since: begunAt) < Self.longestLife
    }

    /// Nil where the system does not tell.
    private static let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id").map {
        String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
    }
}
