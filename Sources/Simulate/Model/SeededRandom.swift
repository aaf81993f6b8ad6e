import Foundation

/// A random number generator with a seed and the same numbers on every platform: splitmix64.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A random number from 0 to 1.
    mutating func share() -> Double {
        Double(next() >> 11) / Double(1 << 53)
    }

    /// A random factor around 1 with a log-normal distribution: half is as likely as double.
    mutating func logNormal(spread: Double) -> Double {
        let normal = (-2 * log(1 - share())).squareRoot() * cos(2 * .pi * share())
        return exp(spread * normal)
    }
}
