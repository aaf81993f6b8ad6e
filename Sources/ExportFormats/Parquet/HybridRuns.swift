/// Parquet's hybrid of run lengths and packed bits (specification, "Encodings": RLE), for definition levels and dictionary indices.
enum HybridRuns {
    /// Appends values: at least eight equal ones as a run, all others packed in groups of eight.
    static func append(_ values: [UInt32], bitWidth: Int, to output: inout [UInt8]) {
        var position = 0
        // The start of the values to be packed.
        var packed = 0
        while position < values.count {
            var end = position + 1
            while end < values.count, values[end] == values[position] { end += 1 }
            // Packed values come in groups of eight, so the run cedes the values that the group before it lacks.
            let filled = min(end, packed + (position - packed + 7) / 8 * 8)
            if end - filled >= 8 {
                appendPacked(values[packed..<filled], bitWidth, to: &output)
                append(run: end - filled, of: values[position], bitWidth: bitWidth, to: &output)
                packed = end
            }
            position = end
        }
        appendPacked(values[packed...], bitWidth, to: &output)
    }

    /// Appends a run of one value.
    static func append(run count: Int, of value: UInt32, bitWidth: Int, to output: inout [UInt8]) {
        output.append(varint: count << 1)
        for shift in stride(from: 0, to: bitWidth, by: 8) { output.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    private static func appendPacked(_ values: ArraySlice<UInt32>, _ bitWidth: Int, to output: inout [UInt8]) {
        guard !values.isEmpty else { return }
        let groups = (values.count + 7) / 8
        output.append(varint: groups << 1 | 1)
        var (bits, count, written): (UInt64, Int, Int) = (0, 0, 0)
        for value in values {
            bits |= UInt64(value) << count
            count += bitWidth
            while count >= 8 {
                output.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                count -= 8
                written += 1
            }
        }
        if count > 0 {
            output.append(UInt8(truncatingIfNeeded: bits))
            written += 1
        }
        output.append(contentsOf: repeatElement(0, count: groups * bitWidth - written))
    }
}

/// A sequence of bits, beginning with the lowest of each byte.
struct BitList {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    /// The number of set bits.
    private(set) var ones = 0

    mutating func append(_ isSet: Bool) {
        if count % 8 == 0 { bytes.append(0) }
        if isSet {
            bytes[bytes.count - 1] |= 1 << UInt8(count % 8)
            ones += 1
        }
        count += 1
    }

    /// Appends the bits as values of one bit.
    func appendRuns(to output: inout [UInt8]) {
        if ones == 0 || ones == count {
            if count > 0 { HybridRuns.append(run: count, of: ones == 0 ? 0 : 1, bitWidth: 1, to: &output) }
        } else {
            HybridRuns.append((0..<count).map { UInt32(bytes[$0 / 8] >> UInt8($0 % 8) & 1) }, bitWidth: 1, to: &output)
        }
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        (count, ones) = (0, 0)
    }
}
