/// The distinct values of a column, in the order of their first occurrence.
struct ValueDictionary {
    /// The concatenated values.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// A hash table of value numbers, counted from 1, with open addressing. 0 marks a free slot.
    private var places = [UInt32](repeating: 0, count: 64)

    var count: Int { ends.count }
    /// The approximate size in memory.
    var size: Int { bytes.count + ends.count * 24 + places.count * 4 }

    private func extent(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// Appends a value in PLAIN encoding.
    func append(_ index: Int, to page: inout [UInt8], as type: ParquetType) {
        page.append(plain: bytes.span.extracting(extent(index)), as: type)
    }

    /// The index of a value, which is added if necessary, and whether it is new.
    mutating func place(of value: Span<UInt8>) -> (index: UInt32, isNew: Bool) {
        let hash = XXHash64.hash(value)
        var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
        while places[place] != 0 {
            let index = Int(places[place]) - 1
            if hashes[index] == hash, isEqual(value, extent(index)) { return (UInt32(index), false) }
            place = (place + 1) & (places.count - 1)
        }
        bytes.append(value, 0..<value.count)
        ends.append(bytes.count)
        hashes.append(hash)
        places[place] = UInt32(ends.count)
        if ends.count * 2 > places.count { grow() }
        return (UInt32(ends.count - 1), true)
    }

    private func isEqual(_ value: Span<UInt8>, _ extent: Range<Int>) -> Bool {
        value.count == extent.count && value.compare(to: bytes.span.extracting(extent)) == 0
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: places.count * 4)
        for index in ends.indices {
            var place = Int(truncatingIfNeeded: hashes[index]) & (places.count - 1)
            while places[place] != 0 { place = (place + 1) & (places.count - 1) }
            places[place] = UInt32(index + 1)
        }
    }
}

extension [UInt8] {
    /// Appends a value in PLAIN encoding, with texts preceded by their lengths.
    mutating func append(plain value: Span<UInt8>, as type: ParquetType) {
        if type == .text { append(littleEndian: UInt32(value.count)) }
        append(value, 0..<value.count)
    }
}
