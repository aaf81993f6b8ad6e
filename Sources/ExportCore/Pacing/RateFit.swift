/// A limit of a rate that explains what was admitted and what was refused.
struct RateFit: Sendable {
    /// How the service counts.
    enum Kind: Sendable {
        case bucket, second
    }

    let kind: Kind
    /// Requests a second: at least, likeliest, at most.
    let low: Double
    let rate: Double
    let high: Double
    /// Requests at once, beyond the rate.
    let burst: Double

    /// Whether the rate is known well enough to stay with it.
    var isTight: Bool { high <= 1.08 * low }
}
