/// Random numbers that are the same for the same seed, on every platform (SplitMix64).
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: some BinaryInteger) {
        state = UInt64(truncatingIfNeeded: seed)
    }

    /// Numbers of their own for each name.
    public init(seed: UInt64, name: String) {
        state = name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of 0 ..< `bound`, which is not 0.
    public mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next() % UInt64(bound))
    }

    /// True once in so many times.
    public mutating func oneIn(_ count: Int) -> Bool {
        below(count) == 0
    }

    /// One of the elements, of which there must be one.
    public mutating func pick<Elements: RandomAccessCollection>(_ elements: Elements) -> Elements.Element
    where Elements.Index == Int {
        elements[elements.startIndex + below(elements.count)]
    }
}
