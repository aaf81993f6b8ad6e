import ExportCore

/// The action for an existing lock.
enum LockDecision: Equatable, Sendable {
    /// It is this run's own: an earlier try took it, and its answer was lost.
    case mine(LockRecord)
    /// Nobody holds it.
    case free
    /// Its holder died: it is taken over, if nobody else is quicker.
    case takeOver(left: LockRecord?)
    /// Its holder may be alive.
    case refuse(holder: String?)

    /// Ages come in whole seconds, one of them begun.
    private static let grace = Duration.seconds(2)

    /// - Parameters:
    ///   - found: Nil where it cannot be read.
    ///   - age: How long ago it was written, by the store's clock. Nil where the store does not say: then the holder's word counts.
    static func about(_ found: LockRecord?, token: String, age: Duration?, now: Instant) -> LockDecision {
        if let found, found.token == token { return .mine(found) }
        if found?.isReleased == true { return .free }
        let lease = found?.lease ?? ObjectLocation.defaultLease
        // A lock that nobody can read, and whose age nobody knows, is nobody's to take.
        guard let age = age ?? found.map({ now.duration(since: $0.expiresAt) + lease }) else { return .refuse(holder: nil) }
        let left = lease + grace - age
        guard left > .zero else { return .takeOver(left: found) }
        return .refuse(
            holder: found.map {
                "\($0.holder) (if that run has died, its lock expires in \(max(1, left.components.seconds)) s)"
            })
    }
}
