/// The smallest and the largest value of a column, which readers use to skip row groups.
struct ColumnBounds {
    private let type: ParquetType
    private var isEmpty = true
    private var integers: (low: Int64, high: Int64) = (0, 0)
    private var numbers: (low: Double, high: Double) = (0, 0)
    private var texts: (low: [UInt8], high: [UInt8]) = ([], [])

    /// The maximum length in bytes of a text that is written as a bound.
    static let longestText = 64

    init(_ type: ParquetType) { self.type = type }

    mutating func add(_ value: Int64) {
        integers = isEmpty ? (value, value) : (min(integers.low, value), max(integers.high, value))
        isEmpty = false
    }

    mutating func add(_ value: Double) {
        numbers = isEmpty ? (value, value) : (min(numbers.low, value), max(numbers.high, value))
        isEmpty = false
    }

    mutating func add(_ value: Span<UInt8>) {
        if isEmpty || value.compare(to: texts.low.span) < 0 { texts.low = Self.head(value) }
        if isEmpty || value.compare(to: texts.high.span) > 0 { texts.high = Self.head(value) }
        isEmpty = false
    }

    /// The beginning of a value, one byte longer than a bound, to show whether the text is too long.
    private static func head(_ value: Span<UInt8>) -> [UInt8] {
        [UInt8](copying: value.extracting(0..<min(value.count, longestText + 1)))
    }

    /// Both bounds for the statistics of a column. `nil` if there is no value, or a bound is too long, because some readers treat a
    /// truncated bound as a value.
    var encoded: (low: [UInt8], high: [UInt8])? {
        guard !isEmpty else { return nil }
        switch type {
        case .boolean: return ([UInt8(integers.low)], [UInt8(integers.high)])
        case .integer, .timestamp: return (Self.bytes(integers.low), Self.bytes(integers.high))
        // Some readers order -0 before 0.
        case .number:
            return (
                Self.bytes(numbers.low == 0 ? (-0.0).bitPattern : numbers.low.bitPattern),
                Self.bytes(numbers.high == 0 ? (0.0).bitPattern : numbers.high.bitPattern)
            )
        case .text:
            guard texts.low.count <= Self.longestText, texts.high.count <= Self.longestText else { return nil }
            return texts
        }
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: value)
        return bytes
    }
}
