import FoundationEssentials

extension Instant {
    /// The system's clock. Decisions take the time as an argument; this is for those who act on them.
    public static var now: Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
