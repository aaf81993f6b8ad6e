/// SplitMix64: the same numbers for the same seed on every platform and in every Swift release.
///
/// The standard library's `random(in:using:)` does not promise that, and the sample files are compared byte for byte.
struct SplitMix: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A generator of its own for one thing out of many, so that a change to one row moves no other.
    init(seed: UInt64, stream: Int) {
        var outer = SplitMix(seed: seed)
        state = outer.next() ^ (UInt64(truncatingIfNeeded: stream) &* 0xD129_0D3B_3F0B_2D6B)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of 0 ..< `bound`; 0 where `bound` is not positive.
    mutating func below(_ bound: Int) -> Int {
        bound > 0 ? Int(next() % UInt64(bound)) : 0
    }

    /// True in `percent` of 100 cases.
    mutating func chance(_ percent: Int) -> Bool {
        below(100) < percent
    }

    /// A number of 0 ..< 1.
    mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[below(values.count)]
    }

    /// Fisher and Yates.
    mutating func shuffle<Values: MutableCollection & RandomAccessCollection>(_ values: inout Values) where Values.Index == Int {
        guard values.count > 1 else { return }
        for last in (1..<values.count).reversed() {
            values.swapAt(values.startIndex + last, values.startIndex + below(last + 1))
        }
    }

    /// A string of lower-case hexadecimal digits.
    mutating func hex(_ digits: Int) -> String {
        String((0..<digits).map { _ in Array("0123456789abcdef")[below(16)] })
    }
}
