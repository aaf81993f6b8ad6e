import ExportCore
import ExportStore
import Foundation

/// The content of a destination's lock: its holder, its lease, and the commit in progress.
struct LockRecord: Sendable, Equatable, Codable {
    /// The format of this file; 1.
    var format = 1
    /// For people.
    var holder: String
    /// The units of a lock on some units. Nil: its name says what it is on.
    var units: [String]?
    /// The declaration whose windows are written. Nil of an older version, and of one that writes none.
    var declaration: LockDeclaration?
    /// Tells this holder from every other.
    var token: String
    var leaseSeconds: Int
    /// For people: whether the lease has passed is judged by the store's clock.
    var expiresAt: Instant
    /// The number of renewals, so that no two records of a holder are the same bytes.
    var renewals = 0
    /// Its holder has given it back.
    var isReleased = false
    /// The window whose files are being made visible. Nil: none is.
    var commit: Commit?

    /// A commit that is under way. Whoever finds it behind a run that died clears up after it.
    struct Commit: Sendable, Equatable, Codable {
        var window: String
        /// The paths of the files that it replaces and of those that it brings, from the destination on.
        var paths: [String]
        /// The columns that had been discovered before it, with their types. Nil: it changes none.
        var columns: ColumnCatalog?
    }

    enum CodingKeys: String, CodingKey {
        case format, holder, units, declaration, token
        case leaseSeconds = "lease_seconds"
        case expiresAt = "expires_at"
        case renewals
        case isReleased = "released"
        case commit
    }

    init(
        holder: String, units: [String]? = nil, declaration: LockDeclaration? = nil, token: String, lease: Duration, now: Instant
    ) {
        self.holder = holder
        self.units = units
        self.declaration = declaration
        self.token = token
        leaseSeconds = Int(lease.components.seconds)
        expiresAt = now.advanced(by: lease)
    }

    var lease: Duration { .seconds(leaseSeconds) }

    /// Nil for what is no lock's record. One that names what is no file of a destination is none: whoever takes it over would remove it.
    init?(_ content: Data) {
        guard let record = try? JSONDecoder().decode(LockRecord.self, from: content), record.isSound else { return nil }
        self = record
    }

    private var isSound: Bool {
        guard Self.leases.contains(leaseSeconds), 0..<Self.maximumRenewals ~= renewals else { return false }
        guard let commit else { return true }
        return DestinationPath.isName(commit.window)
            && commit.paths.allSatisfy { DestinationPath.isCommitted($0, of: commit.window) }
    }

    /// Seconds: a destination may be set to an hour at the most.
    private static let leases = 1...3600
    private static let maximumRenewals = 1_000_000_000

    /// - Throws: What encoding throws.
    func content() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
