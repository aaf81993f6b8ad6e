import FoundationEssentials

extension Instant {
    /// The current time of the system's clock. Code that decides takes the time as an argument; only code that acts reads the clock.
    public static var now: Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
