import ExportCore
import ExportStore
import Foundation

/// The content of a destination's lock: its holder, its lease, and the commit in progress.
struct LockRecord: Sendable, Equatable, Codable {
    /// The format of this file; 1.
    var format = 1
    /// The holder's description of itself, for messages.
    var holder: String
    /// The units of a lock on some units. `nil` if its name identifies its subject.
    var units: [String]?
    /// The declaration whose windows are written. `nil` in records of older versions, and if none are written.
    var declaration: LockDeclaration?
    /// A unique token of the holder.
    var token: String
    var leaseSeconds: Int
    /// The end of the lease, for messages. Whether it has expired is judged by the store's clock.
    var expiresAt: Instant
    /// The number of renewals, which makes all records of a holder distinct.
    var renewals = 0
    /// Whether its holder has released it.
    var isReleased = false
    /// The commit whose files are being made visible. `nil` if there is none.
    var commit: Commit?

    /// A commit in progress. A run that finds it after a crash cleans up after it.
    struct Commit: Sendable, Equatable, Codable {
        var window: String
        /// The relative paths of the files that it replaces and of those that it adds.
        var paths: [String]
        /// The discovered columns before the commit, with their types. `nil` if it changes none.
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

    /// Parses a record. `nil` if it is invalid. A record that lists paths other than files of the destination is invalid, because a run
    /// that takes the lock over would remove them.
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

    /// The valid leases in seconds. A destination may be set to at most an hour.
    private static let leases = 1...3600
    private static let maximumRenewals = 1_000_000_000

    /// Encodes the record.
    /// - Throws: Errors of encoding.
    func content() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
