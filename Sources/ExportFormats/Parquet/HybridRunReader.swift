/// Reads values in Parquet's hybrid of run lengths and packed bits.
struct HybridRunReader {
    private let bitWidth: Int
    private var position: Int
    private let end: Int
    private var left = 0
    /// The value of the run. `nil` if the values are packed.
    private var repeated: UInt32?
    private var (bits, bitCount): (UInt64, Int) = (0, 0)

    /// Creates a reader.
    /// - Parameter extent: The extent of the runs within the page.
    init(_ extent: Range<Int>, bitWidth: Int) {
        (position, end) = (extent.lowerBound, extent.upperBound)
        self.bitWidth = bitWidth
    }

    /// The next value. `nil` if there is none, or the runs are invalid.
    mutating func next(_ page: Span<UInt8>) -> UInt32? {
        if left == 0, !begin(page) { return nil }
        left -= 1
        if let repeated { return repeated }
        while bitCount < bitWidth {
            guard position < end else { return nil }
            bits |= UInt64(page[position]) << bitCount
            position += 1
            bitCount += 8
        }
        defer {
            bits >>= UInt64(bitWidth)
            bitCount -= bitWidth
        }
        return UInt32(truncatingIfNeeded: bits & (1 << UInt64(bitWidth) - 1))
    }

    private mutating func begin(_ page: Span<UInt8>) -> Bool {
        var (header, shift) = (0, 0)
        repeat {
            guard position < end, shift < 35 else { return false }
            header |= Int(page[position] & 0x7F) << shift
            shift += 7
            position += 1
        } while page[position - 1] >= 0x80
        guard header >> 1 > 0 else { return false }
        if header & 1 == 1 {
            left = header >> 1 * 8
            repeated = nil
            (bits, bitCount) = (0, 0)
            return true
        }
        left = header >> 1
        var value: UInt32 = 0
        for shift in stride(from: 0, to: bitWidth, by: 8) {
            guard position < end else { return false }
            value |= UInt32(page[position]) << UInt32(shift)
            position += 1
        }
        repeated = value
        return true
    }
}
