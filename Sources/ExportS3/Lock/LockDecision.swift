import ExportCore

/// The action for an existing lock.
enum LockDecision: Equatable, Sendable {
    /// It is this run's own, taken by an earlier attempt whose response was lost.
    case mine(LockRecord)
    /// Nobody holds it.
    case free
    /// Its holder has crashed: take it over, unless another run is faster.
    case takeOver(left: LockRecord?)
    /// Its holder may be in progress.
    case refuse(holder: String?)

    /// A tolerance, because ages are rounded to whole seconds.
    private static let grace = Duration.seconds(2)

    /// Decides about an existing lock.
    /// - Parameters:
    ///   - found: Its record. `nil` if it cannot be read.
    ///   - age: The time since it was written, by the store's clock. `nil` if the store does not say; the holder's `expiresAt` then counts.
    static func about(_ found: LockRecord?, token: String, age: Duration?, now: Instant) -> LockDecision {
        if let found, found.token == token { return .mine(found) }
        if found?.isReleased == true { return .free }
        let lease = found?.lease ?? ObjectLocation.defaultLease
        // An unreadable lock of unknown age must not be taken.
        guard let age = age ?? found.map({ now.duration(since: $0.expiresAt) + lease }) else { return .refuse(holder: nil) }
        let left = lease + grace - age
        guard left > .zero else { return .takeOver(left: found) }
        return .refuse(
            holder: found.map {
                "\($0.holder) (if that run has died, its lock expires in \(max(1, left.components.seconds)) s)"
            })
    }
}
